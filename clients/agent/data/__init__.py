"""An agent's data: a frozen snapshot, its evaluation, and what its answers cost and give away.

Owns everything between a checked question and the integers that are masked: reading the source
once, clipping, noise, suppression, the mirror of the ledger, overlap control. Refuses by one fixed
word, and never lets a figure, a count or an identifier into a text.
"""
