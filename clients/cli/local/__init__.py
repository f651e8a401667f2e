"""Commands that need the gateway itself or its machine."""
