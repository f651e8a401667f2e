"""``pii``: find, mask, explain and score personal data in files, on this machine."""
