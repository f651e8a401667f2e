"""IBAN_CODE: international bank account numbers.

Source: ISO 13616, the registry of SWIFT (length by country, remainder 97). Refuses a country that
is not in the registry; takes as many characters as its numbers have, whatever follows.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, PROVED, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.checks import has_mod_97_check
from gateway.detection.recognisers.international.labelled import reason
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.international.neighbours import glued_before, glued_behind
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_REGISTRY = (
    "NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20"
    " CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23"
    " OM23 SO23 TL23 AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26"
    " TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28"
    " NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33"
)
LENGTHS = {one[:2]: int(one[2:]) for one in _REGISTRY.split()}
_COUNTRIES = "|".join(LENGTHS)
_SHAPE = f"(?i:{_COUNTRIES})[0-9]{{2}}(?:[ -]?[0-9A-Za-z]){{11,40}}"
_TOPIC = "IBAN_CODE"


class IbanRecogniser(Recogniser):
    """Finds account numbers in groups or not, in capitals or not."""

    ENTITIES = (_TOPIC,)
    SHAPES = ("[Aa]{2}0{2}(?:[0Aa]{5}|[ -][0Aa]{4}|$)",)
    GATES = (f"(?i:{_COUNTRIES})[0-9]{{2}}(?:[ -]?[0-9A-Za-z]){{11}}",)
    CONTEXT: ClassVar = {
        _TOPIC: ("iban", "bank account", "account", "国际银行账号", "账号", "账户")
    }
    _PATTERN = Pattern(_SHAPE)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the numbers whose remainder is right, and under a label those mistyped."""
        for match in self._PATTERN.matches(view.ascii):
            end = _end(match)
            if end is None or glued_behind(view.ascii, end):
                continue
            number = view.ascii[match.start : end].translate(None, b" -").decode().upper()
            checked = has_mod_97_check(number)
            if glued_before(view.ascii, match.start) and not checked:
                continue
            label = label_of(view, (_TOPIC,), match.start, end)
            score = PROVED if checked else POSSIBLE if label else WEAK
            why = reason(checked, label)
            yield Finding(match.start, end, _TOPIC, score, "length of the country", why, checked)


def _end(match: Match) -> int | None:
    """Return where the country's number of characters is reached."""
    text = match.text
    end = needed = LENGTHS[text[:2].upper()]
    # Each gap within the number so far moves its end by one.
    while end <= len(text):
        longer = needed + text.count(" ", 0, end) + text.count("-", 0, end)
        if longer == end:
            return match.start + end
        end = longer
    return None
