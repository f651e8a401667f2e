"""A gateway that combines a member's contribution to another round, with a root and proof over it.

Everything holds but that the member signed it for something else. Cheats in the combination itself
stand in ``test_recompute``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from clients.agent.errors import Refused, Word
from clients.agent.outcome.combination import Claim, require_combination
from clients.agent.outcome.recompute import require_whole
from gateway.adapters.aggregates.schemes import adder
from gateway.crypto.paillier import PublicKey
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution
from support.agents_combination import Combining
from support.agents_contributed import contributed
from support.agents_world import CONTRIBUTORS, OWN, World
from support.paillier_keys import key as paillier_key


@pytest.mark.parametrize(
    "changes", [{}, {"round": "ab" * 16}, {"roster": "ab" * 32}], ids=["honest", "round", "roster"]
)
def test_a_contribution_to_another_round(
    world: World, tmp_path: Path, changes: dict[str, str]
) -> None:
    made = contributed(world, tmp_path)
    agents, order, roster, parts = made.agents, made.order, made.roster, dict(made.parts)
    genuine = msgspec.json.decode(parts["lender-b"][0].payload, type=Contribution)
    replayed = msgspec.structs.replace(genuine, **changes)
    signed = world.signer("lender-b", "agent").sign(CONTRIBUTION_TYPE, replayed.encoded())
    parts["lender-b"] = signed, parts["lender-b"][1]
    result, shown = Combining()(world, order, roster, parts)
    trust, question = agents[OWN].trust, order.question.payload
    if not changes:
        assert set(require_whole(trust, question, roster, result, shown)) == set(CONTRIBUTORS)
        return
    with pytest.raises(Refused) as refused:
        require_whole(trust, question, roster, result, shown)
    assert refused.value.word is Word.RESULT


def test_a_paillier_sum_that_is_not_the_product() -> None:
    """The asker's n-th powers hide an amount that was added; the gateway's proof does not."""
    n = paillier_key("veilgate_3072").public_key.n
    key = AskerKey(scheme="paillier", key=f"{n:x}", proof="AA")
    public, under = PublicKey(n), adder("paillier", bytes.fromhex(key.key))
    parts = [public.encrypt_raw(value).to_bytes(under.size, "big") for value in (5, 7)]
    total = under.total([parts])
    genuine = Claim(key, 1, b"this round", parts, total.released)
    proof = under.prove(b"this round", total)
    require_combination(genuine, proof)
    added = int.from_bytes(total.released, "big") * (1 + n) % (n * n)
    shifted = replace(genuine, released=added.to_bytes(under.size, "big"))
    forged = under.prove(b"this round", total._replace(released=shifted.released))
    other = replace(genuine, context=b"another round")
    for claim, shown in ((shifted, proof), (shifted, forged), (other, proof), (genuine, b"")):
        with pytest.raises(Refused) as refused:
            require_combination(claim, shown)
        assert refused.value.word is Word.COMBINATION
