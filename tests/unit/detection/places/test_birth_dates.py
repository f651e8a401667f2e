"""Dates of birth: a date and a word beside it, in the usual forms; nothing without the word."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .conftest import Values

_FORMS = (
    "{d:%Y-%m-%d}",
    "{d.year}年{d.month}月{d.day}日",
    "{d:%Y/%m/%d}",
    "{d.year}.{d.month}.{d.day}",
    "{d:%Y%m%d}",
    "{d.year}年{d.month}月",
    "{d:%y}年{d.month}月",
    "{d:%d/%m/%Y}",
    "{d:%B} {d.day}, {d.year}",
    "{d.day} {d:%b} {d:%y}",
    "{d.day} {d:%B} {d.year}",
    "{d:%d-%m-%Y}",
    "{d:%b} {d.day}, {d.year}",
)
_CARRIERS = (
    "出生日期：{}",
    "生日是{}",
    "生于{}，汉族",
    "DOB: {}",
    "Date of birth (as on card): {}",
    "born on {} in Leeds",
)


@given(
    st.dates(datetime.date(1930, 1, 1), datetime.date(2020, 12, 31)),
    st.sampled_from(_FORMS),
    st.sampled_from(_CARRIERS),
)
def test_every_form_is_found_whole(
    values: Values, day: datetime.date, form: str, carrier: str
) -> None:
    date = form.format(d=day)
    assert values(carrier.format(date), "DATE_OF_BIRTH") == [date]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("张三，男，1965年3月出生，汉族", "1965年3月"),
        ("李四，1965年生，初中文化", "1965年"),
        ("生于一九九〇年三月七日", "一九九〇年三月七日"),
        ("生日是农历1990年三月初七", "农历1990年三月初七"),
        ("出生年月 1990年3月", "1990年3月"),
        ("His birthday is 7th March 1990.", "7th March 1990"),
        ("生日3月7日", "3月7日"),
        ("90年3月出生", "90年3月"),
        ("出生日期\n1990-03-07", "1990-03-07"),
    ],
)
def test_what_people_write_is_found(text: str, date: str, values: Values) -> None:
    assert values(text, "DATE_OF_BIRTH") == [date]


@pytest.mark.parametrize(
    "text",
    [
        "1990-03-07签订合同",
        "本条例自2021年3月1日生效",
        "2020年3月生产，保质期三年",
        "公司成立于1990年3月7日",
        "战斗发生于1931年9月15日",
        "出生于福建省，1960年回到香港",
        "出生日期：1990年13月",
        "出生日期：2021-02-45",
        "born in a small town. 7 March 1990 was a Wednesday",
        "产生于2008年",
    ],
)
def test_other_dates_are_none(text: str, values: Values) -> None:
    assert values(text, "DATE_OF_BIRTH") == []
