"""Check digits: published vectors, and that one wrong digit lowers the score.

Vectors: the IBAN registry (ISO 13616) and its examples, test card numbers that the schemes publish,
routing numbers of Federal Reserve banks, the NHS Data Dictionary's 943 476 5919, the Taxation
Office's sample 123 456 782, the Business Register's 51 824 753 556, Singapore's sample S1234567D,
Hong Kong's sample A123456(3), 3GPP's IMEI example 49-015420-323751-8, BIP 173 and BIP 350.
"""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.recognisers.base import PROVED
from gateway.detection.recognisers.international.checks import (
    has_base58_check,
    has_bech32_check,
    has_verhoeff_check,
)
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.international.iban import LENGTHS
from support.international_findings import found, named, score
from support.international_numbers import GENERATORS, LABELS

IBANS = codes("""
AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741
AT611904300234573201 AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034
BG80BNBG96611020345678 BH67BMAG00001299123456 BR1800360305000010009795493C1
BY13NBRB3600900000002Z00AB00 CH9300762011623852957 CR05015202001026284066
CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000
DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685 ES9121000418450200051332
FI2112345600000785 FO6264600001631634 FR1420041010050500013M02606 GB29NWBK60161331926819
GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206
GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160
HU42117730161111101800000000 IE29AIBK93115212345678 IL620108000000099999999
IS140159260076545510730339 IT60X0542811101000000123456 JO94CBJO0010000000000131000302
KW81CBKU0000000000001234560101 KZ86125KZT5004100100 LB62099900000001001901229114
LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001
MC5811222000010123456789030 MD24AG000225100013104168 ME25505000012345678951
MK07250120000058984 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S
MU17BOMM0101101030300200000MUR NL91ABNA0417164300 NO9386011117947 PK36SCBL0000001123456702
PL61109010140000071219812874 PS92PALS000000000400123456702 PT50000201231234567890154
QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000 RS35260005601001611379
SA0380000000608010167519 SE4550000000058398257466 SI56263300012039086 SK3112000000198742637541
SM86U0322509800000000270100 TN5910006035183598478831 TR330006100519786457841326
UA213223130000026007233566001 VG96VPVG0000012345678901 XK051212012345678906
""")
CARDS = codes("""
4111111111111111 4012888888881881 4222222222222 5555555555554444 5105105105105100
2223003122003222 378282246310005 371449635398431 30569309025904 38520000023237 3530111333300000
3566002020360505 6011111111111117 6011000990139424 6500000000000002
""")
OTHERS = (
    ("ABA_ROUTING_NUMBER", "routing number {}", "021000021"),
    ("ABA_ROUTING_NUMBER", "ABA: {}", "011000015"),
    ("ABA_ROUTING_NUMBER", "RTN {}", "111000038"),
    ("UK_NHS", "NHS number {}", "943 476 5919"),
    ("UK_NHS", "NHS no {}", "9434765919"),
    ("CA_SIN", "SIN {}", "130 692 544"),
    ("AU_TFN", "TFN {}", "123 456 782"),
    ("AU_ABN", "ABN {}", "51 824 753 556"),
    ("IN_AADHAAR", "Aadhaar {}", "2341 2341 2346"),
    ("SG_NRIC_FIN", "NRIC {}", "S1234567D"),
    ("HK_IDENTITY_CARD", "HKID {}", "A123456(3)"),
    ("IMEI", "IMEI {}", "490154203237518"),
)


@pytest.mark.parametrize("number", sorted(IBANS))
def test_the_registry_s_examples_are_proved(number: str) -> None:
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    assert score(f"to {number} today", "IBAN_CODE") == PROVED
    assert named(f"to {grouped} is ok", "IBAN_CODE") == [grouped]
    assert named(f"账号{number.lower()}已停用", "IBAN_CODE") == [number.lower()]


def test_the_lengths_are_those_of_the_examples() -> None:
    assert {one[:2]: len(one) for one in IBANS}.items() <= LENGTHS.items()


@pytest.mark.parametrize("number", sorted(CARDS))
def test_the_schemes_test_numbers_are_proved(number: str) -> None:
    assert score(f"卡{number}已换", "CREDIT_CARD") == PROVED


@pytest.mark.parametrize("number", ["6222020200112230", "1234567812345670", "9111111111111117"])
def test_numbers_of_other_issuers_are_not_found(number: str) -> None:
    assert named(f"no {number} here", "CREDIT_CARD", 0.0) == []


@pytest.mark.parametrize(("entity", "carrier", "number"), OTHERS)
def test_published_numbers_are_proved_under_their_label(
    entity: str, carrier: str, number: str
) -> None:
    assert score(carrier.format(number), entity) == PROVED


CHECKED = (
    "CREDIT_CARD", "IBAN_CODE", "ABA_ROUTING_NUMBER", "UK_NHS", "CA_SIN", "AU_TFN", "AU_ABN",
    "IN_AADHAAR", "SG_NRIC_FIN", "HK_IDENTITY_CARD", "IMEI",
)  # fmt: skip
NEXT_DIGIT = str.maketrans("0123456789", "1234567890")


@pytest.mark.parametrize("entity", CHECKED)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_one_wrong_digit_lowers_the_score(entity: str, seed: int) -> None:
    rng = Random(seed)
    value = GENERATORS[entity](rng)
    places = [at for at, one in enumerate(value) if one.isdigit()][4:]
    at = rng.choice(places)
    wrong = value[:at] + value[at].translate(NEXT_DIGIT) + value[at + 1 :]
    label = next(iter(LABELS.get(entity, ("",))))
    right = [one for one in found(label + value, 0.0) if one.entity == entity]
    failed = [one for one in found(label + wrong, 0.0) if one.entity == entity]
    assert [(one.text, one.checked) for one in right] == [(value, True)]
    assert all(one.score < right[0].score and one.checked is False for one in failed)


def test_a_failed_check_alone_stays_below_every_threshold() -> None:
    assert 0 < score("no 4111111111111112 here", "CREDIT_CARD") < 0.5
    assert score("card 4111111111111112", "CREDIT_CARD") > 0.5
    assert 0 < score("to DE89370400440532013001 today", "IBAN_CODE") < 0.5


@pytest.mark.parametrize(
    "address",
    ["BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
     "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"],
)  # fmt: skip
def test_bech32_vectors_of_bip_173_and_350(address: str) -> None:
    assert named(f"pay {address} now", "CRYPTO") == [address]
    assert not has_bech32_check(address.lower()[:-1] + ("q" if address[-1] not in "qQ" else "p"))


def test_base_58_vector_of_the_genesis_block() -> None:
    address = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    assert named(f"比特币{address}已转", "CRYPTO") == [address]
    assert not has_base58_check(address[:-1] + "b")


def test_verhoeff_s_own_example() -> None:
    assert [one for one in "0123456789" if has_verhoeff_check("236" + one)] == ["3"]


@pytest.mark.parametrize(
    "number", ["3782 8224 6310 005", "3782-8224-6310-005", "3056 9309 0259 04"]
)
def test_short_cards_in_fours_end_where_their_number_does(number: str) -> None:
    # The sample numbers of American Express and Diners Club, set as those of other schemes are.
    assert named(f"{number} 48 months", "CREDIT_CARD") == [number]
    assert named(f"{number}48 months", "CREDIT_CARD") == []
