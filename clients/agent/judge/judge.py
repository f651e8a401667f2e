"""The judge: files in, a verdict out; asks nobody, and needs no secret.

Owns going through the files, and what contradicts itself across them: two rosters or two results
of one round, two contributions of one member to it, both signed. Refuses to judge by more files
than anybody needs.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from clients.agent.errors import AgentError
from clients.agent.judge.file import EvidenceFile
from clients.agent.judge.rules import Found, Keys, combination, release, roster_terms
from clients.agent.judge.verdict import GATEWAY, Finding, Remark, Rule, Verdict
from gateway.domain.aggregate.statements import (
    RESULT_TYPE,
    ROSTER_TYPE,
    Contribution,
    Result,
    Roster,
    digest_of,
)

MOST_FILES: Final = 64
MOST_MEMBERS: Final = 256


def judge(keys: Keys, files: Sequence[EvidenceFile]) -> Verdict:
    """Return what the files prove, together.

    Raises:
        AgentError: there are more than 64.
    """
    if len(files) > MOST_FILES:
        raise AgentError("too many files", f"Give {MOST_FILES} at most.")
    rosters = [one for file in files for one in _rosters(keys, file)]
    results = [one for file in files for one in _results(keys, file)]
    found = [
        *_contradictions(Rule.TWO_ROSTERS, [(one.round, _roster_facts(one)) for one in rosters]),
        *_contradictions(Rule.TWO_RESULTS, [(one.round, _result_facts(one)) for one in results]),
        *_second_contributions([one for file in files for one in _sent(keys, file)]),
        *(one for file in files for one in _of_file(keys, file)),
    ]
    findings = {one: None for one in found if isinstance(one, Finding)}
    remarks = {one: None for one in found if isinstance(one, Remark)}
    return Verdict(tuple(findings), tuple(remarks))


def _of_file(keys: Keys, file: EvidenceFile) -> Found:
    for roster in _rosters(keys, file):
        yield from roster_terms(file, roster)
    result = next(_results(keys, file), None)
    if file.result is None or result is None:
        if file.second is None:
            yield Remark.NO_RESULT
        return
    yield from release(keys, result, file.result)
    if file.roster is None:
        yield Remark.NO_ROSTER
        return
    roster_ = keys.gateway(ROSTER_TYPE, file.roster.roster, Roster)
    if roster_ is None:
        yield Remark.NO_ROSTER
    elif digest_of(file.roster.roster.payload) != result.roster or roster_.round != result.round:
        yield Remark.OTHER_ROSTER
    else:
        yield from combination(keys, file, roster_, result, file.result.proof)


def _rosters(keys: Keys, file: EvidenceFile) -> Iterator[Roster]:
    for one in (file.roster, file.second):
        if one is not None:
            signed = keys.gateway(ROSTER_TYPE, one.roster, Roster)
            if signed is not None:
                yield signed


def _results(keys: Keys, file: EvidenceFile) -> Iterator[Result]:
    if file.result is not None:
        signed = keys.gateway(RESULT_TYPE, file.result.result, Result)
        if signed is not None:
            yield signed


def _sent(keys: Keys, file: EvidenceFile) -> Iterator[Contribution]:
    """Yield what members signed for, by certificates of the time of a result of that round."""
    for result in _results(keys, file):
        shown = () if file.shown is None else file.shown.contributions
        # A roster has no more members: what is more is no round, and would only take time.
        for statement, _ in shown[:MOST_MEMBERS]:
            said = keys.member(statement, result.released_at)
            if said is not None and (said.round, said.roster) == (result.round, result.roster):
                yield said


def _second_contributions(sent: Sequence[Contribution]) -> Iterator[Finding]:
    first: dict[tuple[str, str], Contribution] = {}
    for one in sent:
        if first.setdefault((one.contributor, one.roster), one).digest != one.digest:
            yield Finding(one.contributor, Rule.TWO_CONTRIBUTIONS, one.round)


def _contradictions(rule: Rule, said: Sequence[tuple[str, Hashable]]) -> Iterator[Finding]:
    """Compare what is said, not its bytes: a later release may sign more of the same."""
    first: dict[str, Hashable] = {}
    for round_id, facts in said:
        if first.setdefault(round_id, facts) != facts:
            yield Finding(GATEWAY, rule, round_id)


def _roster_facts(one: Roster) -> Hashable:
    return one.question, one.members


def _result_facts(one: Result) -> Hashable:
    return (
        *(one.question, one.roster, one.contributions, one.ciphertexts),
        *(one.digest, one.consents, one.log_index),
    )
