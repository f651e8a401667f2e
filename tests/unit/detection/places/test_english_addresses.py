"""Addresses in English: the forms of several countries, and what only looks like one."""

from itertools import pairwise

import pytest

from support.places import ENGLISH, ENGLISH_CARRIERS, ENGLISH_HELD_BACK, placed

from .conftest import Find, Values

_WHOLE = (
    "123 Main St, Apt 4B, Springfield, IL 62704",
    "PO Box 123",
    "1600 Pennsylvania Avenue NW",
    "1600 Pennsylvania Avenue NW, Washington, DC 20500",
    "5th Floor, 200 W. 34th Street",
    "PSC 1241, Box 5868\nAPO AP 25384",
    "RR 2 Box 152, Boise, ID 83702",
    "Flat 2, 10 Downing Street, London SW1A 2AA",
    "The Old Rectory, Church Lane, Oxford OX1 2JD",
    "44 Morningside Road\nEdinburgh\nEH10 4BF",
    "12 rue Sainte-Catherine, Montréal, QC H3B 1A7",
    "H.No. 17, Sodhi Chowk, Bhagalpur-706690",
    "Unit 5/12 George Street, Parramatta NSW 2150",
    "One Microsoft Way, Redmond, WA 98052",
    "8 W Cerritos Ave #54, Bridgeport NJ 8014",
    "17 O'Rafferty Street W31AWX4 Roisin Ville",
)


@pytest.mark.parametrize("address", _WHOLE)
@pytest.mark.parametrize("carrier", ["{}", "I live at {}.", "address: {}; phone pending"])
def test_an_address_is_found_from_end_to_end(address: str, carrier: str, values: Values) -> None:
    assert values(carrier.format(address), "ADDRESS") == [address]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("i live at 45 elm street", "45 elm street"),
        ("123 main st apt 4, springfield il 62704", "123 main st apt 4, springfield il 62704"),
        ("221B Baker Street, London.", "221B Baker Street, London"),
        ("ZIP code: 62704", "62704"),
        ("Customer of 4500 Highway 61", "4500 Highway 61"),
    ],
)
def test_shorter_forms_are_found_too(text: str, address: str, values: Values) -> None:
    assert values(text, "ADDRESS") == [address]


def test_the_styles_are_covered(find: Find) -> None:
    missed = [
        (one.style, one.text)
        for one in (
            *placed(ENGLISH, ENGLISH_CARRIERS, 30),
            *placed(ENGLISH_HELD_BACK, ENGLISH_CARRIERS, 30),
        )
        if not any(
            found.entity == "ADDRESS" and found.start <= one.start and found.end >= one.end
            for found in find(one.text)
        )
    ]
    assert len(missed) <= 0.03 * 30 * (len(ENGLISH) + len(ENGLISH_HELD_BACK)), missed


@pytest.mark.parametrize(
    "text",
    [
        "a 5 Star Road trip through the hills",
        "In 2012 Main Street banks grew faster",
        "He made 3 Court appearances in 2019 District Court",
        "Chapter 11 Place of business and 12 Point plan",
        "The 3 Way handshake took 20 ms",
        "2 blocks down the street from there",
        "Section 4 Drive belts, 10 Park assist sensors",
        "SELECT 1 FROM road WHERE id = 5",
        "There were 20 people on the road and 3 on the way",
        "Version 2 Gate open, 5 Point scale",
    ],
)
def test_a_number_and_a_capital_are_no_address(text: str, values: Values) -> None:
    assert values(text, "ADDRESS") == []


def test_a_label_raises_what_may_be_a_street(find: Find) -> None:
    bare, labelled = find("12 Orchard Close", 0), find("He lives at 12 Orchard Close", 0)
    assert [one.score for one in bare] == [0.3]
    assert [one.score for one in labelled] == [0.6]


def test_findings_do_not_overlap(find: Find) -> None:
    text = "Flat 2, 10 Downing Street, London SW1A 2AA, ZIP 62704, 5 Elm Street, Austin, TX 78701"
    found = [one for one in find(text, 0) if one.entity == "ADDRESS"]
    assert len(found) > 1
    assert all(one.end <= other.start for one, other in pairwise(found))
