"""Whether a profile would work: what an operator looks at before the agent serves.

Owns the checks, each with what was seen and what to do. Refuses to show a value of the data: rows
are counted, columns named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from clients.agent.agent import approved_contract, open_data, trust_of
from clients.agent.check_bureau import check_binning
from clients.agent.context import AGENT, Trust
from clients.agent.data.errors import DataError
from clients.agent.data.frozen import FrozenData
from clients.agent.errors import AgentError, Word, shown_reason
from clients.agent.link import Link
from clients.agent.outcome.evidence import FOLDER, EvidenceFolder
from clients.agent.profile import AgentProfile
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import SdkError
from gateway.crypto.errors import CryptoError
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.statements import READY_TYPE


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: what was seen, and what to do where it did not pass."""

    name: str
    passed: bool
    seen: str
    advice: str = ""


def check_profile(profile: AgentProfile) -> Iterator[Checked]:
    """Yield the checks one by one: files, own certificate, gateway, contracts, data, binning."""
    try:
        trust = trust_of(profile)
    except AgentError as error:
        yield Checked("files", False, str(error), error.next_step)
        return
    yield Checked("files", True, "key, certificate, anchors and round key can be used")
    yield _checked("own certificate", lambda: _own(profile, trust))
    yield _answers(profile)
    yield from _evidence(profile)
    contracts: list[AggregateContract] = []
    with closing(Link(profile.connection())) as link:
        for dataset in profile.policy.datasets:
            yield _checked(
                f"contract of {dataset}", partial(_contract, profile, link, dataset, contracts)
            )
    try:
        data = open_data(profile)
    except AgentError as error:
        yield Checked("data", False, str(error), error.next_step)
        return
    with data:
        for contract in contracts:
            if contract.cohort is not None:
                yield _checked(f"data of {contract.dataset}", partial(_frozen, data, contract))
    yield from _binned(profile, contracts)


def _answers(profile: AgentProfile) -> Checked:
    """Say when answers go out; that it is at once an operator may want, and should know."""
    step = profile.answer_step_ms
    if not step:
        advice = "Write answer_step_ms = 250: else the gateway sees how long each answer took."
        return Checked("answers", True, "they go out at once", advice)
    return Checked("answers", True, f"they go out every {step} ms after an order")


def _binned(profile: AgentProfile, contracts: list[AggregateContract]) -> Iterator[Checked]:
    """Look at every dataset of ``[binning]``; without its contract, that is what is wrong."""
    by_name = {one.dataset: one for one in contracts}
    datasets = {} if profile.binning is None else profile.binning.datasets
    for name, config in datasets.items():
        if name in by_name:
            check = partial(check_binning, profile, config, by_name[name])
            yield _checked(f"binning of {name}", check, "[binning]")
        else:
            seen = "there is no contract that this profile answers"
            advice = f'Write [policy.datasets."{name}"], or take it out of [binning].'
            yield Checked(f"binning of {name}", False, seen, advice)


def _evidence(profile: AgentProfile) -> Iterator[Checked]:
    """Name rounds whose results did not hold; that some were withheld may be a restart's."""
    kept = EvidenceFolder(profile.state).names()
    for name in kept:
        round_id, word = name.split(".")
        if word != Word.WITHHELD.value:
            seen = f"round {round_id}: {word}"
            advice = (
                f"`veilgate aggregate judge` says what {FOLDER}/{name}.json of the state proves."
            )
            yield Checked("the gateway's results", False, seen, advice)


def _checked(name: str, check: Callable[[], str], section: str = "[data]") -> Checked:
    try:
        return Checked(name, True, check())
    except VeilgateError as error:
        return Checked(name, False, shown_reason(error), error.next_step)
    except SdkError as error:
        return Checked(name, False, str(error), error.next_step)
    except DataError as error:
        return Checked(name, False, str(error), f"Correct the section {section} of the profile.")


def _own(profile: AgentProfile, trust: Trust) -> str:
    """Sign, and check as another agent would."""
    try:
        signer = trust.anchors.verify(READY_TYPE, trust.sign(READY_TYPE, b"{}"), time.time())
    except CryptoError as error:
        raise AgentError(
            f"others would refuse it: {error}",
            "Get one of the members' authority, for the workload agent, for 7 days at most.",
        ) from error
    if (signer.institution, signer.workload) != (profile.institution, AGENT):
        raise AgentError(
            f"it is for {signer.institution}, workload {signer.workload}",
            f"It is to be for {profile.institution}, workload {AGENT}.",
        )
    return "others accept what it signs"


def _contract(
    profile: AgentProfile, link: Link, dataset: str, found: list[AggregateContract]
) -> str:
    terms = link.terms(dataset)
    if terms.round_key.hex() != profile.round_key:
        raise AgentError(
            "the gateway gives another key for rosters than the profile pins",
            "Compare both with its operator, not over this connection.",
        )
    contract = approved_contract(profile, dataset, terms.contract)
    found.append(contract)
    return require_own_bound(profile, contract)


def require_own_bound(profile: AgentProfile, contract: AggregateContract) -> str:
    """Return what bounds the answers under a contract that nobody signs.

    Raises:
        AgentError: nothing of this provider's own does: the gateway's contract says the budget.
    """
    dataset, digest = contract.dataset, contract.digest
    if profile.policy.datasets[dataset].contract is not None:
        return f"pinned {digest}"
    data = profile.data.datasets.get(dataset)
    costs = contract.cohort is not None or contract.binning is not None
    if costs and (contract.binning is not None or data is None or data.allowance is None):
        raise AgentError(
            f"it is not pinned, so that its budget is whatever the gateway says: SHA-256 {digest}",
            f'Read it, and write contract = "{digest}" in [policy.datasets."{dataset}"].',
        )
    return f"not pinned, SHA-256 {digest}"


def _frozen(data: FrozenData, contract: AggregateContract) -> str:
    report = data.freeze(contract)
    left_out = ", ".join(f"{name}: {rows}" for name, rows in sorted(report.unreadable.items()))
    return f"{report.people} people, {report.kept} of {report.rows} rows" + (
        f"; unreadable by column: {left_out}" if left_out else ""
    )
