"""Dates in free text: read to the day, written back in their own form."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.deid.errors import Unparsable
from gateway.domain.deid.text_dates import read_date

FORMS = {
    "1990-03-05": "1990-12-25",
    "1990/3/5": "1990/12/25",
    "1990.03.05": "1990.12.25",
    "19900305": "19901225",
    "1990年3月5日": "1990年12月25日",
    "1990年03月05日": "1990年12月25日",
    "1990 年 3 月 5 日": "1990 年 12 月 25 日",
    "1990年3月5号": "1990年12月25号",
    "１９９０年３月５日": "1990年12月25日",
    "03/05/1990": "12/25/1990",
    "3/5/1990": "12/25/1990",
    "3-5-1990": "12-25-1990",
    "March 5, 1990": "December 25, 1990",
    "Mar. 5, 1990": "Dec. 25, 1990",
    "mar 5 1990": "Dec 25 1990",
    "5 March 1990": "25 December 1990",
    "5 Mar 1990": "25 Dec 1990",
}
MOST = date(1990, 12, 25)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(("text", "moved"), FORMS.items())
def test_a_form_is_read_and_kept(text: str, moved: str) -> None:
    found = read_date(text)
    assert found.day == date(1990, 3, 5)
    assert found.write(MOST) == moved


@pytest.mark.parametrize(
    "text",
    [
        *("", "1990", "1990-03", "90-03-05", "05.03.90", "1990-13-05", "1990-02-30", "0000-01-01"),
        *(
            "13/05/1990",
            "Foo 5, 1990",
            "Smarch 5, 1990",
            "199003051",
            "三月五日",
            "1990-03-05T10:00",
        ),
        *("1" * 41, "9" * 100_000, "٠٠٠٠-٠٠-٠٠"),
    ],
)
def test_what_names_no_day_is_not_read_and_not_repeated(text: str) -> None:
    with pytest.raises(Unparsable) as caught:
        read_date(text)
    assert len(text) < 5 or text not in str(caught.value)
    assert caught.value.__cause__ is None


@given(days, days, st.sampled_from(sorted(FORMS)))
def test_what_is_written_is_read_again(day: date, to: date, form: str) -> None:
    written = read_date(form).write(to)
    assert read_date(written).day == to
    assert read_date(read_date(written).write(day)).day == day


@given(st.text(max_size=60))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        found = read_date(text)
    except Unparsable:
        return
    assert found.day - timedelta(days=0) == found.day
    assert read_date(found.write(found.day)).day == found.day
