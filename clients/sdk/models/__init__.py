"""What calls return, as frozen values."""
