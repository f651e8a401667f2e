"""Policies: the documents a steward writes, their compilation, and the decision they give."""
