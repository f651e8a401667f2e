"""The seam between the kinds of question: what each adds to the one way that all rounds go.

Owns what a checked question comes to. A kind checks its own questions against the contract and says
how many ciphertexts are due, what is charged, which consents it rests on and what each agent gets
besides the question; everything else is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from gateway.application.ports.aggregates import Signed
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.packing_plan import ELGAMAL_CIPHERTEXT
from gateway.domain.aggregate.question import Asked, AskerKey
from gateway.domain.institution import Principal


class Request(msgspec.Struct, frozen=True):
    """What an asker sends: the signed question, and what only some kinds have."""

    question: Signed
    boxes: tuple[bytes, ...] = ()
    commitments: Signed | None = None
    consent_id: str = ""
    rows_follow: bool = False
    """Of a binning: its rows come behind it, in parts."""


class Charge(msgspec.Struct, frozen=True):
    """What a question costs, in micro-rho, and its account's terms; a period of 0 is no account."""

    cost: int = 0
    limit: int = 0
    max_refusals: int = 0
    period_s: int = 0


class Accepted(msgspec.Struct, frozen=True):
    """A question that may be asked, and what follows from it for the round."""

    question: Asked
    kind: str
    contributors: tuple[str, ...]
    minimum: int
    """Members that a roster needs."""
    ciphertexts: Callable[[int], int]
    """Due from each member of a roster of so many."""
    apart: int = 0
    """Members other than the asker that a roster needs: with fewer, careful agents decline."""
    charge: Charge = Charge()
    consents: tuple[str, ...] = ()
    boxes: Mapping[str, bytes] = {}
    """What only one contributor gets."""
    commitments: Signed | None = None

    @property
    def most_bytes(self) -> int:
        """Return what the contributions may take together, each while it is sent again, too."""
        most = len(self.contributors)
        return 2 * most * self.contribution_bytes(most)

    def contribution_bytes(self, members: int) -> int:
        """Return the bytes of one contribution to a roster of so many."""
        return self.ciphertexts(members) * ciphertext_bytes(self.question.key)


def ciphertext_bytes(key: AskerKey) -> int:
    """Return the bytes of one ciphertext under a key: two points, or twice the modulus."""
    if key.scheme == "elgamal":
        return ELGAMAL_CIPHERTEXT
    return 2 * -(-int(key.key, 16).bit_length() // 8)


class Kind(Protocol):
    """One kind of question."""

    @property
    def name(self) -> str:
        """Return the kind's word, as events and the store have it."""
        ...

    async def accept(
        self, principal: Principal, contract: AggregateContract, asked: Asked, request: Request
    ) -> Accepted:
        """Check a question that its signer sends and that is about this very contract.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, AGGREGATE_QUESTION_INVALID, and what the kind
        adds.
        """
        ...
