"""Sibling processes and the channels to them."""
