"""The demo provider's data: real credit attributes joined to identities that are made up.

Owns the credit table, its attribution and the generator of the identities. Refuses to look like
anything else: every row it makes says `synthetic = 1`, and no real person's identity is in it.
"""
