"""A compiled plan: order, each operator's part, and what breaks a record or only a field."""

from typing import Any

import pytest

from gateway.domain.deid.errors import DeidError
from gateway.domain.deid.operators import DeidPlan, FailedField, compile_plan
from gateway.domain.policy.decision import FieldPlan, FieldRelease
from gateway.domain.policy.documents import (
    Detect,
    Generalise,
    Keep,
    Mask,
    MaskFormat,
    Pseudonymise,
    Release,
    Withhold,
)

MASKS = {"phone": MaskFormat("a source", keep_first=3, keep_last=4)}


def compiled(**releases: Release) -> DeidPlan:
    released = tuple(FieldRelease(field, release) for field, release in releases.items())
    return compile_plan(FieldPlan("d", "p", released, (), tuple(releases), False), MASKS)


def pseudonym(field: str, value: str) -> str:
    return f"{field}-token-{len(value)}"


def test_every_operator_in_the_order_of_the_plan() -> None:
    plan = compiled(
        status=Keep(),
        phone=Mask("phone"),
        number=Pseudonymise(),
        age=Generalise(bands=(18, 65)),
        born=Generalise(date="year"),
        address=Generalise(address="city"),
    )
    record: dict[str, str | int | None] = {
        "address": "北京市海淀区中关村大街1号",
        "age": 30,
        "born": "1990-03-15",
        "number": 4711,
        "phone": "13800001111",
        "status": "regular",
        "never_planned": "stays behind",
    }
    safe = plan.apply(record, pseudonym)
    assert safe.released == (
        ("status", "keep", "regular"),
        ("phone", "mask", "138****1111"),
        ("number", "pseudonymise", "number-token-4"),
        ("age", "generalise", "18-65"),
        ("born", "generalise", "1990"),
        ("address", "generalise", "北京市"),
    )
    assert safe.failed == ()


def test_free_text_is_left_to_the_caller() -> None:
    plan = compiled(status=Keep(), remark=Detect())
    assert plan.detect_fields == ("remark",)
    safe = plan.apply({"status": "regular", "remark": "call Ann"}, pseudonym)
    assert safe.released == (("status", "keep", "regular"),)


def test_a_value_that_cannot_be_read_withholds_its_field_only() -> None:
    plan = compiled(status=Keep(), born=Generalise(date="year"), end=Keep())
    safe = plan.apply({"status": 1, "born": "in spring", "end": 2}, pseudonym)
    assert safe.released == (("status", "keep", 1), ("end", "keep", 2))
    assert safe.failed == (FailedField("born", "DETECTION_FAILED"),)


@pytest.mark.parametrize(
    "release",
    [
        Keep(),
        Mask("phone"),
        Pseudonymise(),
        Generalise(bands=(1,)),
        Generalise(date="month"),
        Generalise(address="city"),
    ],
)
def test_no_value_stays_no_value(release: Release) -> None:
    safe = compiled(field=release).apply({"field": None}, pseudonym)
    assert [value for _, _, value in safe.released] == [None]


@pytest.mark.parametrize("release", [Keep(), Mask("phone"), Pseudonymise()])
@pytest.mark.parametrize("value", [1.5, True, b"secret", ["secret"], "secret\udc80", 2**63])
def test_a_value_of_the_wrong_type_breaks_the_record(release: Release, value: Any) -> None:
    with pytest.raises(DeidError, match=r"^field: ") as caught:
        compiled(field=release).apply({"field": value}, pseudonym)
    assert caught.value.field == "field"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_absent_field_breaks_the_record() -> None:
    with pytest.raises(DeidError, match="field: is absent"):
        compiled(field=Keep()).apply({}, pseudonym)


def test_what_the_pseudonym_raises_goes_through() -> None:
    def broken(field: str, value: str) -> str:
        raise LookupError("no key")

    with pytest.raises(LookupError, match="no key"):
        compiled(field=Pseudonymise()).apply({"field": "x"}, broken)


def test_a_missing_key_of_the_pseudonym_is_not_taken_for_an_absent_field() -> None:
    def broken(field: str, value: str) -> str:
        raise KeyError("scope")

    with pytest.raises(KeyError, match="scope"):
        compiled(field=Pseudonymise()).apply({"field": "x"}, broken)


def test_a_mask_outside_the_profile_does_not_compile() -> None:
    with pytest.raises(DeidError, match="field: its mask"):
        compiled(field=Mask("email"))


def test_a_withheld_field_cannot_be_released() -> None:
    with pytest.raises(DeidError, match="field: is withheld"):
        compiled(field=Withhold())
