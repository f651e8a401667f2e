"""What a judge comes to: who broke which rule, proven by their own signatures.

Owns the rules that a signature can prove to be broken, and their texts. Refuses to convict for
what was merely shown and not signed: whoever wrote the file could have made it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

GATEWAY: Final = "gateway"
Who = Literal["gateway", "member"]


class Rule(StrEnum):
    """A rule that was broken."""

    TWO_ROSTERS = "two_rosters"
    TWO_RESULTS = "two_results"
    ROSTER_TERMS = "roster_terms"
    FALSE_COMBINATION = "false_combination"
    OTHER_RELEASE = "other_release"
    INVALID_CIPHERTEXTS = "invalid_ciphertexts"
    TWO_CONTRIBUTIONS = "two_contributions"


TEXTS: Final[dict[Rule, str]] = {
    Rule.TWO_ROSTERS: "signed two rosters for one question",
    Rule.TWO_RESULTS: "signed two results for one round",
    Rule.ROSTER_TERMS: "signed a roster with too few members, or with one that is no contributor"
    " of the contract",
    Rule.FALSE_COMBINATION: "signed a result whose proof does not show that it is the product of"
    " the contributions",
    Rule.OTHER_RELEASE: "signed a result, and has another entry at its place in the log",
    Rule.INVALID_CIPHERTEXTS: "signed a contribution whose ciphertexts are none under the"
    " question's key",
    Rule.TWO_CONTRIBUTIONS: "signed two contributions to one roster",
}


class Remark(StrEnum):
    """Why something in a file proves nothing."""

    NO_ROSTER = "no roster that the pinned key signed"
    NO_RESULT = "no result that the pinned key signed"
    OTHER_QUESTION = "the question is not the one that was signed for"
    OTHER_CONTRACT = "the contract is not the question's"
    OTHER_ROSTER = "the roster is not the result's"
    NOT_SHOWN = "no contributions are in the file"
    NOT_SIGNED_FOR = "what is shown is not what was signed"
    NOT_IN_LOG = "the entry of the log does not verify by the pinned key"
    NO_LOG_KEY = "no key of the log was given"


@dataclass(frozen=True, slots=True)
class Finding:
    """``who`` is the gateway, or a member by its institution; proven for ``round``."""

    who: str
    rule: Rule
    round: str

    @property
    def text(self) -> str:
        """What was done, in words."""
        return TEXTS[self.rule]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that is proven, each once, and what was looked at in vain."""

    findings: tuple[Finding, ...]
    remarks: tuple[Remark, ...]
