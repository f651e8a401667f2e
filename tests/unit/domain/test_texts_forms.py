"""The catalogue's phrases: in both languages, and true of what the operators do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.deid.generalise import compile_bands
from gateway.domain.deid.masks import compile_mask
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
from gateway.domain.subject import InvalidIdentifier, normalise
from gateway.domain.texts_forms import mask_form, release_form
from gateway.domain.texts_identifiers import NORMALISATION
from gateway.domain.vocabulary import IdentifierType

HAN = re.compile("[\u4e00-\u9fff]")
FORMATS = st.builds(
    MaskFormat,
    source=st.just("a standard"),
    keep_first=st.integers(0, 8),
    keep_last=st.integers(0, 8),
    fixed_length=st.none() | st.integers(1, 32),
)
RELEASES: list[Release] = [
    Keep(),
    Withhold(),
    Pseudonymise(),
    Detect(),
    Mask("any"),
    Generalise(bands=(10, 20)),
    Generalise(date="month"),
    Generalise(date="year"),
    Generalise(address="district"),
    Generalise(address="city"),
]
MASKS = {"any": MaskFormat("a standard", 1, 2)}


def test_every_release_has_a_phrase_of_its_own_in_both_languages() -> None:
    forms = [release_form(one, MASKS) for one in RELEASES]
    assert len({form.en for form in forms}) == len({form.zh for form in forms}) == len(RELEASES)
    for form in forms:
        assert re.fullmatch(r"[a-z*0-9][ -~]+", form.en)
        assert not HAN.search(form.en)
        assert HAN.search(form.zh)
        assert not form.en.endswith(".")
        assert not form.zh.endswith("。")


def test_every_way_to_release_is_in_these_tests() -> None:
    assert {type(one) for one in RELEASES} == set(Release.__args__)


@given(FORMATS, FORMATS)
def test_masks_that_differ_are_described_differently(one: MaskFormat, other: MaskFormat) -> None:
    same = (one.keep_first, one.keep_last, one.fixed_length) == (
        other.keep_first,
        other.keep_last,
        other.fixed_length,
    )
    assert (mask_form(one).en == mask_form(other).en) == same
    assert (mask_form(one).zh == mask_form(other).zh) == same


@given(FORMATS, st.text(alphabet="abcdefgh", min_size=1, max_size=40))
def test_a_mask_does_what_its_phrase_says(mask: MaskFormat, value: str) -> None:
    """The numbers of the phrase, applied by hand, give the operator's result."""
    said = mask_form(mask).en
    first = int(found[1]) if (found := re.search(r"first (\d+)", said)) else 0
    last = int(found[1]) if (found := re.search(r"last (\d+)", said)) else 0
    fixed = int(found[1]) if (found := re.search(r"(\d+) \*", said)) else None
    whole = re.search(r"a value of (\d+) or fewer is masked whole", said)
    assert (whole is not None) == (first + last > 0)
    if len(value) <= (int(whole[1]) if whole else 0):
        expected = "*" * (len(value) if fixed is None else fixed)
    else:
        stars = len(value) - first - last if fixed is None else fixed
        expected = value[:first] + "*" * stars + value[len(value) - last :]
    assert compile_mask(mask)(value) == expected


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=11, unique=True), st.integers(-5, 1005))
def test_each_band_is_listed_as_it_is_released(edges: list[int], value: int) -> None:
    ascending = tuple(sorted(edges))
    form = release_form(Generalise(bands=ascending), {})
    label = compile_bands(ascending)(value)
    assert label in form.en.partition(": ")[2].split(", ")
    assert label in form.zh.partition("：")[2].split(", ")


def test_many_bands_are_counted() -> None:
    form = release_form(Generalise(bands=tuple(range(64))), {})
    assert form.en == "one of 65 bands: <0 ... >=63"
    assert form.zh == "65 个区间之一：<0 ... >=63"


def test_one_character_is_one() -> None:
    assert mask_form(MaskFormat("a standard", 1)).en.startswith("first 1 character kept,")


def test_the_shipped_example() -> None:
    form = mask_form(MaskFormat("a standard", 6, 4))
    assert form.en == (
        "first 6 and last 4 characters kept, * for each other character;"
        " a value of 10 or fewer is masked whole"
    )
    assert form.zh == "保留前 6 位、后 4 位，其余每位以 * 代替；不超过 10 位的值全部掩盖"


def test_every_identifier_has_its_normal_form_in_both_languages() -> None:
    assert set(NORMALISATION) == set(IdentifierType)
    for text in NORMALISATION.values():
        assert re.fullmatch(r"[A-Z][ -~]+\.", text.en)
        assert text.zh.endswith("。")
        assert HAN.search(text.zh)


@pytest.mark.parametrize(
    ("kind", "raw", "normal"),
    [
        (IdentifierType.CN_RESIDENT_ID, " １1010519491231002 x", "11010519491231002X"),
        (IdentifierType.CN_RESIDENT_ID, "110105-19491231–00·2.x", "11010519491231002X"),
        (IdentifierType.US_SSN, "１23-45—6789", "123456789"),
    ],
)
def test_what_the_normal_forms_say_is_what_is_done(
    kind: IdentifierType, raw: str, normal: str
) -> None:
    assert normalise(kind, raw).value == normal


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (IdentifierType.CN_RESIDENT_ID, "110105194912310021"),
        (IdentifierType.US_SSN, "000-45-6789"),
        (IdentifierType.US_SSN, "666-45-6789"),
        (IdentifierType.US_SSN, "123-00-6789"),
        (IdentifierType.US_SSN, "123-45-0000"),
    ],
)
def test_what_the_normal_forms_refuse_is_refused(kind: IdentifierType, raw: str) -> None:
    with pytest.raises(InvalidIdentifier):
        normalise(kind, raw)
