"""A round's combination as its gateway makes it, honest or with one thing wrong.

Owns combining real contributions with a real proof. A cheat changes what a gateway would change,
and then proves as well as it can: it signs whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from clients.agent.orders import QuestionOrder, ResultOrder, RosterOrder
from clients.agent.outcome.combination import Combination
from gateway.adapters.aggregates.schemes import Total, adder, split
from gateway.crypto.elgamal import Ciphertext
from gateway.crypto.elgamal.curve import ORDER, add, base
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import read_question
from gateway.domain.aggregate.statements import combination_context, digest_of
from support.agents_world import OWN, World, path_of

Parts = Mapping[str, tuple[SignedStatement, bytes]]
SIZE = 66


@dataclass(frozen=True)
class Combining:
    """How a gateway combines; each edit makes one thing wrong."""

    added: Callable[[Parts], Parts] = lambda them: them
    """Which contributions are added up; the root is over all."""
    total: Callable[[Total], Total] = lambda one: one
    """Before the proof."""
    context: Callable[[bytes], bytes] = lambda one: one
    proof: Callable[[bytes], bytes] = lambda one: one
    sent_proof: Callable[[bytes], bytes] = lambda one: one
    """After its digest was signed, as are the next two."""
    released: Callable[[bytes], bytes] = lambda one: one
    shown: Callable[[Parts], Parts] = lambda them: them
    more: dict[str, str | int] = field(default_factory=dict)
    """Of the signed result."""

    def __call__(
        self, world: World, order: QuestionOrder, roster: RosterOrder, parts: Parts
    ) -> tuple[ResultOrder, Combination]:
        """Return the signed result of a round, and what its members can fetch."""
        question, names = order.question.payload, sorted(parts)
        key = read_question(question).key
        under = adder(key.scheme, bytes.fromhex(key.key))
        added = self.added(parts)
        cut = [split(added[one][1], under.size) for one in sorted(added)]
        total = self.total(under.total(list(zip(*cut, strict=True))))
        leaves = [leaf_hash(parts[one][0].payload) for one in names]
        root = CompactRange().extend(leaves).root().hex()
        hashes = digest_of(question), digest_of(roster.roster.payload), root
        context = combination_context(read_question(question).id, *hashes)
        proof = self.proof(under.prove(self.context(context), total))
        said = {
            "contributions": root,
            "digest": sha256(total.released).hexdigest(),
            "proof": sha256(proof).hexdigest(),
            **self.more,
        }
        signed = world.result(order, roster, parts[OWN][0], **said).result
        shown = self.shown(parts)
        combination = Combination(
            tuple(shown[one] for one in sorted(shown)), self.released(total.released)
        )
        path = path_of(leaves, names.index(OWN))
        return ResultOrder(signed, path, self.sent_proof(proof)), combination


def shifted(at: int, by: int = 1) -> Callable[[Total], Total]:
    """The sum of one cell off by an amount, under ElGamal."""

    def shift(total: Total) -> Total:
        pieces = split(total.released, SIZE)
        one = Ciphertext.from_bytes(pieces[at])
        pieces[at] = Ciphertext(one.c1, add(one.c2, base(by % ORDER))).to_bytes()
        return total._replace(released=b"".join(pieces))

    return shift


def swapped(total: Total) -> Total:
    """Two cells in each other's place."""
    released, scalars = split(total.released, SIZE), split(total.randomisers, 32)
    for pieces in (released, scalars):
        pieces[0], pieces[1] = pieces[1], pieces[0]
    return total._replace(released=b"".join(released), randomisers=b"".join(scalars))


def without(name: str) -> Callable[[Parts], Parts]:
    """All contributions but one."""
    return lambda parts: {one: held for one, held in parts.items() if one != name}


CHEATS: Mapping[str, Combining] = {
    "one more in a cell": Combining(total=shifted(0)),
    "one less in another": Combining(total=shifted(3, -1)),
    "one more here and one less there": Combining(
        total=lambda one: shifted(1, -1)(shifted(0, 1)(one))
    ),
    "cells swapped": Combining(total=swapped),
    "a contribution left out": Combining(added=without("lender-b")),
    "a contribution of another added": Combining(
        added=lambda parts: {**parts, "lender-b": parts["lender-c"]}
    ),
    "a proof of another round": Combining(context=lambda one: one.replace(b"|", b"||", 1)),
    "a proof with another bit": Combining(proof=lambda one: one[:-1] + bytes([one[-1] ^ 1])),
    "no proof": Combining(proof=lambda _: b""),
}
"""What a gateway signs that its proof does not bear out."""

SWAPPED_LATER: Mapping[str, Combining] = {
    "another proof than it signed": Combining(sent_proof=lambda one: one[::-1]),
    "other ciphertexts than it signed": Combining(
        released=lambda one: one[SIZE:] + one[:SIZE],
    ),
    "a signed proof that is not this one": Combining(more={"proof": "11" * 32}),
    "a root over other contributions": Combining(more={"contributions": "11" * 32}),
}
"""What a gateway shows that it has not signed."""
