"""What a masking profile must not say is refused when policies are compiled, and told why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.domain.policy.checks import PolicyError
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.domain.policy.masking import MaskingDocument

SHIPPED = read_policies(Path(__file__).parents[3] / "policies").documents
MASKS = {"phone": {"source": "s", "keep_first": 3, "keep_last": 4}}
BOUND = {"length": 11, "hidden_at_least": 4}
Json = dict[str, Any]


def compiled(**sections: object) -> CompiledPolicy:
    """The shipped set with one profile more."""
    document = {"version": 1, "profile": "tried.v1", "masks": MASKS, **sections}
    profile = msgspec.convert(document, MaskingDocument)
    return compile_policies(msgspec.structs.replace(SHIPPED, masking=(*SHIPPED.masking, profile)))


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"text": {"default": {"operator": "mask", "using": "none"}}}, ("default", "none")),
        (
            {"text": {"operators": {"PERSON": {"operator": "mask", "using": "none"}}}},
            ("PERSON", "no mask none"),
        ),
        (
            {"text": {"zh": {"PERSON": {"operator": "mask", "using": "none"}}}},
            ("zh PERSON", "no mask none"),
        ),
        (
            {"text": {"default": {"operator": "generalise", "bands": [1, 2]}}},
            ("default", "not by bands"),
        ),
        (
            {"text": {"default": {"operator": "format_preserving", "algorithm": "FF3"}}},
            ("FF3 is withdrawn", "use FF1"),
        ),
        (
            {"text": {"default": {"operator": "format_preserving", "algorithm": "FF3-1"}}},
            ("FF3-1 is withdrawn", "use FF1"),
        ),
        (
            {"text": {"default": {"operator": "format_preserving", "min_digits": 5}}},
            ("a million", "min_digits is 6"),
        ),
        ({"composition": {"none": BOUND}}, ("composition", "no mask none")),
        (
            {"composition": {"phone": {"length": 11, "hidden_at_least": 5}}},
            ("composition, phone", "shows 7 of 11", "5 stay hidden"),
        ),
        (
            {"composition": {"phone": {"length": 4, "hidden_at_least": 1}}},
            ("composition, phone", "shows 7 of 4"),
        ),
    ],
)
def test_a_flaw_is_refused_and_named(sections: Json, words: tuple[str, ...]) -> None:
    with pytest.raises(PolicyError) as caught:
        compiled(**sections)
    message = str(caught.value)
    assert "masking profile tried.v1" in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"composition": {"phone": BOUND}},
        {"on_exceed": "refuse", "composition": {"phone": BOUND}},
        {"text": {"default": {"operator": "format_preserving", "min_digits": 6}}},
        {"text": {"zh": {"PERSON": {"operator": "mask", "using": "phone"}}}},
        {"text": {"operators": {"ADDRESS": {"operator": "generalise", "address": "city"}}}},
    ],
)
def test_what_is_nearly_one_passes(sections: Json) -> None:
    assert compiled(**sections).profiles["tried.v1"].profile == "tried.v1"


@pytest.mark.parametrize(
    "sections",
    [
        {"text": {"operators": {"person": {"operator": "replace"}}}},
        {"text": {"operators": {}}},
        {"text": {"default": {"operator": "keep"}}},
        {"text": {"default": {"operator": "withhold"}}},
        {"text": {"default": {"operator": "shift", "days": 0}}},
        {"text": {"default": {"operator": "format_preserving", "algorithm": "FF2"}}},
        {"text": {"entities": []}},
        {"text": {"threshold": 101}},
        {"text": {"thresholds": {"PERSON": -1}}},
        {"text": {"treshold": 50}},
        {"composition": {}},
        {"composition": {"phone": {"hidden_at_least": 4}}},
        {"composition": {"phone": {"length": 11, "hidden_at_least": 0}}},
        {"on_exceed": "show"},
    ],
)
def test_what_cannot_be_written(sections: Json) -> None:
    with pytest.raises(msgspec.ValidationError):
        compiled(**sections)


def _without_bounds(one: MaskingDocument) -> MaskingDocument:
    return msgspec.structs.replace(one, composition={})


@pytest.mark.parametrize(
    ("change", "composes"), [(lambda one: one, True), (_without_bounds, False)]
)
def test_without_a_bound_nothing_is_guarded(
    change: Callable[[MaskingDocument], MaskingDocument], composes: bool
) -> None:
    masking = tuple(map(change, SHIPPED.masking))
    assert compile_policies(msgspec.structs.replace(SHIPPED, masking=masking)).composes is composes
