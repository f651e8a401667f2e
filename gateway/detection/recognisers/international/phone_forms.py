"""The forms in which telephone numbers are written, and what makes each likely.

Sources: ITU-T E.164 and E.123 (country codes, at most fifteen digits, writing), the North American
Numbering Plan (area and exchange begin with 2 to 9), Ofcom's plan (07 for mobiles), and the trunk 0
of most of the world. Pure: a candidate and its neighbours in, a score out.
"""

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.international.neighbours import in_a_row
from gateway.detection.recognisers.patterns import Match

_COUNTRY_CODES = codes(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 "
    "63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 "
    "227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 "
    "250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 "
    "299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 "
    "383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 "
    "595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 "
    "690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 "
    "965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998"
)
# The most digits of a number with its country code, where that is below the fifteen of E.164.
_MOST = {
    "1": 11, "7": 11, "27": 11, "30": 12, "31": 11, "32": 11, "33": 11, "34": 11, "36": 11,
    "39": 13, "41": 11, "44": 12, "45": 10, "46": 12, "47": 10, "48": 11, "51": 11, "52": 13,
    "55": 13, "60": 12, "61": 11, "63": 12, "64": 12, "65": 10, "66": 11, "81": 12, "82": 12,
    "84": 12, "86": 13, "90": 12, "91": 12, "92": 12, "351": 12, "353": 12, "420": 12, "852": 11,
    "853": 11, "886": 12, "966": 12, "971": 12,
}  # fmt: skip
LEAST_DIGITS, MOST_DIGITS = 7, 15
_BETWEEN = bytes(set(range(128)) - set(b"0123456789"))

INTERNATIONAL = r"(?:\(\+[1-9][0-9]{0,2}\)[ .-]?[0-9]|\+[ (]{0,2}[1-9])(?:[ .()/-]{0,3}[0-9]){6,17}"
DOUBLE_ZERO = r"00[1-9](?:[ .()-]{0,3}[0-9]){8,15}"
NANP = (
    r"(?:1[ .-]?)?\([0-9]{3}\)[ .-]{0,3}[0-9]{3}[ .-]{1,2}[0-9]{4}"
    r"|(?:1[ .-])?[0-9]{3}(?:-[0-9]{3}-[0-9]{4}|\.[0-9]{3}\.[0-9]{4}| [0-9]{3}[ -][0-9]{4}"
    r"|/[0-9]{3}-[0-9]{4})"
)
TRUNK = (
    r"\(0[0-9]{1,5}\)[ ./-]{0,2}[0-9]{2,9}(?:[ ./-][0-9]{2,4}){0,3}"
    r"|0[0-9](?:[ .-][0-9]{2}){4}"
    r"|0[0-9]{1,5}[ ./-][0-9]{2,9}(?:[ .-][0-9]{2,4}){0,3}"
    r"|0[1-9][0-9]{9}"
)
OTHER = (
    r"\([1-9][0-9]\) ?9?[0-9]{4}-[0-9]{4}"
    r"|8 ?\([0-9]{3}\) ?[0-9]{3}-[0-9]{2}-?[0-9]{2}|8 [0-9]{3} [0-9]{3} [0-9]{2} ?[0-9]{2}"
)
UNMARKED = r"\(?[0-9](?:[ .()/-]{0,3}[0-9]){6,14}"
"""Any digits at all, for the neighbourhood of a label."""


def digits_of(text: str) -> str:
    """Return the digits."""
    return text.encode("ascii").translate(None, _BETWEEN).decode("ascii")


def country_code(digits: str) -> str | None:
    """Return the country code that a number begins with, or None."""
    for size in (1, 2, 3):
        if digits[:size] in _COUNTRY_CODES:
            return digits[:size]
    return None


def international_length(text: str) -> int:
    """Return how many characters of a candidate with a country code are the number; 0: none.

    A candidate ends in a digit.
    """
    after = text.lstrip("+0 (-)")
    skipped = len(text) - len(after)
    code = country_code(digits_of(after[:6]))
    if code is None:
        return 0
    # A trunk zero in brackets is no digit of the number.
    most = _MOST.get(code, MOST_DIGITS) + ("(0" in after)
    if len(digits_of(after)) <= most:
        return len(text) if _enough(after) else 0
    count, length, group_end = 0, 0, 0
    for at, character in enumerate(after):
        if character.isdigit():
            count += 1
            if count > most:
                return skipped + group_end if _enough(after[:group_end]) else 0
            length = at + 1
        elif at == length:
            group_end = length
    return skipped + length if _enough(after[:length]) else 0


def _enough(text: str) -> bool:
    return len(digits_of(text)) >= LEAST_DIGITS


def is_service(text: str) -> bool:
    """Say whether the mainland gives the number to companies only: it identifies nobody else."""
    digits = digits_of(text)
    return len(digits) == 10 and digits.startswith(("400", "800")) and text[0] != "("


def domestic_score(text: bytes, match: Match) -> float:
    """Return the score of a form that has no country code, without a label."""
    digits = digits_of(match.text)
    if is_date(match.text) or len(set(digits)) < 3:
        return WEAK
    if match.text.startswith(("0", "(0")):
        return _trunk_score(text, match, digits)
    if "(" in match.text:
        return LIKELY if digits[-10:][0] >= "2" else POSSIBLE
    if len(digits) == 11 and digits[0] == "8":
        return POSSIBLE
    area, exchange = digits[-10], digits[-7]
    valid = area >= "2" and exchange >= "2"
    if " " in match.text.strip():
        return POSSIBLE if valid and not in_a_row(text, match.start, match.end) else WEAK
    return LIKELY if valid else POSSIBLE


def _trunk_score(text: bytes, match: Match, digits: str) -> float:
    if not 9 <= len(digits) <= 13 or digits[:2] == "00":
        return WEAK
    if len(digits) == len(match.text):
        return POSSIBLE if digits[1] in "12378" else WEAK
    bracketed = match.text[0] == "("
    return POSSIBLE if bracketed or not in_a_row(text, match.start, match.end) else WEAK


def is_date(text: str) -> bool:
    """Say whether a year stands where a date has one."""
    if "19" not in text and "20" not in text:
        return False
    parts = text.replace("/", "-").replace(".", "-").replace(" ", "-").split("-")
    if parts[0][:2] in ("19", "20") and len(parts[0]) == 4 and len(parts) > 1:
        return len(parts[1]) <= 2 and parts[1] <= "12"
    if len(parts) >= 3 and len(parts[2]) == 4 and parts[2][:2] in ("19", "20"):
        return len(parts[0]) <= 2 and len(parts[1]) <= 2
    digits = "".join(parts)
    if len(parts) == 1 and len(digits) in (8, 12, 14) and digits[:2] in ("19", "20"):
        return "01" <= digits[4:6] <= "12" and "01" <= digits[6:8] <= "31"
    return False
