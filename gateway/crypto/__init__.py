"""Pure cryptography: Merkle logs, signatures, sealing, keyed pseudonyms and the subject OPRF.

Owns primitives whose answers depend on their arguments alone (and, for keys and nonces, on the
operating system's random source). Refuses network, storage, clocks and the rest of the gateway:
nothing here imports from outside this package but `hashlib`, `hmac`, `cryptography`, `rbcl`,
`coincurve` and `gmpy2`.
"""
