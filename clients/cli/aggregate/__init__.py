"""``veilgate aggregate``: ask many institutions at once, and open the answers."""
