"""A whole agent out of its profile.

Owns putting the parts together, and freezing the data before the first question: that takes longer
than a question waits. Refuses to start with a key, certificate or authority that cannot be used.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import Final

import msgspec

from clients.agent.binning.serve import BinningAnswerer
from clients.agent.cohort import CohortKind
from clients.agent.context import Trust
from clients.agent.data.errors import DataError
from clients.agent.data.frozen import FrozenData
from clients.agent.errors import AgentError, Unwilling, Word, shown_reason
from clients.agent.gateway import Gateway, JobLinks
from clients.agent.key_proof import ProofNotes
from clients.agent.kinds import Kind
from clients.agent.link import Link
from clients.agent.outcome.evidence import EvidenceFolder
from clients.agent.outcome.recompute import Recomputation
from clients.agent.pace import Pace
from clients.agent.profile import AgentProfile
from clients.agent.rounds import Rounds
from clients.agent.serving import BinAnswerer, Service
from clients.agent.store import RoundStore
from clients.agent.subject.box_keys import BoxKeys
from clients.agent.subject.data import SubjectData
from clients.agent.subject.kind import Lookup, SubjectKind
from clients.agent.subject.tag_limit import TagLimit
from clients.sdk.errors import VeilgateError
from gateway.domain.aggregate.contract import AggregateContract, read_contract

_LOG: Final = logging.getLogger("veilgate.agent")
DATA_FOLDER: Final = "data"
SHARE: Final = 4
"""Of four agents that each look at one round in four, two in three rounds are seen by one."""
_ASK: Final = "Ask the gateway's operator; what may be answered stands in [policy] of the profile."


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that is ready to serve."""

    service: Service
    _closing: ExitStack

    def run(self) -> None:
        """Serve until ``service.stop``, then close everything."""
        with self._closing:
            self.service.run()


def trust_of(profile: AgentProfile) -> Trust:
    """Return what an agent goes by; raises ``AgentError`` where a file cannot be used."""
    profile.read_statement_key()
    return Trust(
        institution=profile.institution,
        anchors=profile.read_anchors(),
        round_key=profile.read_round_key(),
        policy=profile.policy,
        own_key=profile.read_statement_key,
        proofs=ProofNotes(profile.state / "proofs"),
    )


def open_data(profile: AgentProfile) -> FrozenData:
    """Open the provider's data; raises ``AgentError``."""
    try:
        return FrozenData(profile.data, profile.state / DATA_FOLDER)
    except DataError as error:
        raise AgentError(str(error), "Correct the section [data] of the profile.") from error


def make_agent(profile: AgentProfile, *, share: int = SHARE) -> Agent:
    """Return an agent; one round in ``share`` it makes again out of all contributions.

    Raises:
        AgentError: the profile, its files or its state cannot be used.
    """
    trust, stopping = trust_of(profile), Event()
    with ExitStack() as closing:
        store = RoundStore.open(profile.state)
        closing.callback(store.close)
        data = closing.enter_context(open_data(profile))
        gateway = Gateway(stopping)
        gateway.take(Link(profile.connection()))
        freeze(profile, data, gateway.contract)
        kinds: dict[str, Kind] = {"cohort": CohortKind(trust, data, gateway.contract)}
        box_keys = _subjects(profile, trust, gateway, kinds, closing)
        jobs = JobLinks(lambda: Link(profile.connection()))
        service = Service(
            lambda: Link(profile.connection()),
            gateway,
            Rounds(trust, store, kinds, EvidenceFolder(profile.state)),
            stopping,
            box_key=box_keys.statement if box_keys is not None else None,
            answer_bin=_binning(profile, trust, gateway, jobs),
            close_jobs=jobs.close,
            pace=Pace(profile.answer_step_ms / 1000),
            on_result=Recomputation(
                *(trust, store, gateway.contributions, EvidenceFolder(profile.state), share),
                log_key=profile.read_log_key(),
            ),
        )
        return Agent(service, closing.pop_all())


def _subjects(
    profile: AgentProfile,
    trust: Trust,
    gateway: Gateway,
    kinds: dict[str, Kind],
    closing: ExitStack,
) -> BoxKeys | None:
    """Add what answers questions about a subject, where an index is named."""
    if not profile.subjects:
        return None
    lookups: dict[str, Lookup] = {}
    for dataset, config in profile.subjects.items():
        found = lookups[dataset] = SubjectData(config, profile.state / "indexes" / dataset)
        found.require_usable()
    try:
        limit = TagLimit(profile.state)
    except (OSError, sqlite3.Error) as error:
        raise AgentError("the counts of subjects cannot be opened", "Check the state.") from error
    closing.callback(limit.close)
    keys = BoxKeys(trust, profile.state / "box.keys")
    kinds["subject"] = SubjectKind(trust, lookups, gateway.contract, keys, limit)
    return keys


def _binning(
    profile: AgentProfile, trust: Trust, gateway: Gateway, jobs: JobLinks[Link]
) -> BinAnswerer | None:
    """Return what answers lenders' jobs, where data for it is named."""
    if profile.binning is None:
        return None
    folder = profile.state / "binning"
    config, settings = profile.binning, profile.data
    return BinningAnswerer(trust, config, settings, folder, gateway.contract, jobs.fresh)


def approved_contract(profile: AgentProfile, dataset: str, encoded: bytes) -> AggregateContract:
    """Return a dataset's contract as the gateway gives it, if the profile lets it be answered.

    Raises:
        AgentError: it is no contract, another dataset's, not the pinned one, or too weak.
    """
    try:
        contract = read_contract(encoded)
    except (msgspec.MsgspecError, ValueError):
        raise AgentError(f"the gateway gives no contract of {dataset}", _ASK) from None
    policy, own = profile.policy, profile.institution
    try:
        if contract.dataset != dataset or own not in contract.contributors:
            raise Unwilling(Word.TERMS)
        policy.require_open(dataset, "", contract.digest)
        if contract.cohort is not None:
            policy.require_terms(contract)
            policy.require_company(contract.contributors, "", own, contract)
    except Unwilling as unwilling:
        raise AgentError(
            f"the contract of {dataset} is not one that this profile answers: {unwilling.word}",
            _ASK,
        ) from None
    return contract


def freeze(profile: AgentProfile, data: FrozenData, contracts: Callable[[str], bytes]) -> None:
    """Freeze the data of each answered dataset whose contract can be had; the log has the rest."""
    for dataset in profile.policy.datasets:
        try:
            contract = approved_contract(profile, dataset, contracts(dataset))
            if contract.cohort is None:
                continue
            _LOG.info("%s: the snapshot %s is opened or made", dataset, contract.snapshot)
            data.freeze(contract)
            _LOG.info("%s: the snapshot is there", dataset)
        except VeilgateError as error:
            _LOG.warning("%s: no contract yet: %s", dataset, shown_reason(error))
        except (AgentError, DataError) as error:
            # Neither text holds a value of the data.
            _LOG.error("%s: %s", dataset, error)
