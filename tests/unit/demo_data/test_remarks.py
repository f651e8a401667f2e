"""The made-up remarks mention what a detector must find, in templates that all occur."""

import re

import pytest

from clients.cli.local.demo_data.dataset import Applicant, applicants
from clients.cli.local.demo_data.remarks import grouped, templates


def own_values(applicant: Applicant) -> tuple[str, ...]:
    return (
        applicant.name,
        applicant.phone,
        applicant.bank_card,
        applicant.identity_number,
        applicant.address,
    )


def test_remarks_have_the_allowed_length_and_no_field_left_open() -> None:
    for applicant in applicants():
        assert 60 <= len(applicant.remark) <= 150
        assert not set("{}") & set(applicant.remark)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_of_a_language_is_in_use(language: str) -> None:
    texts = templates("zh" if language == "zh" else "en")
    assert len(texts) >= 8
    for template in texts:
        pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(template))
        assert sum(bool(re.fullmatch(pattern, a.remark)) for a in applicants()) >= 10


@pytest.mark.parametrize("market", ["CN", "US"])
def test_most_remarks_mention_an_own_value_and_each_kind_occurs(market: str) -> None:
    rows = [a for a in applicants() if a.market == market]
    mentions = [[value in a.remark for value in own_values(a)] for a in rows]
    assert sum(any(row) for row in mentions) > 400
    assert sum(sum(row) >= 2 for row in mentions) > 200
    for kind in zip(*mentions, strict=True):
        assert sum(kind) >= 20


@pytest.mark.parametrize(
    ("market", "phone"), [("CN", r"1[3-9]\d{9}(?!\d)"), ("US", r"\(\d{3}\) 555-01\d\d")]
)
def test_some_remarks_give_a_contact_persons_phone_that_is_no_applicants(
    market: str, phone: str
) -> None:
    known = {a.phone for a in applicants()}
    rows = [a for a in applicants() if a.market == market]
    numbers = (re.findall(rf"(?<!\d){phone}", a.remark) for a in rows)
    assert sum(any(n not in known for n in found) for found in numbers) >= 50


def test_some_remarks_give_an_own_number_in_groups() -> None:
    assert sum(grouped(a.bank_card, 4) in a.remark for a in applicants()) >= 50
    assert sum(grouped(a.phone, 3, 4) in a.remark for a in applicants()) >= 50


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((4,), "1234 5678 901"), ((3, 4), "123 4567 8901"), ((20,), "12345678901")],
)
def test_grouping_repeats_the_last_size(sizes: tuple[int, ...], expected: str) -> None:
    assert grouped("12345678901", *sizes) == expected
