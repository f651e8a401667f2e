"""How the code lists of this folder are written: codes in one text, parted by spaces."""


def codes(listed: str) -> frozenset[str]:
    """Return the codes of a list."""
    return frozenset(listed.split())
