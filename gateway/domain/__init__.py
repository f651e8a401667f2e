"""The rules of the product as pure values and functions: no clock, no randomness, no I/O."""
