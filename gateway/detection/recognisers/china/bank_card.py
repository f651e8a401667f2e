"""CN_BANK_CARD and CN_BANK_ACCOUNT: numbers that money is sent to.

Owns cards of 13 to 19 digits by Luhn check and issuer range, whole or in groups (ISO/IEC 7812-1;
UnionPay under 62, and the domestic ranges of before it), and account numbers that a word names.
Refuses cards of the international schemes unless a word names them: CREDIT_CARD finds those.
Luhn holds for one number in ten, so without a known issuer or a word it proves little.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import (
    LIKELY,
    POSSIBLE,
    PROVED,
    WEAK,
    Finding,
    Recogniser,
)
from gateway.detection.recognisers.check_digits import has_luhn_check, has_mod_11_2_check
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, RIVALS, Labels, other_label
from gateway.detection.recognisers.china.numbers import (
    ACCOUNT_SHAPES,
    CARD_SHAPES,
    Number,
    numbers,
    shape_of,
)
from gateway.detection.recognisers.china.regions import is_birth_date, is_region
from gateway.detection.recognisers.quantities import counts_something
from gateway.detection.text.view import View

_CARD, _ACCOUNT = "CN_BANK_CARD", "CN_BANK_ACCOUNT"
# Issuers of before UnionPay's range, by how their numbers begin: the card lists of the banks.
_DOMESTIC = (
    "601382", "601428", "602907", "602969", "603128", "603265", "603367", "603445", "603506",
    "603601", "603602", "603694", "603708", "621", "622", "623", "624", "625", "626", "627", "628",
    "620", "629", "685800", "690755", "900000", "900010", "9111", "940", "95510", "9555", "9558",
    "9559", "966666", "968807", "968808", "968809", "984301", "984303", "998800", "998801",
    "998802", "999999",
)  # fmt: skip
_DOMESTIC_BY_TWO = {
    two: tuple(one for one in _DOMESTIC if one.startswith(two))
    for two in {one[:2] for one in _DOMESTIC}
}
_SCHEMES = frozenset(
    ("40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54", "55",
     "34", "37", "35", "36", "38", "30", "65", "22")
)  # fmt: skip
"""The first two digits; there is 6011 beside."""
_CARD_FORMS = frozenset(CARD_SHAPES)
_ACCOUNT_FORMS = frozenset((*CARD_SHAPES, *ACCOUNT_SHAPES))
_CARD_SIZES = frozenset(range(13, 20))
_ACCOUNT_SIZES = range(8, 31)
_UNIONPAY_SIZES = range(16, 20)


class CnBankCardRecogniser(Recogniser):
    """Finds bank cards and accounts, also between Chinese characters."""

    ENTITIES = (_CARD, _ACCOUNT)
    SHAPES = (f"0{{13}}|(?:^|[^0])(?:{shape_of(*CARD_SHAPES)})",)
    NAMED = (_ACCOUNT,)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _CARD: words.BANK_CARD,
        _ACCOUNT: words.BANK_ACCOUNT,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield cards, then accounts."""
        by_size = numbers(view)
        cards = [
            one
            for size, those in by_size.items()
            if size in _CARD_SIZES
            for one in those
            if (len(one.shape) == 1 or one.shape in _CARD_FORMS) and one.digits.isdigit()
        ]
        if cards:
            of_card, of_account = Labels(view, _CARD, 20, 6), Labels(view, _ACCOUNT, 20)
            for one in sorted(cards):
                yield from _card(view, one, of_card, of_account)
        if view.context.all(_ACCOUNT):
            yield from _accounts(view, Labels(view, _ACCOUNT, 20, 0, RIVALS))


def _card(view: View, one: Number, of_card: Labels, of_account: Labels) -> Iterator[Finding]:
    start, end = one.start, one.end
    near = of_card.of(start, end) or of_account.of(start, end)
    if one.glued and not (of_card.touches(start, end) or of_account.touches(start, end)):
        return
    checked = has_luhn_check(one.digits)
    domestic = _is_domestic(one.digits)
    score = _score(one, near is not None, checked, domestic)
    if score > WEAK and near is None and other_label(view, one.start, one.end):
        score = WEAK
    if not score:
        return
    reasons = ("check digit holds" if checked else "check digit fails",
               "issuer known" if domestic else "issuer not known")  # fmt: skip
    why = "; ".join((*reasons, f"near {near}") if near else reasons)
    yield Finding(one.start, one.end, _CARD, score, f"{len(one.digits)} digits", why, checked)


def _score(one: Number, near: bool, checked: bool, domestic: bool) -> float:
    digits, size = one.digits, len(one.digits)
    # A resident number passes Luhn one time in ten, and one of Gansu begins as UnionPay's do.
    if size == 18 and _is_resident(digits):
        return WEAK
    if domestic and size in _UNIONPAY_SIZES:
        return PROVED if checked else POSSIBLE if near else WEAK
    if digits[:2] in _SCHEMES or digits.startswith("6011"):
        return 0.0 if not near else PROVED if checked else POSSIBLE
    if digits[0] == "0" or not (near or checked):
        return 0.0
    if near and (checked or size in _UNIONPAY_SIZES):
        return POSSIBLE
    return WEAK


def _is_domestic(digits: str) -> bool:
    return digits.startswith(_DOMESTIC_BY_TWO.get(digits[:2], ()))


def _is_resident(digits: str) -> bool:
    return is_region(digits[:6]) and is_birth_date(digits[6:14]) and has_mod_11_2_check(digits)


def _accounts(view: View, labels: Labels) -> Iterator[Finding]:
    by_size = numbers(view)
    for one in sorted(one for size in _ACCOUNT_SIZES for one in by_size.get(size, ())):
        if not _has_form(one, _ACCOUNT_FORMS):
            continue
        near = labels.of(one.start, one.end)
        if near is None or _is_something_else(view, one, labels):
            continue
        score = POSSIBLE if len(one.digits) == 8 else LIKELY
        pattern = f"{len(one.digits)} digits"
        yield Finding(one.start, one.end, _ACCOUNT, score, pattern, f"near {near}")


def _is_something_else(view: View, one: Number, labels: Labels) -> bool:
    """Say whether it is a card, or a mobile number that is used as a login, or a quantity."""
    digits = one.digits
    if len(digits) in _UNIONPAY_SIZES and _is_domestic(digits):
        return True
    if len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789":
        return True
    if one.glued and not labels.touches(one.start, one.end):
        return True
    return counts_something(view, one.end)


def _has_form(one: Number, forms: frozenset[tuple[int, ...]]) -> bool:
    return len(one.shape) == 1 or one.shape in forms
