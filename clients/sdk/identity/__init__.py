"""Who a client is: profile, certificate, channel, and what it trusts."""
