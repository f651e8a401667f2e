"""Addresses of other countries in English sentences: both ends exact, prose left alone."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.places import Placed
from support.places_abroad import LOCALES, LOCALES_HELD_BACK, abroad, by_hand
from support.places_fresh import ABROAD_FRESH
from support.places_unseen import marked_lines

from .conftest import Find, Values

_WHOLE = (
    "Hauptstr. 5, 10115 Berlin",
    "Via Roma 12, 00184 Roma RM",
    "12 rue de la Paix, 75002 Paris",
    "Calle Mayor 3, 28013 Madrid, Spain",
    "ul. Długa 7, 00-238 Warszawa",
    "Skolspåret 81\n31400 Varberg Sweden",
    "21 Nordre Ringvej, 1234 Copenhagen",
    "Große Straße 5, 10115 Berlin",
    "Dlouhá 33\n110 00 Praha 1\nCzech Republic",
    "Prinsengracht 263, 1016 GV Amsterdam",
    "Kastelčeva ulica 6a\n8848 Ilirska Bistrica",
    "Gran Vía 45, 4º izq, 28013 Madrid",
    "Bajai utca 222., H-2706 Miskolc",
    "avenue Michel\n97415 Lemaître",
    "6750 Koskikatu 25 Apt. 864\nArtilleros\n, CO\n Uruguay 64677",
    "Av. Paulista 1578, São Paulo 01310-200",
)
_LABELLED = ("2120 Prospect Valley", "8 Wakahope Reserve, Dunedin", "Kungsholmstorg 14, Stockholm")


def _covered(find: Find, texts: Iterable[tuple[str, list[Placed]]]) -> float:
    hits = [
        any(
            found.entity == "ADDRESS" and found.start <= one.start and found.end >= one.end
            for found in find(text)
        )
        for text, placed in texts
        for one in placed
    ]
    return sum(hits) / len(hits)


@pytest.mark.parametrize("address", _WHOLE)
@pytest.mark.parametrize("carrier", ["{}", "Anna Berg\n{}\nPhone: pending", "Deliver it to {}."])
def test_an_address_is_found_from_end_to_end(address: str, carrier: str, values: Values) -> None:
    assert values(carrier.format(address), "ADDRESS") == [address]


@pytest.mark.parametrize("address", _LABELLED)
@pytest.mark.parametrize(
    "carrier", ["my new address is {}", "Please ship it to {}.", "We're located at {}", "{}"]
)
def test_a_word_for_an_address_stands_for_the_street_s(
    address: str, carrier: str, values: Values
) -> None:
    assert values(carrier.format(address), "ADDRESS") == ([address] if carrier != "{}" else [])


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Hans Meier Via Roma 12, 00184 Roma", ["Via Roma 12, 00184 Roma"]),
        ("12 rue Foch, 57000 Metz\nMobile pending", ["12 rue Foch, 57000 Metz"]),
        (
            "Two sites: Lindenallee 7, 50668 Köln and Königsallee 60, 40212 Düsseldorf.",
            ["Lindenallee 7, 50668 Köln", "Königsallee 60, 40212 Düsseldorf"],
        ),
        ("drop me at 1 Market St please", ["1 Market St"]),
        ("can u send it to flat 6, 18 gordon terrace", ["flat 6, 18 gordon terrace"]),
        ("请寄到Hauptstr. 5, 10115 Berlin，谢谢", ["Hauptstr. 5, 10115 Berlin"]),
    ],
)
def test_neither_end_takes_what_stands_beside(
    text: str, addresses: list[str], values: Values
) -> None:
    assert values(text, "ADDRESS") == addresses


@pytest.mark.parametrize(
    "text",
    [
        "The firm moved to 3 Major Markets in 2019",
        "On March 15, 2024 Washington voted",
        "We ship to 15 Countries, and sent 20 Boxes to 3 Offices",
        "Chapter 12, 10115 Words and Table 5, 20100 Rows",
        "Liverpool 3, Arsenal 2 and Spring 5",
        "via API 12, see Place 5 of the list",
        "He lives in a small town, 5 Miles away",
        "Order 55321 Paid on Monday, Flight 204, 12345 Total",
        "Moved to Version 3, 10 Step plan",
        "Revenue was 10,500 EUR in Germany, 5 percent up",
    ],
)
def test_a_number_and_a_name_are_no_address(text: str, values: Values) -> None:
    assert values(text, "ADDRESS") == []


@pytest.mark.parametrize(("locales", "least"), [(LOCALES, 0.97), (LOCALES_HELD_BACK, 0.78)])
def test_the_forms_of_the_locales_are_covered(
    locales: tuple[str, ...], least: float, find: Find
) -> None:
    assert _covered(find, abroad(locales, 15)) >= least


def test_what_was_written_by_hand_is_covered(find: Find) -> None:
    assert _covered(find, by_hand()) >= 0.95
    assert _covered(find, marked_lines(ABROAD_FRESH)) >= 0.9


def test_an_explanation_carries_nothing_of_the_text(find: Find) -> None:
    for one in find("I live at Hauptstr. 5, 10115 Berlin", 0):
        assert not any(word in one.why + one.pattern for word in ("Haupt", "10115", "Berlin"))


@given(st.text("Aaäß 15,.\n-/'ºrue Via str住址：", max_size=60))
def test_any_text_gives_findings_within_it(find: Find, text: str) -> None:
    for one in find(f"live at {text}", 0):
        assert 0 <= one.start < one.end <= len(text) + 8
