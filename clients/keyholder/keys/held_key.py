"""Private keys of the two schemes, behind one form: make, prove, store, open a vector of sums.

Owns what is different between the schemes for a keyholder. A key's proof is bound to the
institution that it is registered for. Refuses ciphertexts that are malformed, numbers that no sum
over the members gives, and vectors of another length. Opening is for ``opening``: it sees to it
that a result is opened once.

A Paillier key comes with the proof of its primes' shape (27 KB, 37 KB as text), which every
question repeats: contributors then make their randomisers ten times as fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from gateway.crypto.elgamal import Ciphertext, ElGamalError, SecretKey
from gateway.crypto.elgamal.possession import prove_possession
from gateway.crypto.paillier import Packing, PaillierError, PrivateKey, generate_key, prove_key
from gateway.crypto.paillier.jwk import export_private, import_private
from gateway.domain.aggregate.packing_plan import Layout
from gateway.domain.aggregate.question import AskerKey, Scheme, key_context, proof_text


class HeldKey(Protocol):
    """A private key in memory."""

    @property
    def public(self) -> AskerKey:
        """What is registered, and stands in questions."""
        ...

    def stored(self) -> bytes:
        """Return the private key's bytes, to be sealed before they are stored."""
        ...

    def sums(self, layout: Layout, ciphertexts: bytes) -> list[int]:
        """Return the sums over the members, in steps, as many as the layout's length.

        Raises:
            ResultRefused: CIPHERTEXTS or OUT_OF_BOUNDS.
        """
        ...


def key_id(public: AskerKey) -> str:
    """Return the SHA-256 of a key's bytes, in hex: what it is registered by."""
    return sha256(bytes.fromhex(public.key)).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class ElGamalKey:
    """A scalar on secp256k1."""

    public: AskerKey
    _secret: SecretKey = field(repr=False)

    @classmethod
    def make(cls, asker: str) -> ElGamalKey:
        """Make a fresh key, proven for an institution."""
        return cls._proven(SecretKey.generate(), asker)

    @classmethod
    def read(cls, stored: bytes, public: AskerKey) -> ElGamalKey:
        """Read a stored key.

        Raises:
            KeyholderError: it is not the public key's.
        """
        try:
            secret = SecretKey.from_bytes(stored)
        except ElGamalError:
            raise _unusable() from None
        if secret.public_key().to_bytes().hex() != public.key:
            raise _unusable()
        return cls(public, secret)

    def stored(self) -> bytes:
        """Return 32 bytes."""
        return self._secret.to_bytes()

    def sums(self, layout: Layout, ciphertexts: bytes) -> list[int]:
        """As the protocol says: by baby steps and giant steps within the layout's bound."""
        try:
            opened = [Ciphertext.from_bytes(one) for one in _parts(layout, ciphertexts)]
        except ElGamalError:
            raise ResultRefused(Wrong.CIPHERTEXTS, "a ciphertext is malformed") from None
        bound = layout.total_bound
        try:
            return self._secret.decrypt_many(opened, -bound, bound)
        except ElGamalError:
            raise out_of_bounds() from None

    @classmethod
    def _proven(cls, secret: SecretKey, asker: str) -> ElGamalKey:
        proof = prove_possession(secret, key_context(asker))
        key = secret.public_key().to_bytes()
        return cls(AskerKey(scheme="elgamal", key=key.hex(), proof=proof.hex()), secret)


@dataclass(frozen=True, slots=True, eq=False)
class PaillierKey:
    """Two primes of 1,536 bits."""

    public: AskerKey
    _private: PrivateKey = field(repr=False)

    @classmethod
    def make(cls, asker: str) -> PaillierKey:
        """Make a fresh key of 3072 bits, proven for an institution; some seconds."""
        private = generate_key()
        n = private.public_key.n
        proof = proof_text("paillier", prove_key(private, key_context(asker)).encode(n))
        return cls(AskerKey(scheme="paillier", key=_hex(n), proof=proof), private)

    @classmethod
    def read(cls, stored: bytes, public: AskerKey) -> PaillierKey:
        """Read a stored key.

        Raises:
            KeyholderError: it is not the public key's.
        """
        try:
            private = import_private(stored.decode("ascii"))
        except (PaillierError, UnicodeDecodeError):
            raise _unusable() from None
        if private.public_key.n != int(public.key, 16):
            raise _unusable()
        return cls(public, private)

    def stored(self) -> bytes:
        """Return the JSON of python-paillier's command line."""
        return export_private(self._private).encode("ascii")

    def sums(self, layout: Layout, ciphertexts: bytes) -> list[int]:
        """As the protocol says: slot by slot."""
        size = self._private.public_key.n.bit_length()
        packing = Packing(size, layout.contributors, layout.lowest, layout.highest)
        numbers = [int.from_bytes(one, "big") for one in _parts(layout, ciphertexts)]
        try:
            for one in numbers:
                self._private.public_key.require(one)
        except PaillierError:
            raise ResultRefused(Wrong.CIPHERTEXTS, "a ciphertext is malformed") from None
        try:
            return packing.unpack([self._private.decrypt_raw(c) for c in numbers], layout.length)
        except PaillierError:
            raise out_of_bounds() from None


def make_key(scheme: Scheme, asker: str) -> HeldKey:
    """Make a fresh key of a scheme for an institution."""
    return ElGamalKey.make(asker) if scheme == "elgamal" else PaillierKey.make(asker)


def read_key(stored: bytes, public: AskerKey) -> HeldKey:
    """Read a stored private key.

    Raises:
        KeyholderError: it is not the public key's.
    """
    if public.scheme == "elgamal":
        return ElGamalKey.read(stored, public)
    return PaillierKey.read(stored, public)


def out_of_bounds() -> ResultRefused:
    """Return the refusal of a number that is no sum over the members."""
    return ResultRefused(Wrong.OUT_OF_BOUNDS, "a number of the result lies out of its bounds")


def _parts(layout: Layout, ciphertexts: bytes) -> list[bytes]:
    size = layout.ciphertext_size
    if len(ciphertexts) != layout.ciphertexts * size:
        raise ResultRefused(Wrong.CIPHERTEXTS, "the ciphertexts have another length")
    return [ciphertexts[at : at + size] for at in range(0, len(ciphertexts), size)]


def _unusable() -> KeyholderError:
    return KeyholderError(
        "the stored private key is not the public key's",
        "Restore the key's file from a copy, or make a new key.",
    )


def _hex(n: int) -> str:
    return n.to_bytes(-(-n.bit_length() // 8), "big").hex()
