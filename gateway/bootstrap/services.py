"""What answers calls: use cases over adapters, bound to gRPC, a function a service.

Owns nothing that runs by itself. A new service is a function here and a line in ``build_services``.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import grpc

from gateway.adapters.committer.checkpoint_ledger import CommitterCheckpoints
from gateway.adapters.committer.directory_ledger import CommitterDirectory
from gateway.adapters.committer.ledger import CommitterLedger
from gateway.adapters.committer.reidentification_ledger import CommitterReidentification
from gateway.adapters.keys.directory_signatures import verify_request
from gateway.adapters.keys.dsse_signatures import verify_consent
from gateway.adapters.keys.keyed_pseudonyms import KeyedPseudonyms
from gateway.adapters.keys.keyed_tokens import KeyedTokens
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.oblivious_evaluator import ObliviousEvaluator
from gateway.adapters.keys.receipt_signing import KeyedReceipts
from gateway.adapters.keys.shown_tags import KeyedValueTags
from gateway.adapters.keys.witness_signatures import NoteWitnesses
from gateway.adapters.store.checkpoint_store import CheckpointStore
from gateway.adapters.store.consent_history import ConsentHistoryStore
from gateway.adapters.store.consent_list import ConsentListStore
from gateway.adapters.store.directory_records import DirectoryRecords
from gateway.adapters.store.directory_store import DirectoryStore
from gateway.adapters.store.log_store import LogStore
from gateway.adapters.store.reidentification_store import ReidentificationStore
from gateway.adapters.store.subject_store import SubjectStore
from gateway.adapters.store.usage_store import UsageStore
from gateway.application.accept_forwarded import AcceptForwarded
from gateway.application.analyse_text import AnalyseText
from gateway.application.catalogue import Catalogue
from gateway.application.consent_receipt import IssueReceipt
from gateway.application.cosign import AddCosignature
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.deidentify_text import DeidentifyText, MaskByType
from gateway.application.evaluate_references import EvaluateReferences
from gateway.application.explain_access import ExplainAccess
from gateway.application.get_record import GetRecord
from gateway.application.list_consents import ListConsents
from gateway.application.load import Load
from gateway.application.manage_consents import ManageConsents
from gateway.application.manage_directory import ManageDirectory
from gateway.application.ports.aggregates import Combiner
from gateway.application.ports.detection import TextDetector
from gateway.application.protect_record import ProtectRecord
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.application.rate_limit import RateLimit
from gateway.application.reidentify import Reidentify
from gateway.application.show_checkpoint import ShowCheckpoint
from gateway.application.view_directory import ViewDirectory
from gateway.bootstrap.aggregates import AggregateParts, build_aggregates
from gateway.bootstrap.providers import Providers
from gateway.bootstrap.stores import Committer, Store
from gateway.config import Config
from gateway.servicers.audit import AuditServicer, audit_service
from gateway.servicers.binding import Guard
from gateway.servicers.catalogue import CatalogueServicer, catalogue_service
from gateway.servicers.checkpoints import CheckpointServicer
from gateway.servicers.consent import ConsentServicer, consent_service
from gateway.servicers.consent_list import ConsentListServicer
from gateway.servicers.consent_receipt import ConsentReceiptServicer
from gateway.servicers.deid import DeidentifyServicer, deidentify_service
from gateway.servicers.directory import DirectoryServicer, directory_service
from gateway.servicers.exchange import ExchangeServicer, exchange_service
from gateway.servicers.reidentification import ReidentificationServicer
from gateway.servicers.subject import SubjectServicer, subject_service


@dataclass(frozen=True, slots=True)
class Parts:
    """What is running when services are built. ``on_store(ok)`` hears how the store fares."""

    config: Config
    policy: PolicyInForce
    keyring: Keyring
    store: Store
    committer: Committer
    providers: Providers
    text: TextDetector
    load: Load
    on_store: Callable[[bool], None]
    combiner: Combiner
    stopping: asyncio.Event


def build_services(parts: Parts) -> list[grpc.GenericRpcHandler]:
    """Return the handlers of every service."""
    config, reader = parts.config, parts.store.reader()
    subjects = SubjectStore(reader, parts.keyring)
    directory = DirectoryStore(reader, time.monotonic, time.time)
    ledger = CommitterLedger(parts.committer, subjects, parts.policy, parts.on_store)
    calls = RateLimit(config.calls_per_second, 2 * config.calls_per_second, time.monotonic)
    guard = Guard(directory, calls, time.time, config.trust_domain, parts.load)
    consents = ManageConsents(subjects, directory, ledger, verify_consent, time.time)
    log = LogStore(parts.store.reader(bulk=True), config.log_origin, parts.keyring.log_key)
    checkpoints = CheckpointStore(parts.store.reader())
    publish = PublishCheckpoint(log, checkpoints, CommitterCheckpoints(ledger.done), time.time)
    aggregates = AggregateParts(
        *(config, parts.policy, parts.keyring, reader, subjects, ledger),
        *(log, publish, parts.combiner, parts.stopping),
    )
    return [
        exchange_service(guard, _exchange(parts, subjects, directory, ledger)),
        consent_service(
            guard,
            ConsentServicer(consents),
            ConsentListServicer(ListConsents(ConsentListStore(reader, parts.keyring), time.time)),
            _receipts(parts, subjects, consents),
        ),
        audit_service(guard, *_audit(parts, ledger, log, checkpoints, publish)),
        subject_service(guard, _subject(parts, ledger)),
        catalogue_service(guard, _catalogue(parts)),
        directory_service(guard, _directory(parts, directory, ledger)),
        deidentify_service(guard, *_deidentify(parts, ledger)),
        build_aggregates(guard, aggregates),
    ]


def _deidentify(
    parts: Parts, ledger: CommitterLedger
) -> tuple[DeidentifyServicer, ReidentificationServicer]:
    tokens = KeyedTokens(parts.keyring)
    analyse = AnalyseText(parts.text)
    deidentify = DeidentifyText(parts.policy, analyse, tokens)
    reidentify = Reidentify(
        parts.policy,
        tokens,
        ReidentificationStore(parts.store.reader()),
        CommitterReidentification(ledger.done),
        MaskByType(analyse),
        time.time,
    )
    return DeidentifyServicer(analyse, deidentify), ReidentificationServicer(reidentify)


def _exchange(
    parts: Parts, subjects: SubjectStore, directory: DirectoryStore, ledger: CommitterLedger
) -> ExchangeServicer:
    decide = DecideAccess(parts.policy, subjects, time.time)
    protect = ProtectRecord(
        KeyedPseudonyms(parts.keyring), parts.text, KeyedTokens(parts.keyring), KeyedValueTags()
    )
    a_minute = parts.config.explains_per_minute
    parts.providers.use_consents(subjects)
    return ExchangeServicer(
        GetRecord(decide, ledger, parts.providers.by_institution, protect),
        ExplainAccess(decide, ledger),
        parts.keyring.body_digest,
        RateLimit(a_minute / 60, a_minute, time.monotonic),
        AcceptForwarded(directory, subjects, ledger, verify_consent, parts.config.log_origin),
    )


def _receipts(
    parts: Parts, subjects: SubjectStore, consents: ManageConsents
) -> ConsentReceiptServicer:
    history = ConsentHistoryStore(parts.store.reader(), subjects)
    issue = IssueReceipt(
        consents,
        history,
        parts.policy,
        KeyedReceipts(parts.keyring),
        time.time,
        lambda: str(uuid4()),
        parts.config.log_origin,
    )
    return ConsentReceiptServicer(issue)


def _directory(
    parts: Parts, directory: DirectoryStore, ledger: CommitterLedger
) -> DirectoryServicer:
    records = DirectoryRecords(parts.store.reader())
    changes = CommitterDirectory(ledger.done)
    return DirectoryServicer(
        ManageDirectory(records, changes, verify_request, directory.settled, time.time),
        ViewDirectory(records, time.time),
        parts.config.trust_domain,
        time.time,
    )


def _audit(
    parts: Parts,
    ledger: CommitterLedger,
    log: LogStore,
    checkpoints: CheckpointStore,
    publish: PublishCheckpoint,
) -> tuple[AuditServicer, CheckpointServicer]:
    recorded = CommitterCheckpoints(ledger.done)
    witnesses = NoteWitnesses(log.verifier_key)
    show = ShowCheckpoint(publish, checkpoints, witnesses, parts.policy)
    cosign = AddCosignature(checkpoints, recorded, witnesses, show, parts.policy, time.time)
    return AuditServicer(log, publish), CheckpointServicer(show, cosign, log.verifier_key)


def _subject(parts: Parts, ledger: CommitterLedger) -> SubjectServicer:
    evaluator = ObliviousEvaluator(parts.keyring)
    return SubjectServicer(EvaluateReferences(evaluator, ledger, parts.config.evaluations_per_day))


def _catalogue(parts: Parts) -> CatalogueServicer:
    usage = UsageStore(parts.store.reader(), time.time)
    by_reference = {
        (one.id, one.dataset) for one in parts.config.providers if one.addressed_by == "reference"
    }
    return CatalogueServicer(Catalogue(parts.policy, usage, by_reference, time.time))
