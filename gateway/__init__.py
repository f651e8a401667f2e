"""The gateway: decides, fetches, de-identifies, records, releases. It never imports ``clients``."""
