"""The operators on one value found in free text, compiled.

Owns what each does to the characters that were found. Every one raises ``DeidError`` for a value
that it cannot read; the caller then replaces the value by its type.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple, assert_never

from gateway.domain.deid.addresses import compile_address
from gateway.domain.deid.canonical import canonical
from gateway.domain.deid.errors import DeidError, Unparsable
from gateway.domain.deid.generalise import compile_date
from gateway.domain.deid.masks import MASK, compile_mask, significant
from gateway.domain.deid.text_dates import read_date
from gateway.domain.deid.values import require_text
from gateway.domain.policy.masking import (
    FormatPreserving,
    MaskFormat,
    Replace,
    Shift,
    TextOperator,
    Token,
)
from gateway.domain.policy.operators import Generalise, Mask, Pseudonymise

TextOperatorName = Literal[
    "replace", "mask", "pseudonymise", "token", "format_preserving", "shift", "generalise"
]


@dataclass(frozen=True, slots=True)
class TextKeys:
    """The keyed functions of one recipient, purpose and subject."""

    pseudonym: Callable[[str, str], str]
    """(entity type, value) to the recipient's pseudonym of it."""
    token: Callable[[str, str], str]
    """(entity type, value) to a token that the gateway can open again."""
    digits: Callable[[str, str], str]
    """(entity type, at least six decimal digits) to as many others (FF1)."""
    shift_days: Callable[[int], int] | None
    """The most days to how many this subject's dates move, never 0; None without a subject."""


Operate = Callable[[str, str, TextKeys], str]
"""(entity type, value, keys) to what stands in the value's place."""


class CompiledOperator(NamedTuple):
    """An operator by name; ``mask`` is the name of the format where it is a mask."""

    name: TextOperatorName
    apply: Operate
    mask: str = ""


def by_type(type_: str, _value: str, _keys: TextKeys) -> str:
    """Return the placeholder of a type."""
    return f"<{type_}>"


REPLACE = CompiledOperator("replace", by_type)


def compile_operator(operator: TextOperator, masks: Mapping[str, MaskFormat]) -> CompiledOperator:
    """Return the operator ready to use.

    Raises ``DeidError`` for a mask that the profile does not have and for what free text cannot be
    generalised to; the policy compiler lets neither pass.
    """
    match operator:
        case Replace():
            return REPLACE
        case Mask(using=name):
            if name not in masks:
                raise DeidError("its mask is not in the profile", name)
            return CompiledOperator("mask", _mask(masks[name]), name)
        case Pseudonymise():
            return CompiledOperator("pseudonymise", _pseudonymise)
        case Token():
            return CompiledOperator("token", lambda type_, value, keys: keys.token(type_, value))
        case FormatPreserving(min_digits=least):
            return CompiledOperator("format_preserving", _digits(least))
        case Shift(days=days):
            return CompiledOperator("shift", _shift(days))
        case Generalise():
            return CompiledOperator("generalise", _generalise(operator))
    assert_never(operator)


def _mask(mask: MaskFormat) -> Operate:
    masker = compile_mask(mask)

    def operate(_type: str, value: str, _keys: TextKeys) -> str:
        masked = masker(value)
        if not masked:
            raise Unparsable("has no character that counts")
        return masked

    return operate


def replaced_whole(mask: MaskFormat, value: str) -> str:
    """Return what the mask writes for a value of which nothing may be shown."""
    return MASK * (len(significant(value)) if mask.fixed_length is None else mask.fixed_length)


def _pseudonymise(type_: str, value: str, keys: TextKeys) -> str:
    spelling = canonical(value)
    if not spelling:
        raise Unparsable("has no character that counts")
    return keys.pseudonym(type_, spelling)


def _digits(least: int) -> Operate:
    def operate(type_: str, value: str, keys: TextKeys) -> str:
        places = [at for at, one in enumerate(value) if one.isdecimal()]
        if len(places) < least or len(places) < sum(one.isalnum() for one in value):
            raise Unparsable("is not made of enough digits")
        plain = "".join(str(unicodedata.decimal(value[at])) for at in places)
        written = list(value)
        for at, digit in zip(places, keys.digits(type_, plain), strict=True):
            written[at] = digit
        return "".join(written)

    return operate


def _shift(days: int) -> Operate:
    def operate(_type: str, value: str, keys: TextKeys) -> str:
        if keys.shift_days is None:
            raise Unparsable("belongs to no subject")
        found = read_date(value)
        try:
            return found.write(found.day + timedelta(days=keys.shift_days(days)))
        except OverflowError:
            raise Unparsable("is too near to the end of the calendar") from None

    return operate


def _generalise(operator: Generalise) -> Operate:
    if operator.date is not None:
        shorten = compile_date(operator.date)
        return lambda _type, value, _keys: shorten(read_date(value).day.isoformat())
    if operator.address is not None:
        coarsen = compile_address(operator.address)
        return lambda _type, value, _keys: coarsen(require_text(value))
    raise DeidError("free text is generalised by date or address")
