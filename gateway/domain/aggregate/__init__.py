"""Encrypted aggregates as every party understands them: contract, questions, plan, statements.

Owns what is signed and what follows from it: which cells a question has, which noise, which scheme.
Gateway, agents and keyholders compute all of that from the same question and contract, and nobody
takes another's word for it. Pure: no clock, no randomness, no ciphertext. Refuses whatever the
contract does not list.
"""
