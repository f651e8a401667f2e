"""The combiner's proof of what it releases, checked as an agent checks it."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from functools import cache

import pytest

from clients.agent.errors import Refused, Word
from clients.agent.outcome.combination import Claim, require_combination
from gateway.adapters.aggregates.process_combiner import ProcessCombiner
from gateway.application.ports.aggregates import CiphertextRefused
from gateway.crypto.paillier import prove_key
from gateway.domain.aggregate.question import AskerKey, key_context, proof_text
from support.aggregate_parties import Asker, encrypted
from support.paillier_keys import key as paillier_key

ASKER = Asker()
CONTEXT = b"veilgate/combination/v1|round"


@pytest.fixture
async def combiner() -> AsyncIterator[ProcessCombiner]:
    one = ProcessCombiner()
    one.open()
    yield one
    one.close()


@cache
def paillier() -> AskerKey:
    private = paillier_key("veilgate_3072")
    n = private.public_key.n
    proof = prove_key(private, key_context(ASKER.institution)).encode(n)
    return AskerKey(scheme="paillier", key=f"{n:x}", proof=proof_text("paillier", proof))


def sent(key: AskerKey, count: int) -> list[bytes]:
    """Three contributions of so many ciphertexts."""
    if key.scheme == "elgamal":
        return [encrypted(key, [at] * count) for at in range(3)]
    public = paillier_key("veilgate_3072").public_key
    return [
        b"".join(public.encrypt_raw(at).to_bytes(768, "big") for _ in range(count))
        for at in range(3)
    ]


# More than fit one piece of work, and less.
@pytest.mark.parametrize(("scheme", "count"), [("elgamal", 1), ("elgamal", 2500), ("paillier", 18)])
async def test_one_proof_is_over_all_pieces(
    combiner: ProcessCombiner, scheme: str, count: int
) -> None:
    key, size = (ASKER.key, 66) if scheme == "elgamal" else (paillier(), 768)
    parts = sent(key, count)
    combined = await combiner.combine(key, parts, count, CONTEXT)
    claim = Claim(key, count, CONTEXT, parts, combined.ciphertexts)
    require_combination(claim, combined.proof)
    released = combined.ciphertexts
    for false in (
        Claim(key, count, CONTEXT + b"2", parts, released),
        Claim(key, count, CONTEXT, parts[:-1], released),
        Claim(key, count, CONTEXT, parts, released[size:] + released[:size] if count > 1 else b""),
        Claim(key, count, CONTEXT, parts, released[:-1]),
        Claim(key, count, CONTEXT, parts, bytes(len(released))),
    ):
        with pytest.raises(Refused) as refused:
            require_combination(false, combined.proof)
        assert refused.value.word is Word.COMBINATION
    with pytest.raises(Refused) as refused:
        require_combination(
            Claim(key, count, CONTEXT, [parts[0][:-1], *parts[1:]], released), combined.proof
        )
    assert refused.value.word is Word.RESULT


async def test_a_proof_is_made_where_the_process_was_lost(combiner: ProcessCombiner) -> None:
    parts = sent(ASKER.key, 3)
    assert combiner.pid is not None
    os.kill(combiner.pid, signal.SIGKILL)
    combined = await combiner.combine(ASKER.key, parts, 3, CONTEXT)
    require_combination(Claim(ASKER.key, 3, CONTEXT, parts, combined.ciphertexts), combined.proof)


async def test_nothing_is_not_combined(combiner: ProcessCombiner) -> None:
    with pytest.raises(CiphertextRefused):
        await combiner.combine(ASKER.key, [b"", b""], 0, CONTEXT)
