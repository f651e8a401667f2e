"""Secret keys from files, and what is computed with them."""
