"""Encrypted aggregates: one round from a signed question to a signed combination.

Owns the gateway's side of the protocols: who may ask, what is charged, whom it is passed on to, the
one roster, which contributions count, and what leaves. Refuses to read an answer (it holds no key
that could), to say why an agent declined, and to keep a round waiting without an end.
"""
