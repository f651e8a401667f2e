"""What sentences of another hand have shown: labels, neighbours and forms that were not known."""

import pytest

from gateway.application.ports.detection import Wanted
from gateway.detection.engine import TextEngine
from gateway.detection.recognisers.international.tails import TAIL
from gateway.detection.recognisers.registry import recogniser_classes

CARD_LIKE_ORDER = "5058705812526980"
"""Of an issuer's range, and the check digit holds."""
FOUND = (
    ("PHONE_NUMBER", "ssn=1&phone=+1-206-416-0355", "+1-206-416-0355"),
    ("PHONE_NUMBER", "ok email=a@b.com phone=(212) 841-5930", "(212) 841-5930"),
    ("PHONE_NUMBER", "a,518-68-1480,(646) 644-3342,b", "(646) 644-3342"),
    ("PHONE_NUMBER", "a,518-68-1480,312.336.2763,b", "312.336.2763"),
    ("PHONE_NUMBER", "Reached borrower at 5035208484, promised", "5035208484"),
    ("US_SSN", "my social is 523456789 and", "523456789"),
    ("US_SSN", "Social Security Number: 523456789", "523456789"),
    ("US_EIN", "payer TIN 82-7493672", "82-7493672"),
    ("UK_SORT_CODE", "Pay by BACS to 86-31-55 66372788", "86-31-55"),
    ("UK_BANK_NUMBER", "Standing order from 41-88-76 / 72422501", "72422501"),
    ("UK_SORT_CODE", "Sort Code: 26-04-37 Account Number: 49117527", "26-04-37"),
    ("SWIFT_CODE", "Wire instructions: Bank HSBCHKHH, account", "HSBCHKHH"),
    ("EMAIL_ADDRESS", "set email='a_joyce51@hotmail.com' where", "a_joyce51@hotmail.com"),
    ("IP_ADDRESS", "登录，IP192.168.94.155", "192.168.94.155"),
    ("IP_ADDRESS", "登录IP：2001:db8:a431:9fdb:ca8:366:9:1", "2001:db8:a431:9fdb:ca8:366:9:1"),
    ("IP_ADDRESS", "用户IP：2001:da8::3192，UA", "2001:da8::3192"),
    ("LOAN_NUMBER", "spoke about loan HT202260153233", "HT202260153233"),
    ("CN_CONTRACT_NUMBER", "根据编号为HT2020843436的《个人借款合同》", "HT2020843436"),
    ("CN_RESIDENT_ID", "一代证号码：610113630317436", "610113630317436"),
    ("DATE_OF_BIRTH", "Q: Date of birth?\nA: August 28, 1994", "August 28, 1994"),
    ("DATE_OF_BIRTH", "your date of birth?\nCaller: 05/23/1954", "05/23/1954"),
)  # fmt: skip
NOT_FOUND = (
    ("CREDIT_CARD", f"订单号 {CARD_LIKE_ORDER} 已发货"),
    ("CREDIT_CARD", f"order {CARD_LIKE_ORDER} shipped"),
    ("PHONE_NUMBER", "x ** 2 + 3.1415926 * x"),
    ("PHONE_NUMBER", "revenue $2125551234"),
    ("CN_LANDLINE_NUMBER", "第2026131期开奖号码：03 08 15"),
    ("COORDINATES", "20.9498,-63.5916,-240.7091,-225.6566"),
    ("CN_CONTRACT_NUMBER", "设备编号为SN12345678"),
    ("LOAN_NUMBER", "a loan 250000 over"),
    ("US_EIN", "TIN 523456789"),  # as many a person's
)


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    classes = [one for one in recogniser_classes() if "PERSON" not in one.ENTITIES]
    return TextEngine(recognisers=[one() for one in classes])


def found(engine: TextEngine, text: str, entity: str) -> list[str]:
    return [text[one.start : one.end] for one in engine.analyse(text) if one.type == entity]


@pytest.mark.parametrize(("entity", "text", "value"), FOUND)
def test_it_is_found(engine: TextEngine, entity: str, text: str, value: str) -> None:
    assert value in found(engine, text, entity)


@pytest.mark.parametrize(("entity", "text"), NOT_FOUND)
def test_it_is_not(engine: TextEngine, entity: str, text: str) -> None:
    assert found(engine, text, entity) == []


def test_an_order_that_is_a_card_s_number_is_one_where_a_word_says_so(engine: TextEngine) -> None:
    assert found(engine, f"订单用信用卡 {CARD_LIKE_ORDER} 支付", "CREDIT_CARD") == [CARD_LIKE_ORDER]
    assert found(engine, f"card {CARD_LIKE_ORDER}", "CREDIT_CARD") == [CARD_LIKE_ORDER]


@pytest.mark.parametrize(
    ("text", "entity", "digits"),
    [
        ("您尾号为8899的储蓄卡", "CN_BANK_CARD", "8899"),
        ("卡号后四位：0012", "CN_BANK_CARD", "0012"),
        ("手机尾号8000停机", "CN_MOBILE_NUMBER", "8000"),
        ("身份证尾号002x", "CN_RESIDENT_ID", "002x"),
        ("card ending in 4242 was declined", "CREDIT_CARD", "4242"),
        ("SSN last 4: 6789", "US_SSN", "6789"),
    ],
)
def test_a_tail_scores_below_the_default_and_above_what_is_weak(
    engine: TextEngine, text: str, entity: str, digits: str
) -> None:
    assert engine.analyse(text) == ()
    (one,) = engine.analyse(text, wanted=Wanted(threshold=TAIL))
    assert (one.type, text[one.start : one.end], one.score) == (entity, digits, TAIL)


@pytest.mark.parametrize(
    "text", ["尾号12345", "尾号123", "本市明日尾号限行4和9", "ending in 2026-11"]
)
def test_other_digits_are_no_tail(engine: TextEngine, text: str) -> None:
    found = engine.analyse(text, wanted=Wanted(threshold=TAIL))
    assert not any(one.score == TAIL for one in found)


COLUMNS = (
    ("name,ssn,phone,email\nAnn Bell,386928758,9193860367,x@qq.com", "US_SSN", "386928758"),
    ("name,ssn,phone,email\nAnn Bell,386928758,9193860367,x@qq.com", "PHONE_NUMBER", "9193860367"),
    ("| Name | DOB |\n|---|---|\n| Al | Jan 18, 1961 |", "DATE_OF_BIRTH", "Jan 18, 1961"),
    ("姓名\t出生日期\t部门\n王芳\t1990-03-04\t风控", "DATE_OF_BIRTH", "1990-03-04"),
    ("姓名,QQ,公积金账号\n张伟,12345678,320516425053", "QQ_NUMBER", "12345678"),
    ("姓名,QQ,公积金账号\n张伟,12345678,320516425053", "CN_HOUSING_FUND_NUMBER", "320516425053"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "entity", "value"), COLUMNS)
def test_the_heading_of_a_column_is_the_label_of_its_values(
    engine: TextEngine, text: str, entity: str, value: str
) -> None:
    assert found(engine, text, entity) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "year,amount\n2020,386928758",
        "客户,订单号,金额\n刘,386928758,1234567",
        "qq 1,amount\n5,12345678",  # a heading with a digit in it
        "qq,amount\n5,12345678",  # the other column's
        "a" * 400 + ",qq\n5,12345678",  # too long for a heading
        "qq,amount",
    ],
)
def test_other_columns_name_nothing(engine: TextEngine, text: str) -> None:
    assert engine.analyse(text) == ()
