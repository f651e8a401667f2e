"""The provider agent: a contributor's side of the encrypted aggregates, on its own premises.

Owns what an agent checks by itself, what it keeps of a round, and how it talks to the gateway; it
connects outwards only. Refuses to take the gateway's word for a key, a roster or a contract, and to
say why it declines: that stays in its own log, as one fixed word.
"""
