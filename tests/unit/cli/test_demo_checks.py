"""The demo's checks, fed with answers that are right, and with ones that are not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.demo_scenes import (
    log_verified,
    purpose_denied,
    record_checks,
    refusal_checks,
)
from clients.cli.local.demo_scenes.scene import Scene, play
from clients.cli.local.demo_scenes.shown import CheckFailed, Shown
from clients.cli.local.demo_scenes.stage import TERMS, Stage
from clients.sdk.failure import SdkError
from gateway.crypto.tiles import encode_bundle

Answer = dict[str, Any]
HELD: dict[str, str | int] = asdict(synthetic_subject(1))
ABROAD: dict[str, str | int] = asdict(synthetic_subject(4))
MASKED: Answer = {
    "applicant_no": "applicantno_0123456789abcdef",
    "identity_number": "4****************6",
    "name": "贾**",
    "date_of_birth": "1958",
    "phone": "186****1459",
    "bank_card": "************3918",
    "address": "河南省郑州市金水区",
    "credit_amount": "1000-2000",
    "remark": "我叫<PERSON>，身份证<CN_RESIDENT_ID>，电话<PHONE_NUMBER>，谢谢。",
    "age_in_years": 67,
}
OPERATORS = {
    **dict.fromkeys(MASKED, "keep"),
    **dict.fromkeys(record_checks.MASKS, "mask"),
    "applicant_no": "pseudonymise",
}
ANSWER: Answer = {
    "fields": MASKED,
    "operators": OPERATORS,
    "withheld": {"card_cvn": "c3", **dict.fromkeys(record_checks.UNFAIR, "rule")},
    "event_id": "e1",
    "log_index": 1,
}


def with_field(name: str, value: object) -> Answer:
    return {**ANSWER, "fields": {**MASKED, name: value}}


def with_operator(name: str, operator: str) -> Answer:
    return {**ANSWER, "operators": {**OPERATORS, name: operator}}


def with_withheld(name: str, because: str) -> Answer:
    return {**ANSWER, "withheld": {**ANSWER["withheld"], name: because}}


def test_a_well_masked_record_passes() -> None:
    shown = Shown()
    record_checks.check_record(HELD, ANSWER, shown)
    assert len(shown.document["checked"]) == 8


DOCTORED = {
    **{f"raw {name}": with_field(name, HELD[name]) for name in MASKED if name != "age_in_years"},
    "number shows two": with_field("identity_number", "41**************96"),
    "number shows another": with_field("identity_number", "5****************6"),
    "number in the middle": with_field("identity_number", "4***0101***6"),
    "card shows six": with_field("bank_card", "620000******3918"),
    "name absent": with_field("name", None),
    "whole date": with_field("date_of_birth", "1958-07"),
    "street": with_field("address", "河南省郑州市金水区黄河路520号"),
    "elsewhere": with_field("address", "北京市海淀区"),
    "wrong range": with_field("credit_amount", "2000-3000"),
    "secret released": with_field("card_cvn", "***"),
    "secret under another name": with_field("housing", HELD["card_cvn"]),
    "secret in the remark": with_field("remark", f"<PERSON> {HELD['card_cvn']}"),
    "number in the remark": with_field("remark", "电话 186-4980-1459"),
    "name in the remark": with_field("remark", f"{HELD['name']}来电"),
    "no remark": with_field("remark", ""),
    "outcome released": with_field("creditability", "good"),
    "said to be kept": with_operator("phone", "keep"),
    "no pseudonym": with_operator("applicant_no", "keep"),
    "secret withheld by chance": with_withheld("card_cvn", "rule"),
    "outcome withheld otherwise": with_withheld("creditability", "consent"),
}


@pytest.mark.parametrize("answer", DOCTORED.values(), ids=DOCTORED.keys())
def test_each_way_to_mask_badly_is_found(answer: Answer) -> None:
    with pytest.raises(CheckFailed) as failed:
        record_checks.check_record(HELD, answer, Shown())
    # A failed check must not show what it found.
    assert not any(str(HELD[name]) in str(failed.value) for name in record_checks.DIRECT)


def test_an_american_name_counts_by_its_parts() -> None:
    shown = Shown()
    record_checks.check_remark(ABROAD, {"remark": "Mr. <PERSON> asked"}, shown)
    with pytest.raises(CheckFailed):
        record_checks.check_remark(ABROAD, {"remark": "Mr. Delacruz asked"}, shown)


@pytest.mark.parametrize(
    "text",
    [
        "call (317) 555-0122",
        "call 3175550122",
        "981318792",
        "981 31 8792",
        "Donald Delacruz",
        "1980-11-18",
        "A-0004",
    ],
)
def test_raw_values_are_found_however_they_are_grouped(text: str) -> None:
    record_checks.check_absent(ABROAD, "D**, 317***0122, 1980", "it", Shown())
    with pytest.raises(CheckFailed, match="does not occur in it"):
        record_checks.check_absent(ABROAD, text, "it", Shown())


FINDING = {
    "reason": "CONSENT_PURPOSE_MISSING",
    "element": "marketing",
    "article": "PIPL 14",
    "en": "The consent does not cover it.",
    "zh": "该同意未涵盖所述目的。",
}
REFUSAL: Answer = {
    "reason": "CONSENT_PURPOSE_MISSING",
    "event_id": "e2",
    "decision": {
        "rule": "r",
        "findings": [FINDING],
        "smallest_change_en": "Obtain one.",
        "smallest_change_zh": "请取得。",
    },
}


def without(path: str, value: object = "") -> Answer:
    changed = copy.deepcopy(REFUSAL)
    *parents, last = path.split(".")
    target: Any = changed
    for part in parents:
        target = target[int(part)] if part.isdecimal() else target[part]
    target[last] = value
    return changed


def test_a_complete_refusal_passes() -> None:
    decision = refusal_checks.check_refusal(REFUSAL, FINDING["reason"], "PIPL 14", Shown())
    assert decision["rule"] == "r"


@pytest.mark.parametrize(
    "error",
    [
        {},
        without("reason", "CONSENT_ABSENT"),
        without("event_id"),
        without("decision", None),
        without("decision.rule"),
        without("decision.findings", []),
        without("decision.findings.0.article"),
        without("decision.findings.0.article", "PIPL 15"),
        without("decision.findings.0.en"),
        without("decision.findings.0.zh", "only English"),
        without("decision.smallest_change_en"),
        without("decision.smallest_change_zh"),
    ],
    ids=str,
)
def test_a_refusal_that_lacks_something_is_found(error: Answer) -> None:
    with pytest.raises(CheckFailed):
        refusal_checks.check_refusal(error, FINDING["reason"], "PIPL 14", Shown())


def test_the_smallest_change_adds_just_what_is_missing() -> None:
    changed = purpose_denied.with_change(TERMS, [FINDING])
    assert changed == {**TERMS, "--purpose": (*TERMS["--purpose"], "marketing")}


@pytest.mark.parametrize(
    "findings",
    [[], [{**FINDING, "reason": "RULE_FORBIDS"}], [{**FINDING, "element": ""}]],
    ids=["none", "no consent helps", "nothing named"],
)
def test_a_change_that_nobody_can_make_is_found(findings: list[dict[str, str]]) -> None:
    with pytest.raises(CheckFailed):
        purpose_denied.with_change(TERMS, findings)


EVENT: Answer = {
    "v": 1,
    "id": "e1",
    "released": [f"{name}:{how}" for name, how in OPERATORS.items()],
    "withheld": [f"{name}:{why.upper()}" for name, why in ANSWER["withheld"].items()],
    "record": "ab" * 32,
}


def test_an_event_without_values_passes() -> None:
    log_verified.check_event(EVENT, ANSWER, Shown())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "e2"},
        {"record": ""},
        {"released": EVENT["released"][1:]},
        {"released": [*EVENT["released"], "housing:keep"]},
        {"withheld": []},
        {"subject": MASKED["name"]},
        {"note": f"of {MASKED['applicant_no']}"},
        {"words": ["x", MASKED["address"]]},
    ],
    ids=str,
)
def test_an_event_with_a_value_or_of_something_else_is_found(change: Answer) -> None:
    with pytest.raises(CheckFailed):
        log_verified.check_event({**EVENT, **change}, ANSWER, Shown())


def test_one_byte_of_the_entry_is_changed_and_nothing_else(tmp_path: Path) -> None:
    entries = [b'{"a": 1}', b'{"b": 22}', b'{"c": 333}']
    bundle = tmp_path / "bundle"
    bundle.write_bytes(encode_bundle(entries))
    before = bundle.read_bytes()
    log_verified.change_one_byte(bundle, entries[1])
    after = bundle.read_bytes()
    changed = [at for at, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) > 1]
    assert len(changed) == 1
    assert log_verified.entry_of(after, 1) != entries[1]
    assert [log_verified.entry_of(after, at) for at in (0, 2)] == [entries[0], entries[2]]
    assert log_verified.bundle_of(300, 700) == "tile/entries/001"


def _breaks(stage: Stage, shown: Shown) -> None:
    raise ValueError(HELD["name"])


def _refused(stage: Stage, shown: Shown) -> None:
    raise SdkError("it is refused", "Do something.")


def _claims(stage: Stage, shown: Shown) -> None:
    shown.require("one", True)
    shown.require("two", False)


PLAYS: dict[str, tuple[Callable[[Stage, Shown], None], str]] = {
    "breaks": (_breaks, "unexpected ValueError"),
    "is refused": (_refused, "it is refused"),
    "claims too much": (_claims, "this does not hold: two"),
    "checks nothing": (lambda stage, shown: None, "the scene checked nothing"),
}


@pytest.mark.parametrize(("acted", "failed"), PLAYS.values(), ids=PLAYS.keys())
def test_a_scene_is_ok_only_if_all_it_claims_was_checked(
    acted: Callable[[Stage, Shown], None], failed: str
) -> None:
    stage: Any = None
    outcome = play(Scene("name", "title", "标题", acted), stage, Shown())
    assert outcome.document["ok"] is False
    assert outcome.document["failed"] == failed
    assert json.dumps(outcome.document)
