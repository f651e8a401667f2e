"""How a plan's values lie in plaintexts: bounds, slots, and how many ciphertexts that makes.

Owns the numbers that agents, gateway and keyholder must agree on for one roster. They follow from
the plan, the number of members and the key's length alone; agents and keyholders hand them to
``gateway.crypto.paillier.Packing(modulus_bits, contributors, lowest, highest)``, whose widths and
slots are the same. Refuses a modulus that holds not one slot. It sees no value.

All values of a vector, the counters too, take slots of one width: a slot holds v + ``offset``, with
the bound of the largest value, so the place of a slot tells nothing of what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.aggregate.plan import STEPS, CohortPlan
from gateway.domain.aggregate.question import AskerKey, Scheme, WrongContract

ELGAMAL_CIPHERTEXT = 66
"""Bytes: two compressed points."""
_GUARD_BITS = 2


@dataclass(frozen=True)
class Layout:
    """The layout of one vector for the members of one roster.

    ``length`` values, each within [``lowest``, ``highest``] steps at one contributor.
    """

    scheme: Scheme
    modulus_bits: int
    """Of Paillier's n; 0 for ElGamal."""
    contributors: int
    bound: int
    length: int

    def __post_init__(self) -> None:
        """Refuse a plaintext that holds no slot."""
        if self.slots < 1:
            raise WrongContract("key")

    @property
    def lowest(self) -> int:
        """The least value of one contributor, its noise's tail included."""
        return -self.bound

    @property
    def highest(self) -> int:
        """The largest value of one contributor, its noise's tail included."""
        return self.bound

    @property
    def offset(self) -> int:
        """What one contributor adds to each value before it is packed (Paillier only)."""
        return self.bound

    @property
    def total_bound(self) -> int:
        """The largest absolute sum over the members, in steps."""
        return self.contributors * self.bound

    @property
    def width(self) -> int:
        """Bits of a slot, two guard bits included."""
        return (2 * self.total_bound).bit_length() + _GUARD_BITS

    @property
    def slots(self) -> int:
        """Values of a plaintext: one for ElGamal."""
        return 1 if self.scheme == "elgamal" else (self.modulus_bits - 2) // self.width

    @property
    def ciphertexts(self) -> int:
        """Ciphertexts of one contribution, and of the combination."""
        return -(-self.length // self.slots)

    @property
    def ciphertext_size(self) -> int:
        """Bytes of one ciphertext."""
        if self.scheme == "elgamal":
            return ELGAMAL_CIPHERTEXT
        return 2 * (-(-self.modulus_bits // 8))


def layout_of(plan: CohortPlan, key: AskerKey, members: int) -> Layout:
    """Return the layout of a plan under a question's key, for a roster of so many members.

    Raises ``WrongContract``: "key" where a slot does not fit into its modulus, "scheme" for a key
    of another scheme than the plan's.
    """
    if key.scheme != plan.scheme:
        raise WrongContract("scheme")
    bits = int(key.key, 16).bit_length() if key.scheme == "paillier" else 0
    largest = plan.shape.terms.people_at_most * STEPS
    return Layout(
        scheme=key.scheme,
        modulus_bits=bits,
        contributors=members,
        bound=largest + plan.noise.share_tail,
        length=plan.shape.length,
    )
