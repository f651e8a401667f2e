"""Free text of a record by its profile, and what it shows beside the record's fields."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.application.ports.detection import Detected, DetectionFailed, DetectionFailure
from gateway.application.protect_record import ProtectRecord
from gateway.domain.deid.composition import Guard
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import FieldPlan, FieldRelease, FieldWithheld
from gateway.domain.policy.documents import Detect, Keep, Mask, MaskingDocument, Release
from gateway.domain.stages import Decided, Intended, RawRecord, SafeRecord, Value
from support.live_gateway import DATASET
from support.memory_keys import MemoryTextKeys, MemoryValueTags
from support.memory_ports import MemoryPseudonyms
from support.record_world import POLICY, RECORD, World
from support.store_world import asked, fresh_person

PHONE = "13800138000"
OTHER = "13900139000"
MASK = {"operator": "mask", "using": "phone"}
PROFILE = {
    "version": 1,
    "profile": "tried.v1",
    "masks": {"phone": {"source": "s", "keep_first": 3, "keep_last": 4}},
    "composition": {"phone": {"length": 11, "hidden_at_least": 4}},
    "text": {
        "operators": {
            "PHONE_NUMBER": MASK,
            "CN_MOBILE_NUMBER": MASK,
            "DATE_OF_BIRTH": {"operator": "shift", "days": 10},
            "PERSON": {"operator": "pseudonymise"},
        },
        "threshold": 40,
        "thresholds": {"PERSON": 20},
    },
}


def policy(**changes: object) -> CompiledPolicy:
    """The shipped set with this profile besides."""
    document = msgspec.convert({**PROFILE, **changes}, MaskingDocument)
    return msgspec.structs.replace(
        POLICY,
        profiles={**POLICY.profiles, "tried.v1": document},
        composes=bool(document.composition),
    )


class Protect(World):
    """``ProtectRecord`` on one record: a telephone, masked, and a remark."""

    async def record(self, values: dict[str, Value], used: CompiledPolicy) -> SafeRecord:
        request = asked(fresh_person())
        resolved, decision, _ = await self.decide(request)
        decided = Decided.allowed(resolved, decision)
        releases: dict[str, Release] = {
            "phone": Mask("phone"),
            "credit_amount": Keep(),
            "remark": Detect(),
        }
        plan = FieldPlan(
            DATASET,
            "tried.v1",
            tuple(FieldRelease(field, release) for field, release in releases.items()),
            (),
            tuple(values),
            False,
        )
        decided = msgspec.structs.replace(decided, plan=plan)
        raw = RawRecord(Intended(decided, "event", 0, "digest"), values)
        protect = ProtectRecord(
            MemoryPseudonyms(), self.detector, MemoryTextKeys(), MemoryValueTags()
        )
        return await protect(raw, used)


@pytest.fixture
def world() -> Protect:
    return Protect()


def values(**changes: Value) -> dict[str, Value]:
    names = ("phone", "credit_amount", "remark", "name", "date_of_birth")
    return {**{name: RECORD[name] for name in names}, **changes}


def guard_of(safe: SafeRecord) -> Guard:
    assert safe.guard is not None
    return safe.guard


def field(safe: SafeRecord, name: str) -> Any:
    (found,) = [value for one, _, value in safe.fields if one == name]
    return found


async def test_known_values_take_the_operator_of_their_type(world: Protect) -> None:
    remark = f"Ann Lee, born 1990-05-06, called from {PHONE}."
    safe = await world.record(values(remark=remark), policy())
    assert field(safe, "remark") == (
        "[lender-a/credit.underwriting/PERSON/6], born 1990-05-16, called from 138****8000."
    )
    assert safe.withheld == ()


async def test_the_detector_is_asked_for_what_the_profile_wants(world: Protect) -> None:
    wanted = {**PROFILE["text"], "entities": ["PERSON", "US_SSN"]}  # type: ignore[dict-item]
    await world.record(values(), policy(text=wanted))
    (asked_for,) = world.detector.wanted
    assert asked_for.entities == frozenset({"PERSON", "US_SSN"})
    assert (asked_for.threshold, asked_for.thresholds) == (0.4, {"PERSON": 0.2})


async def test_what_text_and_field_show_of_one_value_is_one_entry(world: Protect) -> None:
    safe = await world.record(values(remark=f"{PHONE} or 138 0013 8000"), policy())
    (shown,) = guard_of(safe).shown
    assert (shown.length, shown.first, shown.last, shown.hidden_at_least) == (11, 3, 4, 4)
    assert shown.fields == (f"{DATASET}/phone", f"{DATASET}/remark")


async def test_a_foreign_number_in_the_text_is_guarded_too(world: Protect) -> None:
    world.detector.also = (Detected(0, 11, "CN_MOBILE_NUMBER", 0.99),)
    safe = await world.record(values(remark=f"{OTHER}: {PHONE}"), policy())
    assert field(safe, "remark") == "139****9000: 138****8000"
    assert len(guard_of(safe).shown) == 2
    tight = safe.tightened({1})
    assert field(tight, "remark") == f"{'*' * 11}: 138****8000"
    assert field(tight, "phone") == "138****8000"
    assert tight.tight_fields() == ("remark",)
    assert [place for place, _ in guard_of(tight).left()] == [0]


async def test_tightening_a_value_tightens_every_place_of_it(world: Protect) -> None:
    safe = await world.record(values(remark=f"call {PHONE}!"), policy())
    tight = safe.tightened({0})
    assert field(tight, "phone") == "*" * 11
    assert field(tight, "remark") == f"call {'*' * 11}!"
    assert [one[:2] for one in tight.fields] == [one[:2] for one in safe.fields]
    assert guard_of(tight).left() == ()
    assert tight.tight_fields() == ("phone", "remark")


async def test_a_refused_text_is_withheld_with_all_that_it_would_show(world: Protect) -> None:
    world.detector.also = tuple(
        Detected(start, start + 11, "CN_MOBILE_NUMBER", 0.99) for start in (0, 13)
    )
    safe = await world.record(
        values(remark=f"{OTHER}: {PHONE}", phone=None), policy(on_exceed="refuse")
    )
    assert len(guard_of(safe).left()) == 2
    tight = safe.tightened({0})
    assert tight.withheld == (FieldWithheld("remark", "RULE"),)
    assert [one[0] for one in tight.fields] == ["phone", "credit_amount"]
    assert guard_of(tight).left() == ()


async def test_nothing_is_noted_where_no_profile_has_a_bound(world: Protect) -> None:
    document = msgspec.structs.replace(policy().profiles["tried.v1"], composition={})
    bare = msgspec.structs.replace(policy(), profiles={"tried.v1": document}, composes=False)
    safe = await world.record(values(), bare)
    assert safe.guard is None
    assert field(safe, "phone") == "138****8000"
    with pytest.raises(ValueError, match="guard"):
        safe.tightened({0})


async def test_a_mask_without_a_bound_is_noted_where_another_has_one(world: Protect) -> None:
    document = msgspec.structs.replace(policy().profiles["tried.v1"], composition={})
    safe = await world.record(
        values(), msgspec.structs.replace(policy(), profiles={"tried.v1": document})
    )
    (shown,) = guard_of(safe).shown
    assert shown.hidden_at_least == 0


@pytest.mark.parametrize("value", [None, "138", "1380013"])
async def test_a_value_of_which_nothing_is_shown_is_not_noted(
    world: Protect, value: str | None
) -> None:
    safe = await world.record(values(phone=value, remark=None), policy())
    assert safe.guard is None


async def test_a_text_whose_spans_contradict_each_other_is_withheld(world: Protect) -> None:
    world.detector.also = (Detected(0, 5, "PERSON", 0.9), Detected(3, 8, "PERSON", 0.9))
    safe = await world.record(values(remark="0123456789"), policy())
    assert safe.withheld == (FieldWithheld("remark", "DETECTION_FAILED"),)
    assert "remark" not in {one[0] for one in safe.fields}


async def test_a_text_that_was_not_looked_at_shows_nothing_and_notes_nothing(
    world: Protect,
) -> None:
    world.detector.failing = DetectionFailed(DetectionFailure.TIMEOUT)
    safe = await world.record(values(remark=f"{OTHER}"), policy())
    assert safe.withheld == (FieldWithheld("remark", "DETECTION_FAILED"),)
    assert len(guard_of(safe).shown) == 1
