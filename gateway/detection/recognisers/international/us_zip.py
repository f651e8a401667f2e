"""US_ZIP_CODE: five digits, or nine as ZIP+4, after a state or under a label.

Source: United States Postal Service (Publication 28: abbreviations; the first digit of a code says
the group of states). Refuses five digits alone: they are an amount more often than a place.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.labelled import reason
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.international.neighbours import alone
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_BY_FIRST_DIGIT = (
    "CT MA ME NH NJ NY PR RI VT VI AE",
    "DE NY PA",
    "DC MD NC SC VA WV",
    "AL FL GA MS TN AA",
    "IN KY MI OH",
    "IA MN MT ND SD WI",
    "IL KS MO NE",
    "AR LA OK TX",
    "AZ CO ID NM NV UT WY",
    "AK AS CA GU HI MH FM MP OR PW WA AP",
)
_DIGITS_OF: dict[str, str] = {}
for _digit, _states in enumerate(_BY_FIRST_DIGIT):
    for _state in _states.split():
        _DIGITS_OF[_state] = _DIGITS_OF.get(_state, "") + str(_digit)
_NAMES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA",
    "colorado": "CO", "connecticut": "CT", "delaware": "DE", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA",
    "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD",
    "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS",
    "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "hampshire": "NH",
    "jersey": "NJ", "mexico": "NM", "york": "NY", "carolina": "NC", "dakota": "ND", "ohio": "OH",
    "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "island": "RI", "tennessee": "TN",
    "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA", "washington": "WA",
    "wisconsin": "WI", "wyoming": "WY", "columbia": "DC", "d.c.": "DC",
}  # fmt: skip
# Abbreviations that are words in capitals as well.
_WORDS = frozenset({"IN", "OR", "ME", "OK", "HI", "AS"})
_STATE = "|".join((*_DIGITS_OF, *(f"(?i:{name})" for name in _NAMES))).replace(".", r"\.")
_AFTER_STATE = rf"(?:{_STATE})[.,]? {{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?"
_TOPIC = "US_ZIP_CODE"


class UsZipCodeRecogniser(Recogniser):
    """Finds ``CA 94105``, ``Texas 75001-1234``, ``ZIP 10001``."""

    ENTITIES = (_TOPIC,)
    SHAPES = ("(?:^|[^0])0{5}(?:[^0]|$)",)
    GATES = (_AFTER_STATE, r"(?i)zip|postal ?code|post ?code")
    CONTEXT: ClassVar = {
        _TOPIC: ("zip", "zip code", "zipcode", "zip+4", "postal code", "postcode", "post code")
    }
    _AFTER_STATE = Pattern(_AFTER_STATE)
    _BARE = Pattern("[0-9]{5}(?:-[0-9]{4})?")

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the codes after a state, and those under a label."""
        for match in self._AFTER_STATE.standing_alone(view.ascii):
            state = match.text.rstrip("0123456789-").rstrip(" .,")
            code = match.text[len(match.text.rstrip("0123456789-")) :]
            start = match.end - len(code)
            if alone(view.ascii, start, match.end):
                score, why = _after_state(view.ascii, match.start, state, code)
                yield Finding(start, match.end, _TOPIC, score, "after a state", why)
        if not view.context.all(_TOPIC):
            return
        for match in self._BARE.matches(view.ascii):
            label = label_of(view, (_TOPIC,), match.start, match.end)
            if label and alone(view.ascii, match.start, match.end):
                why = reason(None, label)
                yield Finding(match.start, match.end, _TOPIC, LIKELY, "five digits", why)


def _after_state(text: bytes, start: int, state: str, code: str) -> tuple[float, str]:
    known = state if state in _DIGITS_OF else _NAMES[state.lower()]
    after_city = text[max(0, start - 2) : start].strip()[-1:] == b","
    certain = state not in _WORDS
    if code[0] in _DIGITS_OF[known]:
        return (LIKELY if after_city or certain else POSSIBLE), "in the state's range"
    return (POSSIBLE if after_city and certain else WEAK), "outside the state's range"
