"""CN_CONTRACT_NUMBER and CN_LOAN_NUMBER: what a lender calls an agreement with a person.

Owns numbers after the words that name them, and the form with a year in brackets and Chinese
characters ("（2023）沪银借字第0012号"). Refuses words without a number of at least four digits,
and dates.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, Finding
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labelled import Kind, LabelledRecogniser
from gateway.detection.recognisers.china.labels import OTHER, Labels
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_CONTRACT, _LOAN = "CN_CONTRACT_NUMBER", "CN_LOAN_NUMBER"
_TOKEN = Pattern(
    r"(?:[(\[](?:19|20)[0-9]{2}[)\]])?[A-Za-z0-9][A-Za-z0-9()\[\]/_-]{3,38}[A-Za-z0-9]"
)
_LEAST_DIGITS = 4
_DAY = re.compile(r"(?:19|20)[0-9]{2}[-/]?[01]?[0-9](?:[-/]?[0-3]?[0-9])?")
# Every part is bounded and begins with what the part before it cannot hold.
_IN_CHINESE = re.compile(
    r"[(\[〔【](?:19|20)[0-9]{2}[)\]〕】][年]?[\u4e00-\u9fff]{1,12}[0-9]{1,8}[号號]?"
    r"|[A-Za-z\u4e00-\u9fff]{1,8}[(\[](?:19|20)[0-9]{2}[)\]]第?[0-9]{1,8}[号號]"
    r"|[\u4e00-\u9fff]{2,8}字第?[0-9]{5,14}[号號]"
)


def _is_number(view: View, match: Match) -> bool:  # noqa: ARG001 - the shape of a rule
    digits = sum(sign.isdigit() for sign in match.text)
    return digits >= _LEAST_DIGITS and _DAY.fullmatch(match.text) is None


_BEHIND = re.compile(
    r"编号[为是:]{0,2} ?([A-Za-z0-9][A-Za-z0-9_/-]{4,30}[A-Za-z0-9])"
    r"的?[^,;。\nA-Za-z0-9]{0,14}?(?:合同|协议|借据)"
)
"""The word for an agreement behind its number: 编号为HT20250001的《借款合同》."""
_NUMBERED = "CN_AGREEMENT_BEHIND"


class CnAgreementRecogniser(LabelledRecogniser):
    """Finds the numbers of contracts, policies and loans."""

    ENTITIES = (_CONTRACT, _LOAN)
    NAMED = (*ENTITIES, _NUMBERED)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _CONTRACT: words.CONTRACT,
        _LOAN: words.LOAN,
        OTHER: words.OTHER,
        _NUMBERED: ("编号为", "编号是", "编号"),
    }
    KINDS = (
        Kind(_CONTRACT, _TOKEN, "letters and digits", 8, accepts=_is_number),
        Kind(_LOAN, _TOKEN, "letters and digits", 8, accepts=_is_number),
    )

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the tokens, and the numbers with Chinese characters in them."""
        yield from super().find(view)
        if view.context.all(_CONTRACT) or view.context.all(_LOAN):
            yield from _in_chinese(view)
        if view.context.all(_NUMBERED):
            for match in _BEHIND.finditer(view.text):
                start, end = match.span(1)
                if _is_number(view, Match(start, end, match[1])):
                    why = "the word for an agreement behind it"
                    yield Finding(start, end, _CONTRACT, LIKELY, "letters and digits", why)


def _in_chinese(view: View) -> Iterator[Finding]:
    contracts, loans = Labels(view, _CONTRACT, 8), Labels(view, _LOAN, 8)
    for match in _IN_CHINESE.finditer(view.text):
        for entity, labels in ((_CONTRACT, contracts), (_LOAN, loans)):
            near = labels.of(*match.span())
            if near:
                yield Finding(*match.span(), entity, LIKELY, "year and words", f"near {near}")
