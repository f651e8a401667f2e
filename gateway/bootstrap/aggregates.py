"""The aggregate path over its adapters, bound to gRPC.

Owns which adapter stands behind which port of the path. The combiner's process is started by who
runs the gateway, before gRPC.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import grpc

from gateway.adapters.aggregates.merkle_tree import MerkleTree
from gateway.adapters.committer.aggregates.consent_reading import ConsentReading
from gateway.adapters.committer.aggregates.ledger import CommitterAggregates
from gateway.adapters.committer.ledger import CommitterLedger
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.row_tags import KeyedRowTags
from gateway.adapters.keys.statements import KeyedStatements
from gateway.adapters.keys.subject_tags import KeyedSubjectTags
from gateway.adapters.store.aggregate_store import AggregateStore
from gateway.adapters.store.consent_versions import StoredVersions
from gateway.adapters.store.log_store import LogStore
from gateway.adapters.store.reader import StoreReader
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.aggregate.assembly import Limits, Ports, assemble
from gateway.application.aggregate.binning_kind import BinningKind
from gateway.application.aggregate.bound_rows import RowBinder
from gateway.application.aggregate.cohort_kind import CohortKind
from gateway.application.aggregate.drive import Waits
from gateway.application.aggregate.prepare_subject import PrepareSubject
from gateway.application.aggregate.rounds import Bounds
from gateway.application.aggregate.subject_kind import SubjectKind
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import Combiner
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.config import Config
from gateway.servicers.aggregate import AgentServicer, AskingServicer, aggregate_service
from gateway.servicers.aggregate_binning import BinningServicer, binning_methods
from gateway.servicers.binding import Guard


@dataclass(frozen=True, slots=True)
class AggregateParts:
    """What the path takes of a running gateway; ``stopping`` is set when it ends."""

    config: Config
    policy: PolicyInForce
    keyring: Keyring
    reader: StoreReader
    subjects: SubjectStore
    ledger: CommitterLedger
    log: LogStore
    publish: PublishCheckpoint
    combiner: Combiner
    stopping: asyncio.Event


def build_aggregates(guard: Guard, parts: AggregateParts) -> grpc.GenericRpcHandler:
    """Return the handler of AggregateService."""
    config = parts.config
    reader = AggregateStore(parts.reader, time.time)
    ledger = CommitterAggregates(
        *(parts.ledger.done, parts.policy, reader, parts.subjects.subject_of),
        ConsentReading(parts.reader, time.time),
    )
    statements = KeyedStatements(
        Path(config.tls.client_authorities).read_bytes(),
        *(config.trust_domain, parts.keyring, time.time),
    )
    ports = Ports(
        *(parts.policy, ledger, reader, statements, parts.combiner),
        *(MerkleTree(), parts.log, parts.publish, parts.stopping, time.time),
    )
    keyed = KeyedSubjectTags(parts.keyring)
    subject = SubjectKind(statements, keyed, time.time)
    binder = RowBinder(StoredVersions(parts.reader), KeyedRowTags(parts.keyring), ports.tree)
    kinds = (CohortKind(), subject, BinningKind())
    path = assemble(ports, kinds, limits_of(config), binder)
    prepare = PrepareSubject(
        *(parts.policy, parts.subjects, keyed, path.orders),
        *(statements, ledger, time.time),
    )
    return aggregate_service(
        guard,
        AskingServicer(path.ask, prepare, path.reads, statements),
        AgentServicer(path.orders, path.messages, path.reads),
        binning_methods(guard, BinningServicer(path.binnings)),
    )


def limits_of(config: Config) -> Limits:
    """Return the limits that are configured."""
    return Limits(
        Waits(
            config.aggregate_ready_timeout_ms / 1000,
            config.aggregate_contribution_timeout_ms / 1000,
        ),
        Bounds(
            config.aggregate_open_rounds,
            config.aggregate_rounds_an_institution,
            config.aggregate_memory_mb << 20,
        ),
    )
