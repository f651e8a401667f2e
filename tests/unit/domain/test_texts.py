"""The catalogue of texts: whole, in both languages, and unable to carry a value."""

import re
from itertools import combinations

import pytest

from gateway.domain.citations import Localized
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.texts import ENTRIES, change_text, finding_text, smallest_change
from gateway.domain.texts_form import AUTHORITIES, WORDS, Template
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent

HAN = re.compile("[\u4e00-\u9fff]")
ELEMENTS = ["", "credit.underwriting", "third_party", "a,b-c"]


def every_text() -> list[Localized]:
    found = []
    for reason in ErrorReason:
        for element in ELEMENTS:
            finding = Finding(reason, element, "PIPL 23")
            change = change_text(finding)
            found += [finding_text(finding), smallest_change([finding], ["a.b"])]
            found += [change] if change else []
    return found


def test_every_reason_has_its_entry() -> None:
    assert set(ENTRIES) == set(ErrorReason)


@pytest.mark.parametrize("reason", ErrorReason)
def test_both_languages_are_whole_sentences(reason: ErrorReason) -> None:
    for text in (finding_text(Finding(reason)), smallest_change([Finding(reason)])):
        assert re.fullmatch(r"[A-Z][ -~]+\.", text.en)
        assert text.zh.endswith("。")
        assert HAN.search(text.zh)
        assert not re.search("[,;:()]", text.zh), "half-width punctuation in Chinese"


def test_no_placeholder_is_left() -> None:
    for text in every_text():
        assert not re.search(r"[\[\]{}]|  | \.|\.\.|。。", text.en + text.zh)


def test_no_two_reasons_share_a_text() -> None:
    for field in ("finding", "change"):
        said = {
            reason: text
            for reason, entry in ENTRIES.items()
            if isinstance(text := getattr(entry, field), Template)
        }
        for one, other in combinations(said, 2):
            assert said[one].en != said[other].en
            assert said[one].zh != said[other].zh


@pytest.mark.parametrize("field", ["finding", "change"])
def test_both_languages_have_the_same_places_for_the_element(field: str) -> None:
    for entry in ENTRIES.values():
        text = getattr(entry, field)
        if isinstance(text, Template):
            assert ("{element}" in text.en) == ("{element}" in text.zh)
            for language in text:
                assert language.count("{element}") == len(re.findall(r"\[[^\]]*\]", language))


def test_the_element_and_the_article_are_named() -> None:
    finding = Finding(ErrorReason.CONSENT_SEPARATE_MISSING, "third_party", "PIPL 23")
    assert finding_text(finding) == Localized(
        "The separate consent is missing for provision to a third party (third_party)"
        " (Personal Information Protection Law, article 23).",
        "缺少单独同意：向第三方提供（third_party）（个人信息保护法第二十三条）。",
    )
    assert change_text(finding) == Localized(
        "Obtain the person's separate consent for provision to a third party (third_party).",
        "请就此取得该个人的单独同意：向第三方提供（third_party）。",
    )


def test_every_word_of_consents_has_its_plain_words() -> None:
    assert set(WORDS) == {*SeparateConsent, *LawfulBasis}


@pytest.mark.parametrize(
    "element", ["张三", "Ann Lee", "a@b.example", "<b>", "{element}", "x\ny", "a" * 401]
)
def test_an_element_that_is_no_plain_word_is_dropped(element: str) -> None:
    for reason in ErrorReason:
        bare, full = Finding(reason), Finding(reason, element)
        assert finding_text(full) == finding_text(bare)
        assert change_text(full) == change_text(bare)


def test_an_alternative_that_is_no_plain_word_is_dropped() -> None:
    findings = [Finding(ErrorReason.CONSENT_PAUSED)]
    assert smallest_change(findings, ["张三"]) == smallest_change(findings)


def test_all_changes_are_joined_and_the_other_way_comes_last() -> None:
    findings = [
        Finding(ErrorReason.CONSENT_PAUSED),
        Finding(ErrorReason.CONSENT_DATASET_MISSING, "credit.applicant"),
        Finding(ErrorReason.CONSENT_PAUSED),
    ]
    assert smallest_change(findings, ["credit.review", "fraud.check"]) == Localized(
        "Have the consent resumed. Obtain a consent that names the dataset credit.applicant."
        " Or ask for a purpose that is allowed now: credit.review, fraud.check.",
        "请先恢复该同意。请取得载明该数据集（credit.applicant）的同意。"
        "或者改用当前允许的目的：credit.review、fraud.check。",
    )


@pytest.mark.parametrize(
    ("reason", "word"),
    [(ErrorReason.RULE_FORBIDS, "data steward"), (ErrorReason.INTERNAL, "operator")],
)
def test_where_the_caller_can_do_nothing_it_reads_who_can(reason: ErrorReason, word: str) -> None:
    assert change_text(Finding(reason)) is None
    assert word in smallest_change([Finding(reason)]).en
    assert len(AUTHORITIES) == 2


def test_nothing_in_the_way_needs_no_change() -> None:
    assert smallest_change([]) == Localized("", "")
