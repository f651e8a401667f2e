"""Ways in which people hide a number or an address in free text, and values to hide.

Every disguise is a function of a value and a source of chance; the same seed gives the same string.
"""

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from support.disguise_values import (
    CARD,
    CARRIERS,
    CREDIT_CODE,
    EMAIL,
    IBAN,
    IP,
    MOBILE,
    PASSPORT,
    PHONE,
    RESIDENT,
    SSN,
    TYPES,
    VALUES,
    Chance,
)

Way = Callable[[str, Chance], str]

NUMBERS = (RESIDENT, MOBILE, CARD, SSN, PHONE)
CODES = (*NUMBERS, CREDIT_CODE, PASSPORT)
SEPARABLE = (*CODES, IBAN)
LONG_NUMBERS = (RESIDENT, MOBILE, CARD)
LETTERED = (CREDIT_CODE, IBAN, EMAIL)


@dataclass(frozen=True)
class Disguise:
    name: str
    way: Way
    types: tuple[str, ...] = TYPES
    encoded: bool = False


# --- signs and what shows nothing -----------------------------------------------------------


def _each(form: Callable[[str], str]) -> Way:
    return lambda value, _: "".join(form(one) for one in value)


def _digits_as(signs: str) -> Way:
    table = str.maketrans("0123456789", signs)
    return lambda value, _: value.translate(table)


def _from(start: int) -> Way:
    return _digits_as("".join(chr(start + at) for at in range(10)))


def _inserted(*signs: str) -> Way:
    def way(value: str, chance: Chance) -> str:
        return value[0] + "".join(chance.choice(signs) + one for one in value[1:])

    return way


def _full_width(one: str) -> str:
    return chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one


def _mathematical(capital: int, small: int, digit: int) -> Way:
    def form(one: str) -> str:
        for base, start in (("A", capital), ("a", small), ("0", digit)):
            if one.isalnum() and 0 <= ord(one) - ord(base) < (10 if base == "0" else 26):
                return chr(start + ord(one) - ord(base))
        return one

    return _each(form)


_CYRILLIC = str.maketrans("aeopcxyABEKMHOPCTX", "аеорсхуАВЕКМНОРСТХ")
_GREEK = str.maketrans("ovABEZHIKMNOPTYX", "ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PINYIN = ("ling", "yao", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu")


def _words(words: tuple[str, ...], gap: str) -> Way:
    def way(value: str, _: Chance) -> str:
        plus = "+" * value.startswith("+")
        return plus + gap.join(words[int(one)] if one.isdigit() else one for one in _bare(value))

    return way


def _look_alike(value: str, chance: Chance) -> str:
    changed = value.replace("0", chance.choice("Oo"), 2)
    return changed[:1] + changed[1:].replace("1", chance.choice("lI"), 2)


# --- what stands between --------------------------------------------------------------------


def _bare(value: str) -> str:
    return value.replace("-", "").lstrip("+")


def _between(*gaps: str) -> Way:
    """Between all characters, the same or any of them."""

    def way(value: str, chance: Chance) -> str:
        plus, bare = value[: value.startswith("+")], _bare(value)
        return plus + bare[0] + "".join(chance.choice(gaps) + one for one in bare[1:])

    return way


def _between_all(gap: str) -> Way:
    return lambda value, _: gap.join(value)


def _groups(gap: str) -> Way:
    def way(value: str, _: Chance) -> str:
        sizes = {11: (3, 4, 4), 18: (6, 8, 4)}.get(len(value), (4,) * 5)
        return gap.join(_cut(value, sizes))

    return way


def _cut(value: str, sizes: tuple[int, ...]) -> Iterator[str]:
    at = 0
    for size in sizes:
        if at < len(value):
            yield value[at : at + size]
        at += size


def _stray(gap: str) -> Way:
    def way(value: str, chance: Chance) -> str:
        at = chance.randint(3, len(value) - 4)
        return value[:at] + gap + value[at:]

    return way


def _tagged(value: str, chance: Chance) -> str:
    at = chance.randint(2, len(value) - 3)
    return f"{value[:at]}<b>{value[at : at + 2]}</b>{value[at + 2 :]}"


# --- addresses ------------------------------------------------------------------------------


def _spelled(at: str, dot: str) -> Way:
    def way(value: str, _: Chance) -> str:
        name, domain = value.split("@")
        return name + at + domain.replace(".", dot)

    return way


# --- encodings ------------------------------------------------------------------------------


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _hex_bytes(value: str, before: str) -> str:
    return "".join(f"{before}{one:02x}" for one in value.encode())


ENCODED = (
    Disguise("base64", lambda value, _: _base64(value.encode()), encoded=True),
    Disguise("base64 without padding", lambda v, _: _base64(v.encode()).rstrip("="), encoded=True),
    Disguise("base64 of a sentence", lambda v, _: _base64(f"号码 {v} 收".encode()), encoded=True),
    Disguise(
        "base64url of GBK",
        lambda v, _: base64.urlsafe_b64encode(f"号码：{v}".encode("gbk")).decode(),
        encoded=True,
    ),
    Disguise("hex", lambda value, _: value.encode().hex(), encoded=True),
    Disguise("hex, upper case", lambda value, _: value.encode().hex().upper(), encoded=True),
    Disguise("hex in pairs", lambda value, _: value.encode().hex(" "), encoded=True),
    Disguise("hex with 0x", lambda v, _: _hex_bytes(v, " 0x").strip(), encoded=True),
    Disguise("hex escapes", lambda value, _: _hex_bytes(value, "\\x"), encoded=True),
    Disguise("percent", lambda value, _: _hex_bytes(value, "%"), encoded=True),
    Disguise("percent, some", lambda v, _: v[:2] + _hex_bytes(v[2:5], "%") + v[5:], encoded=True),
    Disguise("HTML decimal", _each(lambda one: f"&#{ord(one)};"), encoded=True),
    Disguise("HTML hexadecimal", _each(lambda one: f"&#x{ord(one):x};"), encoded=True),
    Disguise("unicode escapes", _each(lambda one: f"\\u{ord(one):04x}"), encoded=True),
    Disguise(
        "percent of full width",
        lambda v, _: _hex_bytes("".join(map(_full_width, v)), "%"),
        encoded=True,
    ),
)

PLAIN = (
    Disguise("as it is", lambda value, _: value),
    Disguise("full width", _each(_full_width)),
    Disguise("zero width", _inserted("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")),
    Disguise("bidirectional controls", _inserted("\u200e", "\u200f", "\u202d", "\u2066", "\u2069")),
    Disguise("soft hyphens", _inserted("\u00ad")),
    Disguise("variation selectors", _inserted("\ufe0e", "\ufe0f", "\U000e0101")),
    Disguise("tags", _inserted("\U000e0041", "\U000e007f")),
    Disguise("control characters", _inserted("\x00", "\x08", "\x7f", "\x9f")),
    Disguise("combining strokes", _inserted("\u0336", "\u0332", "\u20d2")),
    Disguise("mathematical bold", _mathematical(0x1D400, 0x1D41A, 0x1D7CE)),
    Disguise("mathematical monospace", _mathematical(0x1D670, 0x1D68A, 0x1D7F6)),
    Disguise("mathematical double-struck sans", _mathematical(0x1D5D4, 0x1D5EE, 0x1D7EC)),
    Disguise("circled", _digits_as("⓪①②③④⑤⑥⑦⑧⑨")),
    Disguise("negative circled", _digits_as("⓿❶❷❸❹❺❻❼❽❾")),
    Disguise("superscript", _digits_as("⁰¹²³⁴⁵⁶⁷⁸⁹")),
    Disguise("subscript", _from(0x2080)),
    Disguise("Arabic-Indic", _from(0x0660)),
    Disguise("Persian", _from(0x06F0)),
    Disguise("Devanagari", _from(0x0966)),
    Disguise("Thai", _from(0x0E50)),
    Disguise("keycaps", lambda v, _: "".join(f"{c}\ufe0f\u20e3" if c.isdigit() else c for c in v)),
    Disguise("Cyrillic letters", lambda value, _: value.translate(_CYRILLIC), LETTERED),
    Disguise("Greek letters", lambda value, _: value.translate(_GREEK), LETTERED),
    Disguise("Chinese numerals", _digits_as("〇一二三四五六七八九"), (*CODES, IP)),
    Disguise("Chinese numerals, 零", _digits_as("零一二三四五六七八九"), CODES),
    Disguise("formal numerals", _digits_as("零壹贰叁肆伍陆柒捌玖"), CODES),
    Disguise("radio numerals", _digits_as("洞幺两三四五六拐八勾"), CODES),
    Disguise("Chinese numerals, apart", _words(tuple("零一二三四五六七八九"), " "), NUMBERS),
    Disguise("English words", _words(_WORDS, " "), NUMBERS),
    Disguise("English words, dashes", _words(_WORDS, "-"), NUMBERS),
    Disguise("pinyin", _words(_PINYIN, " "), NUMBERS),
    Disguise("look-alike letters", _look_alike, LONG_NUMBERS),
    Disguise("spaces", _between(" "), SEPARABLE),
    Disguise("dashes", _between("-"), SEPARABLE),
    Disguise("dots", _between("."), SEPARABLE),
    Disguise("slashes", _between("/"), SEPARABLE),
    Disguise("underscores", _between("_"), SEPARABLE),
    Disguise("asterisks", _between("*"), SEPARABLE),
    Disguise("middle dots", _between("·"), SEPARABLE),
    Disguise("line breaks", _between("\n"), SEPARABLE),
    Disguise("unusual spaces", _between("\u2009"), SEPARABLE),
    Disguise("ideographic spaces", _between("\u3000"), SEPARABLE),
    Disguise("unusual dashes", _between("\u2013"), SEPARABLE),
    Disguise("any separators", _between(" ", "-", ".", " - "), NUMBERS),
    Disguise("spaces in an address", _between_all(" "), (EMAIL, IP)),
    Disguise("groups, spaces", _groups(" "), LONG_NUMBERS),
    Disguise("groups, dashes", _groups("-"), LONG_NUMBERS),
    Disguise("groups, dots", _groups("."), LONG_NUMBERS),
    Disguise("groups, lines", _groups("\n"), LONG_NUMBERS),
    Disguise("stray space", _stray(" "), LONG_NUMBERS),
    Disguise("stray dash", _stray("-"), LONG_NUMBERS),
    Disguise("stray line break", _stray("\n"), LONG_NUMBERS),
    Disguise("HTML tags", _tagged, LONG_NUMBERS),
    Disguise("[at] [dot]", _spelled(" [at] ", " [dot] "), (EMAIL,)),
    Disguise("(at)", _spelled("(at)", "."), (EMAIL,)),
    Disguise("at dot", _spelled(" at ", " dot "), (EMAIL,)),
    Disguise("ideographic stop", _spelled("＠", "。"), (EMAIL,)),
    Disguise("spaced @", _spelled(" @ ", "."), (EMAIL,)),
    Disguise("艾特 点", _spelled("艾特", "点"), (EMAIL,)),
    Disguise("[.]", lambda value, _: value.replace(".", "[.]"), (IP,)),
    Disguise(" dot ", lambda value, _: value.replace(".", " dot "), (IP,)),
)

DISGUISES = PLAIN + ENCODED


def disguised(disguise: Disguise, kind: str, count: int) -> Iterator[tuple[str, int, int]]:
    """Yield texts that carry a disguised value of ``kind``, and where it stands in them."""
    chance = random.Random(f"{disguise.name} {kind}")
    for at in range(count):
        shown = disguise.way(VALUES[kind](chance), chance)
        before, after = CARRIERS[kind][at % 2].split("{}")
        yield f"{before}{shown}{after}", len(before), len(before) + len(shown)
