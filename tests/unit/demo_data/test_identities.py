"""The made-up identities: well-formed, consistent with the credit table, the same everywhere."""

import hashlib
import os
import random
import re
import subprocess
import sys
from dataclasses import astuple, replace
from datetime import date
from pathlib import Path

import pytest
from faker import Faker
from faker.providers.ssn.zh_CN import Provider as Gbt2260
from hypothesis import given
from hypothesis import strategies as st
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import PhoneRecognizer, UsSsnRecognizer

from clients.cli.local.demo_data.dataset import applicants, synthetic_subject
from clients.cli.local.demo_data.errors import DemoDataError
from clients.cli.local.demo_data.identities import IdentityGenerator, birth_date
from support.published_checks import gb_11643_character, passes_luhn

PROJECT = Path(__file__).parents[3]
# Over every field of every row. Faker's name lists are part of it: a new Faker may change it.
TABLE_SHA256 = "fd60ec2a3f68aa657e0b07485fa1af2e99f836abeb660b3275799f41be704a27"
HASH_PROGRAM = """
import hashlib
from dataclasses import astuple
from clients.cli.local.demo_data.dataset import applicants
print(hashlib.sha256(repr([astuple(a) for a in applicants()]).encode()).hexdigest())
"""

# The recognisers used here look at the text only.
NO_ARTIFACTS = NlpArtifacts([], [], [], [], None, "en")  # type: ignore[arg-type]

CHINESE = [a for a in applicants() if a.market == "CN"]
AMERICAN = [a for a in applicants() if a.market == "US"]


def table_sha256() -> str:
    return hashlib.sha256(repr([astuple(a) for a in applicants()]).encode()).hexdigest()


def test_half_of_the_applicants_are_chinese_and_half_american() -> None:
    assert (len(CHINESE), len(AMERICAN)) == (500, 500)
    assert {a.identity_type for a in CHINESE} == {"CN_RESIDENT_ID"}
    assert {a.identity_type for a in AMERICAN} == {"US_SSN"}


def test_both_markets_have_both_sexes() -> None:
    for market in (CHINESE, AMERICAN):
        women = sum(a.personal_status_and_sex.startswith("female") for a in market)
        assert women == 155


def test_every_identity_is_marked_synthetic() -> None:
    assert {a.synthetic for a in applicants()} == {1}


def test_applicant_numbers_follow_the_rows() -> None:
    assert [a.applicant_no for a in applicants()] == [f"A-{n:04d}" for n in range(1, 1001)]


def test_the_table_is_the_pinned_one() -> None:
    assert table_sha256() == TABLE_SHA256


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_generates_the_same_table(hash_seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(PROJECT)}
    finished = subprocess.run(
        [sys.executable, "-c", HASH_PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.strip() == TABLE_SHA256


def test_global_random_state_has_no_influence() -> None:
    Faker.seed(99)
    random.seed(99)
    fresh = IdentityGenerator().identity(6, age=synthetic_subject(7).age_in_years, sex="male")
    assert vars(fresh).items() <= vars(synthetic_subject(7)).items()


def test_a_row_does_not_depend_on_the_rows_before_it() -> None:
    in_order, alone = IdentityGenerator(), IdentityGenerator()
    for row in range(5):
        in_order.identity(row, age=40, sex="female")
    assert in_order.identity(5, age=40, sex="male") == alone.identity(5, age=40, sex="male")


@pytest.mark.parametrize("field", ["identity_number", "bank_card", "address", "applicant_no"])
def test_no_two_applicants_share_a_value(field: str) -> None:
    assert len({getattr(a, field) for a in applicants()}) == 1000


def test_resident_ids_carry_a_valid_check_character() -> None:
    for applicant in CHINESE:
        number = applicant.identity_number
        assert re.fullmatch(r"\d{17}[\dX]", number)
        assert number[17] == gb_11643_character(number[:17])


def test_resident_ids_begin_with_a_region_code_of_gbt_2260() -> None:
    assert {a.identity_number[:6] for a in CHINESE} <= set(Gbt2260.area_codes)


def test_resident_ids_carry_the_birth_date_and_the_sex() -> None:
    for applicant in CHINESE:
        female = applicant.personal_status_and_sex.startswith("female")
        assert applicant.identity_number[6:14] == applicant.date_of_birth.replace("-", "")
        assert int(applicant.identity_number[16]) % 2 == (0 if female else 1)


def test_age_on_the_reference_date_is_the_credit_tables() -> None:
    for applicant in applicants():
        born = date.fromisoformat(applicant.date_of_birth)
        birthday_is_past = (born.month, born.day) <= (1, 1)
        assert 2026 - born.year - (not birthday_is_past) == applicant.age_in_years


@given(seed=st.integers(), age=st.integers(min_value=0, max_value=120))
def test_a_birth_date_gives_exactly_the_age(seed: int, age: int) -> None:
    born = birth_date(random.Random(seed), age)
    assert date(2026 - age - 1, 1, 1) < born <= date(2026 - age, 1, 1)


def test_cards_pass_luhn_with_the_markets_prefix_and_length() -> None:
    assert all(passes_luhn(a.bank_card) for a in applicants())
    assert all(re.fullmatch(r"62\d{14,17}", a.bank_card) for a in CHINESE)
    assert all(re.fullmatch(r"4\d{15}", a.bank_card) for a in AMERICAN)
    assert {len(a.bank_card) for a in CHINESE} == {16, 17, 18, 19}
    assert all(re.fullmatch(r"\d{3}", a.card_cvn) for a in applicants())


def found(recogniser: EntityRecognizer, entity: str, text: str) -> set[str]:
    results = recogniser.analyze(text, [entity], NO_ARTIFACTS)
    return {text[r.start : r.end] for r in results}


def test_presidio_recognises_every_ssn_and_none_was_ever_issued() -> None:
    recogniser = UsSsnRecognizer()
    for applicant in AMERICAN:
        number = applicant.identity_number
        assert found(recogniser, "US_SSN", f"on file: {number}.") == {number}
        assert number[0] == "9"
        assert int(number[4:6]) < 50


def test_presidio_recognises_every_american_phone() -> None:
    recogniser = PhoneRecognizer(supported_regions=("US",))
    for applicant in AMERICAN:
        assert re.fullmatch(r"\(\d{3}\) 555-01\d\d", applicant.phone)
        assert applicant.phone in found(recogniser, "PHONE_NUMBER", f"call {applicant.phone} now")


def test_chinese_phones_are_mobile_numbers_of_eleven_digits() -> None:
    assert all(re.fullmatch(r"1[3-9]\d{9}", a.phone) for a in CHINESE)
    assert len({a.phone for a in CHINESE}) == 500


def test_names_and_addresses_are_in_the_markets_script() -> None:
    assert all(re.fullmatch(r"[\u4e00-\u9fff]{2,4}", a.name) for a in CHINESE)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+ [A-Z][A-Za-z]+", a.name) for a in AMERICAN)
    chinese = r"\D+?[路街道]\d+号\d+号楼\d+单元\d{3,4}室"
    american = r"\d+ [A-Za-z]+ [A-Z][a-z]+, [A-Za-z. ]+, [A-Z]{2} \d{5}"
    assert all(re.fullmatch(chinese, a.address) for a in CHINESE)
    assert all(re.fullmatch(american, a.address) for a in AMERICAN)


@pytest.mark.parametrize(
    ("n", "change"),
    [
        (1, {"synthetic": 0}),
        (1, {"market": "US"}),
        (1, {"bank_card": "6200000000000001"}),
        (1, {"bank_card": ""}),
        (1, {"identity_number": "110105194912310021"}),
        (1, {"identity_number": ""}),
        (1, {"date_of_birth": "1949-12-31"}),
        (2, {"date_of_birth": "31.12.1949"}),
        (2, {"identity_number": "123-45-6789"}),
        (2, {"identity_number": "912-50-6789"}),
        (2, {"identity_number": "912-00-6789"}),
    ],
)
def test_an_inconsistent_identity_cannot_be_built(n: int, change: dict[str, str | int]) -> None:
    with pytest.raises(DemoDataError) as refusal:
        replace(synthetic_subject(n), **change)  # type: ignore[arg-type]
    assert not any(str(value) in str(refusal.value) for value in change.values() if value)
