"""What states give: forms, ranges that are never given, labels near and far.

Sources: Social Security Administration (POMS RM 10201.035), Internal Revenue Service (ITIN, EIN),
HM Revenue & Customs NIM39110, Royal Mail, SWIFT's ISO 9362, Postal Service (ZIP codes).
"""

import pytest

from support.international_findings import named, score

FOUND = (
    ("US_SSN", "SSN219-09-9999", "219-09-9999"),
    ("US_SSN", "SSN219099999", "219099999"),
    ("US_SSN", "社保号219-09-9999号", "219-09-9999"),
    ("US_SSN", "a social security number of 219099999", "219099999"),
    ("US_SSN", "社会安全号：219099999", "219099999"),
    ("US_SSN", "219-09-9999 (SSN)", "219-09-9999"),
    ("US_SSN", "SSN: 219.09.9999", "219.09.9999"),
    ("US_ITIN", "ITIN 912-70-1234", "912-70-1234"),
    ("US_EIN", "EIN: 12-3456789", "12-3456789"),
    ("US_DRIVER_LICENSE", "Driver's License: D1234567", "D1234567"),
    ("US_DRIVER_LICENSE", "DL# 12345678", "12345678"),
    ("US_DRIVER_LICENSE", "driver license no. S123-4567-8901", "S123-4567-8901"),
    ("UK_DRIVING_LICENCE", "MORGA657054SM9IJ", "MORGA657054SM9IJ"),
    ("US_PASSPORT", "passport number is 561234567", "561234567"),
    ("US_PASSPORT", "美国护照：A12345678", "A12345678"),
    ("UK_PASSPORT", "UK passport 925665416", "925665416"),
    ("US_BANK_NUMBER", "checking account 123456789012", "123456789012"),
    ("US_BANK_NUMBER", "a/c no. 12345678", "12345678"),
    ("UK_SORT_CODE", "sort code 20-00-00, account 12345678", "20-00-00"),
    ("UK_NINO", "AB 12 34 56 C", "AB 12 34 56 C"),
    ("UK_NINO", "NI number ab123456c", "ab123456c"),
    ("UK_POSTCODE", "London SW1A 1AA.", "SW1A 1AA"),
    ("UK_POSTCODE", "住在EC1A 1BB附近", "EC1A 1BB"),
    ("UK_POSTCODE", "postcode m11ae", "m11ae"),
    ("US_ZIP_CODE", "San Francisco, CA 94105", "94105"),
    ("US_ZIP_CODE", "Austin, Texas 78701-1234", "78701-1234"),
    ("US_ZIP_CODE", "Springfield, IL 12345", "12345"),
    ("US_ZIP_CODE", "ZIP 10001", "10001"),
    ("SWIFT_CODE", "SWIFT: DEUTDEFF", "DEUTDEFF"),
    ("SWIFT_CODE", "BIC DEUTDEFF500", "DEUTDEFF500"),
    ("SWIFT_CODE", "via CHASUS33 today", "CHASUS33"),
    ("IN_PAN", "PAN ABCPE1234F", "ABCPE1234F"),
    ("US_MBI", "Medicare 1EG4-TE5-MK73", "1EG4-TE5-MK73"),
    ("CREDIT_CARD_CVV", "CVV 123", "123"),
    ("LOAN_NUMBER", "loan number LN-2026-0001", "LN-2026-0001"),
    ("LOAN_NUMBER", "loan_id: 88123456", "88123456"),
    ("ACCOUNT_ID", "application id APP-88123", "APP-88123"),
    ("ACCOUNT_ID", "Customer No. C1234567", "C1234567"),
)
NOT_FOUND = (
    ("US_SSN", "000-12-3456 666-12-3456 900-12-3456"),
    ("US_SSN", "219-00-9999 219-09-0000"),
    ("US_SSN", "219099999"),
    ("US_SSN", "1219-09-9999 219-09-99991 219-09-9999-1"),
    ("US_SSN", "abc219-09-9999"),
    ("US_ITIN", "912-49-1234 912-93-1234"),
    ("US_EIN", "12-3456789"),
    ("US_EIN", "EIN 07-3456789"),
    ("US_DRIVER_LICENSE", "license to operate since 2024"),
    ("US_PASSPORT", "561234567"),
    ("US_BANK_NUMBER", "account 2026-11-22"),
    ("US_BANK_NUMBER", "account of 12,500.00"),
    ("UK_NINO", "BG123456A GB123456A NK123456A TN123456A ZZ123456A"),
    ("UK_NINO", "DA123456A FA123456A QQ123456A"),
    ("UK_POSTCODE", "QQ1 1AA and sw1a 1aa"),
    ("US_ZIP_CODE", "paid 94105 of 10001"),
    ("US_ZIP_CODE", "in CA 10001"),
    ("SWIFT_CODE", "DOCUMENT PASSWORD CUSTOMER"),
    ("SWIFT_CODE", "SWIFT: DEUTQQFF"),
    ("CREDIT_CARD_CVV", "code 123"),
    ("LOAN_NUMBER", "loan number of 12 and loan of 250000"),
    ("UK_NHS", "9434765919"),
)


@pytest.mark.parametrize(("entity", "text", "value"), FOUND)
def test_it_is_found(entity: str, text: str, value: str) -> None:
    assert value in named(text, entity)


@pytest.mark.parametrize(("entity", "text"), NOT_FOUND)
def test_it_is_not_found(entity: str, text: str) -> None:
    assert named(text, entity) == []


def test_numbers_never_given_are_possible_under_a_label_only() -> None:
    assert score("000-12-3456", "US_SSN") == 0
    assert 0.5 < score("SSN 000-12-3456", "US_SSN") < score("SSN 219-09-9999", "US_SSN")


def test_a_label_does_not_reach_over_another_number() -> None:
    assert named("SSN 219-09-9999, amount 123456789", "US_SSN") == ["219-09-9999"]
    assert named("accounts 12345678, 23456789 and 34567890", "US_BANK_NUMBER") == [
        "12345678",
        "23456789",
        "34567890",
    ]


def test_a_label_does_not_reach_into_the_next_sentence() -> None:
    assert named("She gave no SSN. Invoice 123456789 was paid.", "US_SSN") == []
    assert named("Acct No. 123456789", "US_BANK_NUMBER") == ["123456789"]


def test_a_label_does_not_reach_far() -> None:
    assert named(f"SSN {'was given on paper ' * 3} 123456789", "US_SSN") == []


def test_the_longer_label_names_the_passport() -> None:
    assert named("British passport no. 925665416", "US_PASSPORT") == []


def test_a_label_stands_right_before_or_right_behind_its_number() -> None:
    for text in ("SSN: 219099990", "SSN 219099990", "SSN219099990", "219099990 (SSN)"):
        assert named(text, "US_SSN") == ["219099990"], text
    for text in ("SSN! 219099990", "SSN? 219099990", "219099990, SSN", "219099990\nSSN"):
        assert named(text, "US_SSN") == [], text
