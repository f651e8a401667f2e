"""The full forms of an address in English: what ends in a postal code, and boxes.

Owns one pattern for each form and what else it must have. Refuses overlaps and labels: those are
``en_address``'s.
"""

import re
from typing import NamedTuple

from gateway.detection.recognisers.base import LIKELY, WEAK
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.recognisers.places.en_parts import (
    EIRCODE,
    GAP,
    NUMBER,
    PIN,
    STREET,
    TAIL,
    UK_CODE,
    UNIT,
    US_TAIL,
    WORD,
)

_UNITS = rf"(?:{UNIT}{GAP}){{0,3}}"
_NAME = rf"(?:{WORD} ){{0,3}}{WORD}"
_WITH_PARTICLE = rf"{WORD} (?:de|del|de la|de los|y|yr|of the|of) {WORD}"
_NUMBERED = "[0-9]{1,3} (?:Street|St|Avenue|Ave)"
_TOWNS = rf"(?:{GAP}{_NAME}){{1,3}}"
_STREET_LINE = (
    rf"{_UNITS}{NUMBER}(?:, ?| |\n)(?:[Rr]ue |[Cc]hemin )?"
    rf"(?:{_WITH_PARTICLE}|{_NUMBERED}|{_NAME})(?: {WORD}){{0,2}}"
    rf"(?:{GAP}{UNIT}){{0,2}}"
)
_COUNTRY = r"(?:[ ,\n]{1,3}(?:UK|United Kingdom|England|Scotland|Wales|Ireland|India|New Zealand))?"
_BOX = r"(?:P\.? ?O\.? ?|Private |Locked |GPO )(?:[Bb]ox|BOX|Bag|BAG) ?#?[A-Z]?[0-9][0-9-]{0,7}"


_UK_PART = rf"(?:{UNIT}|{NUMBER}|{NUMBER},? (?:{_WITH_PARTICLE}|{_NAME})|{_NAME})"
_ROAD_BY_NUMBER = (
    r"(?:(?:US|State|County|Farm to Market) )?"
    r"(?:Highway|Hwy|Route|Rte|Road|Rd|Interstate|FM|RM|SR|CR|Loop|I-?|US-?|SH-?) ?[0-9]{1,4}[A-Z]?"
    r"(?: (?:Rd|Road|North|South|East|West|[NSEW]|[NS][EW])\b){0,2}"
)
_HOUSE = rf"{NUMBER},? {_NAME} {STREET}(?: (?:Central|North|South|East|West|[0-9]{{1,2}})\b)?"
_FLATS = rf"(?:(?:Flat|Room|Rm|Unit) [0-9A-Z]{{1,5}}{GAP}[0-9]{{1,3}}/F)"
_INSIDE = (
    r"(?:(?:(?:Flat|Room|Rm|Unit|Suite|Tower|Block|Bldg|Phase) [0-9A-Z]{1,5}|[0-9]{1,3}/F)"
    rf"{GAP}){{0,4}}(?:{_NAME}{GAP}){{0,2}}"
)


class Form(NamedTuple):
    """A form; ``must`` matches somewhere in what ``pattern`` matches, where it is not None."""

    name: str
    pattern: Pattern
    score: float
    why: str
    must: re.Pattern[str] | None = None


_LOCALITY = re.compile(rf"\b{STREET}\b|No\.|[a-z]-[0-9]{{6}}$|\d+/\d+")
_UK_MUST = re.compile(rf"[0-9]+[A-Za-z]?,?\s+[A-Z]|\b{STREET}\b|^{UNIT}|,.*,|\n.*\n", re.DOTALL)
FORMS = (
    Form(
        "street, town, region and code",
        Pattern(rf"\b{_STREET_LINE}{_TOWNS},? {TAIL}\b"),
        LIKELY,
        "a number, a name, a region and its postal code",
    ),
    Form(
        "UK address",
        Pattern(rf"\b(?:{_UK_PART}{GAP}){{1,6}}{UK_CODE}\b{_COUNTRY}"),
        LIKELY,
        "parts of an address before a UK postcode",
        _UK_MUST,
    ),
    Form(
        "Irish address",
        Pattern(rf"\b{_STREET_LINE}(?:{GAP}{_NAME}){{0,3}}{GAP}{EIRCODE}\b(?: {_NAME})?{_COUNTRY}"),
        LIKELY,
        "a street line and an Eircode",
        re.compile(rf"\b{STREET}\b"),
    ),
    Form(
        "Indian address",
        Pattern(rf"\b{_STREET_LINE}(?:{GAP}{_NAME}){{0,4}} ?[-, ] ?{PIN}\b{_COUNTRY}"),
        LIKELY,
        "a house number, a locality and a PIN",
        _LOCALITY,
    ),
    Form(
        "street, town and four digits",
        Pattern(
            rf"\b{_UNITS}{NUMBER},? {_NAME} {STREET}(?:{GAP}RD [0-9]{{1,2}})?"
            rf"(?:{GAP}{_NAME}){{1,2}} [0-9]{{4}}\b{_COUNTRY}"
        ),
        LIKELY,
        "a number, a street, a town and a postal code",
    ),
    Form(
        "military post",
        Pattern(
            rf"\b(?:PSC|CMR|Unit|USS|USNS|USCGC|USNV) [A-Za-z0-9]{{1,20}}(?:,? Box [0-9]{{1,5}})?"
            rf"{GAP}(?:APO|FPO|DPO),? A[AEP],? [0-9]{{5}}(?:-[0-9]{{4}})?\b"
        ),
        LIKELY,
        "a military unit and post office",
    ),
    Form(
        "box",
        Pattern(
            rf"\b{_BOX}"
            rf"(?:{_TOWNS},? {TAIL}|(?:{GAP}{_NAME}){{1,2}} (?:{UK_CODE}|[0-9]{{4}}))?\b"
        ),
        LIKELY,
        "a post office box",
    ),
    Form(
        "rural route",
        Pattern(
            r"\b(?:RR|R\.R\.|Rural Route|HC|Star Route|Rt|Rte|Route) ?#?[0-9]{1,3}"
            r"(?:,? (?:Box|BOX|Site|Comp|SS|Stn) ?[0-9]{1,5}[A-Z]?){1,3}"
            rf"(?:{_TOWNS},? {TAIL})?\b"
        ),
        LIKELY,
        "a rural route and a box",
    ),
    Form(
        "road by its number",
        Pattern(
            rf"\b(?:{NUMBER} )?(?:[NSEW] )?{_ROAD_BY_NUMBER}(?:{GAP}{UNIT})?{_TOWNS},? {TAIL}\b"
        ),
        LIKELY,
        "a road's number, a region and its postal code",
    ),
    Form(
        "city of Asia",
        Pattern(
            rf"\b(?:{_INSIDE}{_HOUSE}|{_FLATS})(?:{GAP}#[0-9]{{1,2}}-[0-9]{{1,4}})?(?:{GAP}(?:{UNIT}|{_NAME})){{0,4}}?"
            r"(?:,? (?:Hong Kong|Kowloon|New Territories|P\.?R\.? ?China|China)\b"
            r"|,? [A-Z][a-z]+,? \(?[0-9]{6}\b)"
        ),
        LIKELY,
        "a street and a city of Asia",
    ),
    Form(
        "district of a city",
        Pattern(rf"\b{_INSIDE}{_HOUSE}{GAP}{_NAME} (?:District|New Area)(?:{GAP}{_NAME}){{0,2}}"),
        LIKELY,
        "a street and a district",
    ),
    Form(
        "flat in a named building",
        Pattern(
            rf"\b(?:{UNIT},? ){{1,3}}{_NAME}, {_NAME} {STREET}"
            rf"(?:, {_NAME}(?: [0-9]{{1,2}}\b)?){{1,2}}"
        ),
        LIKELY,
        "a flat, a building, a street and a town",
    ),
    Form(
        "UK postcode",
        Pattern(rf"\b{UK_CODE}\b"),
        WEAK,
        "a UK postcode",
    ),
    Form(
        "town, state and ZIP",
        Pattern(rf"\b{_NAME},? {US_TAIL}\b"),
        WEAK,
        "a town and its ZIP",
    ),
)
