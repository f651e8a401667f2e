"""Telephone numbers as people write them, and the numbers that are none.

Numbers for fiction: Ofcom's (020 7946 0xxx, 07700 900xxx, 01632 960xxx), 555-01xx of the North
American plan, ACMA's (02 5550 xxxx); the others are invented in the forms of Faker's locales.
"""

import pytest
from faker import Faker
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.recognisers.international.phone import _EXTENSION, _extension_end
from support.international_findings import found, named, score

ALONE = (
    """
(212) 555-0187|(212)555-0187|212-555-0187|212.555.0187|212 555-0187|1-212-555-0187|1 (212) 555-0187
+1-212-555-0187|+12125550187|001-212-555-0187|212-555-0187x123|(212)555-0187 ext. 4567
+1-212-555-0187x12345|206.269.0743x9150|106-690-7439|0207 946 0958|020 7946 0958|(020) 7946 0958
07700 900123|07700900123|02079460958
(0161) 496 0345|01632 960123|+44 20 7946 0958
+44(0)20 7946 0958|+44 (0)20 7946 0958
0044 20 7946 0958|+442079460958|+61 2 5550 1234|(02) 5550 1234|02-5550-1234
0491 570 156|+61.491.570.156|+64 9 555 1234|+353 1 555 1234|+91 98765 43210|+91-9876543210
+49 30 90182056|+49 (0) 30 901820|030/90182056|(030) 901820|0151 23456789
06583 53374 068|+33 1 42 68 53 00
01 42 68 53 00|+33 (0)1 42 68 53 00|+39 06 6982 1234|+34 91 514 84 00|+34912345678|+81 3-1234-5678
090-1234-5678|+82 2-312-3456|02-312-3456|+55 11 91234-5678|(11) 91234-5678|+7 (914) 177-76-31
8 (914) 177-76-31|+65 6123 4567|+852 2345 6789|+971 50 123 4567|+886 2 2345 6789|(+358) 92345678
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
LABELLED = (
    ("call 5552120187 now", "5552120187"),
    ("Phone: 555-0187", "555-0187"),
    ("phone 2125550187", "2125550187"),
    ("Tel:020 7946 0958", "020 7946 0958"),
    ("Tel+442079460958", "+442079460958"),
    ("mobile 729 825 979", "729 825 979"),
    ("fax 8-800-555-35-35", "8-800-555-35-35"),
    ("电话87654321", "87654321"),
    ("联系电话：8765 4321，找王先生", "8765 4321"),
    ("致电555-0187", "555-0187"),
    ("电话020 7946 0958转123", "020 7946 0958转123"),
    ("传真：2125550187", "2125550187"),
    ("reach me at 6584.0777", "6584.0777"),
    ("(Tel.) 212 555 0187", "212 555 0187"),
)
NONE = (
    "number 5552120187 was drawn",
    "at 2026-11-22 10:30 and 22.11.2026 48",
    "call on 05-12-2026 or 2026-05-12",
    "call 1,000,000 times",
    "phone costs $5550187.00",
    "0.12125550187",
    "1+2125550187",
    "x212-555-0187",
    "550e8400-e29b-212-555-0187",
    "212-555-0187-9",
    "+999 123 4567890",
    "+0 123 456 7890",
    "212 555 0187 313 555 0188 414 555 0189",
    "phone. The total was 5552120187 in all",
    "00 11 22 33 44 55",
    "phone 12.5550187",
)


@pytest.mark.parametrize("number", ALONE)
def test_a_form_of_a_plan_needs_no_label(number: str) -> None:
    assert named(f"I wrote {number} down.", "PHONE_NUMBER") == [number]
    assert named(f"客户{number}已停机", "PHONE_NUMBER") == [number]


@pytest.mark.parametrize(("text", "number"), LABELLED)
def test_digits_under_a_label_are_found(text: str, number: str) -> None:
    assert named(text, "PHONE_NUMBER") == [number]


@pytest.mark.parametrize("text", NONE)
def test_other_numbers_are_not_found(text: str) -> None:
    assert named(text, "PHONE_NUMBER") == []


def test_a_list_after_one_label_is_found_to_its_end() -> None:
    text = "phones 5552120187, 5552120188 and 5552120189"
    assert named(text, "PHONE_NUMBER") == ["5552120187", "5552120188", "5552120189"]


def test_a_number_that_follows_is_no_part_of_it() -> None:
    assert named("ring +44 20 7946 0958 2026 times", "PHONE_NUMBER") == ["+44 20 7946 0958"]
    assert named("48 +12125550187 12", "PHONE_NUMBER") == ["+12125550187"]


def test_a_label_raises_the_score() -> None:
    assert score("phone 020 7946 0958", "PHONE_NUMBER") > score("x 020 7946 0958", "PHONE_NUMBER")


def test_mainland_mobiles_are_left_to_their_own_recogniser() -> None:
    assert named("手机13800138000", "PHONE_NUMBER") == []
    assert named("mobile 138 0013 8000", "PHONE_NUMBER") == []
    assert score("+8613800138000", "PHONE_NUMBER") < score("+442079460958", "PHONE_NUMBER")
    # With the code of America before it the same length and begin is no mobile of the mainland.
    assert score("+1 (434) 555-0187", "PHONE_NUMBER") == score("+442079460958", "PHONE_NUMBER")


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "en_CA", "de_DE", "fr_FR", "es_ES", "ko_KR"])
def test_what_faker_writes_is_found_under_a_label(locale: str) -> None:
    faker = Faker(locale)
    faker.seed_instance(20261122)
    missed = [
        number
        for number in (faker.phone_number() for _ in range(200))
        if number not in named(f"Please call me at {number} today", "PHONE_NUMBER")
    ]
    assert len(missed) <= 2


def test_what_faker_writes_is_mostly_found_alone() -> None:
    faker = Faker("en_US")
    faker.seed_instance(20261122)
    numbers = [faker.phone_number() for _ in range(300)]
    missed = [one for one in numbers if one not in named(f"take {one} then", "PHONE_NUMBER")]
    # Ten bare digits are a telephone number for those who wrote it only.
    assert all(one.isdigit() for one in missed)


def test_every_reason_is_of_fixed_words() -> None:
    for text, number in LABELLED:
        assert all(number not in one.why for one in found(text))


@pytest.mark.parametrize(
    "text",
    [
        "客服热线：400-812-3456，服务时间9:00-21:00",
        "客服电话4008123456",
        "请致电800-810-1234咨询",
        "手机产量1234567890部，电话用户17.9亿户",
        "电话用户23456789户",
    ],
)
def test_service_numbers_of_the_mainland_and_quantities_are_nobodys(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["电话2345678901部门经理", "联系电话415-555-2671", "Call 800-555-0199 today"]
)
def test_a_department_is_no_quantity_and_other_numbers_stay(text: str) -> None:
    assert [one.entity for one in found(text)] == ["PHONE_NUMBER"]


_WORDS = ("x", "ext", "extn", "extension", "#", "分机号", "分机", "转", "X", "Ext", "EXT", "tel")


@given(st.text(" ,", max_size=3), st.sampled_from(_WORDS), st.text(" .:#12", max_size=6))
def test_no_extension_is_passed_over_for_how_it_begins(gap: str, word: str, number: str) -> None:
    behind = gap + word + number
    match = _EXTENSION.match(behind)
    assert _extension_end(behind, 0) == (match.end() if match else 0)


@pytest.mark.parametrize("word", _WORDS[:-1])
def test_an_extension_belongs_to_its_number(word: str) -> None:
    text = f"(212) 555-0187 {word} 123"
    assert named(f"call {text} now", "PHONE_NUMBER") == [text]
