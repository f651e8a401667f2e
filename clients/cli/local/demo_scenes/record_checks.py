"""What a masked record must not show, checked against the provider's own row.

Owns the demo's expectations, written down apart from the gateway: nothing here reads a policy or a
mask. Refuses to repeat a value: a failed check names the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from clients.cli.local.demo_scenes.shown import Shown

Row = Mapping[str, str | int]
DIRECT = ("applicant_no", "identity_number", "name", "phone", "bank_card", "address", "remark")
"""Fields of which each value alone names a person."""
MASKS = {"identity_number": (1, 1), "name": (1, 0), "phone": (3, 4), "bank_card": (0, 4)}
"""Masked fields: the most characters that may show at the start and at the end."""
C3_FIELD = "card_cvn"
"""Class C3 of JR/T 0171-2020, what authenticates: never released, whoever asks."""
UNFAIR = ("personal_status_and_sex", "foreign_worker", "creditability")
"""What the underwriting rule withholds, as no reason for or against credit."""
_SEPARATORS = re.compile(r"[\s()-]+")


def check_absent(held: Row, text: str, where: str, shown: Shown) -> None:
    """No direct identifier, nor the date of birth, occurs in ``text``, with separators or without.

    Raises:
        CheckFailed: one does.
    """
    bare = _SEPARATORS.sub("", text)
    for field in (*DIRECT, "date_of_birth"):
        raw = str(held[field])
        found = raw in text or _SEPARATORS.sub("", raw) in bare
        _quietly(shown, f"the raw {field} does not occur in {where}", not found)
    shown.require(f"no raw value that names the person occurs in {where}", True)


def check_record(held: Row, answer: Mapping[str, Any], shown: Shown) -> None:
    """The lender's record of this row is masked as underwriting asks.

    Raises:
        CheckFailed: it shows what it must not, or lacks what it must show.
    """
    values: Mapping[str, Any] = answer["fields"]
    operators: Mapping[str, str] = answer["operators"]
    for field, (first, last) in MASKS.items():
        _check_mask(field, _bare(held[field]), str(values.get(field, "")), first, last, shown)
        _quietly(shown, f"{field} is said to be masked", operators.get(field) == "mask")
    shown.require(f"{', '.join(MASKS)} are masked", True)
    number = str(values.get("applicant_no", ""))
    is_pseudonym = operators.get("applicant_no") == "pseudonymise" and len(number) > 20
    shown.require("the applicant number is a pseudonym", is_pseudonym)
    _check_coarse(held, values, shown)
    _check_withheld(held, answer, shown)
    check_remark(held, values, shown)


def check_remark(held: Row, values: Mapping[str, Any], shown: Shown) -> None:
    """The free text is there, and none of the person's own values is in it."""
    remark = str(values.get("remark") or "")
    _quietly(shown, "the remark is there", bool(remark))
    own = [str(held[field]) for field in DIRECT if field != "remark"]
    bare = _SEPARATORS.sub("", remark)
    for value in _with_name_parts(own, str(held["name"])):
        found = value in remark or _SEPARATORS.sub("", value) in bare
        _quietly(shown, "the remark has none of the person's own values", not found)
    shown.require("the remark has none of the person's own values", True)


def _check_mask(field: str, raw: str, value: str, first: int, last: int, shown: Shown) -> None:
    claim = f"{field} shows {first} characters at the start and {last} at the end, no more"
    clear = re.escape(raw[:first]), re.escape(raw[-last:] if last else "")
    _quietly(shown, claim, re.fullmatch(rf"{clear[0]}\*+{clear[1]}", value) is not None)


def _check_coarse(held: Row, values: Mapping[str, Any], shown: Shown) -> None:
    born, address = str(values.get("date_of_birth")), str(values.get("address"))
    shown.require("of the date of birth only the year", born == str(held["date_of_birth"])[:4])
    part_of = address in str(held["address"]) and not any(map(str.isdigit, address))
    shown.require("of the address no street and no number", bool(address) and part_of)
    amount = str(values.get("credit_amount"))
    low, _, high = amount.partition("-")
    in_range = bool(high) and int(low) <= int(held["credit_amount"]) < int(high)
    shown.require("of the loan a range that holds the amount", in_range)


def _check_withheld(held: Row, answer: Mapping[str, Any], shown: Shown) -> None:
    values, withheld = answer["fields"], answer["withheld"]
    secret = str(held[C3_FIELD])
    absent = C3_FIELD not in values and secret not in map(str, values.values())
    is_c3 = withheld.get(C3_FIELD) == "c3" and secret not in _numbers(values.get("remark"))
    shown.require(f"{C3_FIELD} is withheld: it authenticates (C3)", absent and is_c3)
    by_rule = all(field not in values and withheld.get(field) == "rule" for field in UNFAIR)
    shown.require(f"{', '.join(UNFAIR)} are withheld by the rule", by_rule)


def _bare(raw: str | int) -> str:
    return _SEPARATORS.sub("", str(raw))


def _numbers(text: object) -> list[str]:
    return re.findall(r"\d+", str(text))


def _with_name_parts(values: list[str], name: str) -> Iterable[str]:
    yield from values
    # A Chinese name has no spaces, and its surname alone is a common character.
    yield from (part for part in name.split() if part != name)


def _quietly(shown: Shown, claim: str, holds: bool) -> None:
    """Require without a line of its own: one line speaks for all of them."""
    if not holds:
        shown.require(claim, False)
