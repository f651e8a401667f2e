"""Making a round's combination again, out of every member's contribution.

Owns the check that the released root is over exactly the roster's contributions, each signed by
its member, in form, and the own one among them; and that they combine. What is released was
randomised anew by the gateway (protocols, rule 11), so its bytes differ from this product's, and
that both hold the same plaintexts is not seen without the asker's key. Refuses a missing, doubled,
altered or foreign contribution.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

import gmpy2
import msgspec

from clients.agent.context import AGENT, Trust
from clients.agent.errors import Refused, Word
from clients.agent.orders import ResultOrder
from clients.agent.results import read_result
from clients.agent.roster import read_roster
from clients.agent.store import Kept, RoundStore, State
from clients.agent.stored import decode_roster
from gateway.crypto import elgamal, paillier
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import AskerKey, read_question
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution

_LOG: Final = logging.getLogger("veilgate.agent")
Contributions = Callable[[str], Iterable[tuple[SignedStatement, bytes]]]


class Recomputation:
    """Called with a result, before it is let go of; raises ``Refused`` where it is not made so."""

    def __init__(self, trust: Trust, store: RoundStore, contributions: Contributions) -> None:
        """Take where the contributions of a round come from."""
        self._trust = trust
        self._store = store
        self._contributions = contributions

    def __call__(self, order: ResultOrder) -> None:
        """Fetch, check and combine."""
        result = read_result(self._trust, order.result)
        kept = self._store.find(result.round)
        if kept is None or kept.state is not State.CONTRIBUTED:
            return
        roster = read_roster(self._trust, decode_roster(kept.roster).roster)
        members = [one.contributor for one in roster.members]
        found = self._checked(kept, members)
        root = CompactRange().extend(leaf_hash(found[one][0]) for one in members).root()
        if root.hex() != result.contributions:
            raise Refused(Word.RESULT)
        key = read_question(kept.question).key
        combined(key, [found[one][1] for one in members], result.ciphertexts)
        _LOG.info("round %s: recomputed from every contribution", kept.id)

    def _checked(self, kept: Kept, members: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        found: dict[str, tuple[bytes, bytes]] = {}
        for statement, ciphertexts in self._contributions(kept.id):
            signer = self._trust.signer(CONTRIBUTION_TYPE, statement, AGENT)
            try:
                content = msgspec.json.decode(statement.payload, type=Contribution)
            except (msgspec.MsgspecError, ValueError):
                raise Refused(Word.MALFORMED) from None
            of_this = (content.round, content.roster) == (kept.id, kept.roster_hash.hex())
            whole = content.digest == sha256(ciphertexts).hexdigest()
            if not of_this or not whole or signer != content.contributor or signer in found:
                raise Refused(Word.RESULT)
            found[signer] = (statement.payload, ciphertexts)
        own = found.get(self._trust.institution)
        sent = kept.contribution.payload if kept.contribution is not None else b""
        if set(found) != set(members) or own is None or own[0] != sent:
            raise Refused(Word.RESULT)
        return found


def combined(key: AskerKey, contributions: Sequence[bytes], count: int) -> bytes:
    """Return the product of contributions, ciphertext by ciphertext.

    Raises:
        Refused: RESULT: one is no contribution of so many ciphertexts under this key.
    """
    n = int(key.key, 16)
    size = elgamal.CIPHERTEXT_SIZE if key.scheme == "elgamal" else 2 * (-(-n.bit_length() // 8))
    if any(len(one) != count * size for one in contributions):
        raise Refused(Word.RESULT)
    columns = (
        [one[at : at + size] for one in contributions] for at in range(0, count * size, size)
    )
    try:
        if key.scheme == "elgamal":
            return b"".join(_points(column) for column in columns)
        public = paillier.PublicKey(n)
        return b"".join(_product(public, column).to_bytes(size, "big") for column in columns)
    except CryptoError:
        raise Refused(Word.RESULT) from None


def _points(column: Sequence[bytes]) -> bytes:
    return elgamal.sum_many([elgamal.Ciphertext.from_bytes(one) for one in column]).to_bytes()


def _product(public: paillier.PublicKey, column: Sequence[bytes]) -> int:
    product = gmpy2.mpz(1)
    for one in column:
        product = product * public.require(int.from_bytes(one, "big")) % public.square
    return int(product)
