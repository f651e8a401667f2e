"""Rounds of encrypted aggregates as the ledger gets them, for the contract tests of the store.

Owns short ways to build a checked question of each kind and to walk a round: open, roster, release.
Refuses statements that verify: the ledger stores them, others have checked them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from clients.cli.local.home import packaged_policies
from gateway.adapters.committer.aggregates.consent_reading import ConsentReading
from gateway.adapters.committer.aggregates.consents import DIRECTLY
from gateway.adapters.committer.aggregates.ledger import CommitterAggregates
from gateway.adapters.committer.messages import AnyOperation, Done, Not, Result
from gateway.adapters.store.aggregate_store import AggregateStore
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import NewRound, Signed
from gateway.application.ports.ledger import Recorded
from gateway.bootstrap.settings import load_policy
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import (
    AskerKey,
    BinningJob,
    CohortQuestion,
    Question,
    SubjectQuestion,
)
from gateway.domain.consent import ConsentEvent, ConsentTerms
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import SubjectKey
from support.store_engines import Store, Worker
from support.store_world import LENDER_A, granted

LOANS, APPLICANT = "credit.loans", "credit.applicant"
KEY = AskerKey(scheme="elgamal", key="02" + "11" * 32, proof="22" * 64)
DIGEST, OTHER_DIGEST, ROOT = b"\x0d" * 32, b"\x0e" * 32, b"\x0c" * 32
PROVIDERS = frozenset({"demo-bureau", "lender-b", "lender-c"})
LIMIT, COST = 1_000, 400
PERIOD_S = 30 * 86_400


@cache
def policy() -> CompiledPolicy:
    return load_policy(packaged_policies())


def contract(dataset: str) -> AggregateContract:
    return policy().aggregates[dataset]


@dataclass(frozen=True, slots=True)
class Rounds:
    """One worker's ledger of aggregates, and a reader beside it."""

    ledger: CommitterAggregates
    reader: AggregateStore


def rounds_of(
    store: Store,
    worker: Worker,
    in_force: PolicyInForce | None = None,
    directly: int = DIRECTLY,
) -> Rounds:
    """The real ledger over this worker's committer, under the shipped policy or another."""

    async def done(operation: AnyOperation) -> Done:
        result: Result = await worker.committer.call(operation)
        if isinstance(result, Not):
            raise refuse(result.reason, result.element)
        assert isinstance(result, Done)
        return result

    reader = AggregateStore(store.reader, time.time)
    subjects = worker.consents
    assert isinstance(subjects, SubjectStore)
    in_force = in_force or PolicyInForce(policy())
    reading = ConsentReading(store.reader, time.time, directly)
    ledger = CommitterAggregates(done, in_force, reader, subjects.subject_of, reading)
    return Rounds(ledger, reader)


def consents_root(ids: Sequence[str]) -> bytes:
    """The Merkle root over consent ids, in order."""
    return CompactRange().extend([leaf_hash(one.encode()) for one in ids]).root()


def fresh_group(store: Store, *institutions: str) -> str:
    """Put these into a legal group that has asked nothing yet."""
    group = f"group-{uuid4()}"
    for one in institutions:
        store.execute("UPDATE institution SET legal_group=? WHERE id=?", (group, one))
    return group


def cohort(asker: str = "lender-a", **changes: Any) -> NewRound:
    """A cohort question at ``COST`` of a budget of ``LIMIT``."""
    asked = CohortQuestion(
        **_common(asker, LOANS, "research.aggregate"),
        group_by=("housing",),
        cost=COST,
        share_variance=9,
    )
    charge = {"cost": COST, "limit": LIMIT, "max_refusals": 3, "period_s": PERIOD_S}
    return new_round(asked, **{**charge, **changes})


def subject(
    consent_id: str, asker: str = "lender-a", of: AggregateContract | None = None, **changes: Any
) -> NewRound:
    """A question about the subject of a consent; it has no account."""
    asked = SubjectQuestion(
        **_common(asker, LOANS, "credit.underwriting"),
        consent="33" * 32,
        tags=("44" * 32,) * 4,
        boxes="55" * 32,
    )
    if of is not None:
        asked = msgspec.structs.replace(asked, contract=of.digest, snapshot=of.snapshot)
    return new_round(asked, consents=(consent_id,), **changes)


def binning(
    consents: tuple[str, ...], features: tuple[str, ...] = ("age_in_years",), **changes: Any
) -> NewRound:
    """A job in the mode ``exact`` over rows with these consents."""
    asked = BinningJob(
        **_common("lender-a", APPLICANT, "research.model"),
        features=features,
        mode="exact",
        cost=0,
        rows=len(consents),
        row_root=consents_root(consents).hex(),
    )
    return new_round(asked, consents=consents, **changes)


def new_round(asked: Question, **changes: Any) -> NewRound:
    """The round of a question, as if all of it had been checked."""
    payload = asked.encoded()
    values: dict[str, Any] = {
        "id": asked.id,
        "kind": asked.__struct_config__.tag,
        "dataset": asked.dataset,
        "purpose": asked.purpose,
        "digest": sha256(payload).digest(),
        "question": Signed(payload, b"signature", (b"leaf", b"issuer")),
        "cost": 0,
        "limit": 0,
        "max_refusals": 0,
        "period_s": 0,
        "expires_at": asked.expires_at,
    }
    return NewRound(**{**values, **changes})


def _common(asker: str, dataset: str, purpose: str) -> dict[str, Any]:
    now = int(time.time())
    one = contract(dataset)
    return {
        "id": os.urandom(16).hex(),
        "asker": asker,
        "dataset": dataset,
        "snapshot": one.snapshot,
        "contract": one.digest,
        "purpose": purpose,
        "key": KEY,
        "issued_at": now,
        "expires_at": now + 600,
    }


def roster(of: NewRound, word: str = "") -> Signed:
    """A roster of the round; another word, another roster."""
    return Signed(f"roster of {of.id} {word}".encode(), b"gateway")


READIES = tuple(Signed(f"ready {at}".encode(), b"agent", (b"leaf",)) for at in range(4))


async def rostered(rounds: Rounds, new: NewRound, principal: Principal = LENDER_A) -> NewRound:
    """Open a round and fix its roster."""
    await rounds.ledger.open(principal, new)
    await rounds.ledger.fix_roster(principal, new.id, roster(new), READIES)
    return new


async def release(
    rounds: Rounds, new: NewRound, digest: bytes = DIGEST, principal: Principal = LENDER_A
) -> Recorded:
    """Release a round."""
    return await rounds.ledger.release(principal, new.id, digest, ROOT)


async def consented(worker: Worker, person: SubjectKey, **changes: Any) -> ConsentTerms:
    """Grant lender-a a consent that a question about the subject rests on."""
    values = {"datasets": frozenset({LOANS}), "providers": PROVIDERS, **changes}
    return await granted(worker, person, **values)


async def consented_binning(worker: Worker, person: SubjectKey, **changes: Any) -> ConsentTerms:
    """Grant lender-a a consent that an exact binning rests on."""
    values = {"purposes": frozenset({"research"}), **changes}
    return await granted(worker, person, **values)


def replaced(new: NewRound, **changes: Any) -> NewRound:
    """The same round with other values, and the question's bytes as they were."""
    return msgspec.structs.replace(new, **changes)


async def reason(call: Awaitable[object]) -> ErrorReason:
    """Why a call is refused; fails the test where it is not."""
    with pytest.raises(Refused) as caught:
        await call
    return caught.value.reason


async def uses(store: Store, agreed: ConsentTerms) -> int:
    """How often a consent was used, as another worker reads it."""
    found = await store.workers[2].consents.consent(agreed.consent_id)
    assert found is not None
    return found.consent.standing.uses


async def change(store: Store, agreed: ConsentTerms, transition: ConsentEvent) -> int:
    """Change a consent by another worker; return the change's place in the log."""
    ledger = store.workers[3].ledger
    return (await ledger.change(LENDER_A, agreed.consent_id, transition)).log_index
