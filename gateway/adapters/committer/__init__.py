"""The one writer: what a batch does, its process on each engine, and the ledger over it."""
