"""The one place that constructs adapters: from a configuration to a running gateway.

Owns the order of starting (siblings before gRPC) and of stopping (callers first, the committer
last), and the link from the store's state to the health service. Refuses to serve with a broken
policy set, an unsafe store, or keys that others can read.
"""

import asyncio
import gc
import logging
import signal
import time
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from gateway.adapters.audit_events import plain_event
from gateway.adapters.batch_channel import BatchChannel
from gateway.adapters.committer_ledger import CommitterLedger
from gateway.adapters.committer_messages import AnyOperation, Append, Done, Result
from gateway.adapters.directory_store import DirectoryStore, Partner, write_partners
from gateway.adapters.dsse_signatures import verify_consent
from gateway.adapters.keyed_pseudonyms import KeyedPseudonyms
from gateway.adapters.keyring import KeyFileError, Keyring, load_keyring
from gateway.adapters.log_store import LogStore
from gateway.adapters.migrate import StoreVersionError, migrate
from gateway.adapters.sibling_process import Sibling, SiblingFailed, start
from gateway.adapters.sqlite_provider import SqliteProvider
from gateway.adapters.sqlite_provider_process import Source
from gateway.adapters.sqlite_store import UnsafeStore, open_reader, open_writer
from gateway.adapters.subject_store import SubjectStore
from gateway.adapters.yaml_policies import PolicyFileError, read_policies
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.explain_access import ExplainAccess
from gateway.application.get_record import GetRecord
from gateway.application.load import Load
from gateway.application.manage_consents import ManageConsents
from gateway.application.protect_record import ProtectRecord
from gateway.application.rate_limit import RateLimit
from gateway.config import Config, ConfigError, load_config
from gateway.detection.pool import ProcessTextDeidentifier
from gateway.domain.policy.checks import PolicyError
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.safe_logging import configure_logging, log_loop_error, log_unexpected
from gateway.servicers.audit import AuditServicer, audit_service
from gateway.servicers.binding import Guard
from gateway.servicers.consent import ConsentServicer, consent_service
from gateway.servicers.exchange import ExchangeServicer, exchange_service
from gateway.servicers.server import GatewayServer
from gateway.servicers.transport import TlsFiles, TransportError, server_credentials

_LOG: Final = logging.getLogger("gateway")
COMMITTER_MODULE: Final = "gateway.adapters.committer_process"
EXIT_CONFIGURATION: Final = 2
EXIT_STORE_LOST: Final = 3
_PROBE_S: Final = 1.0
_YOUNG_OBJECTS: Final = 20_000
START_ERRORS: Final = (
    ConfigError,
    KeyFileError,
    PolicyError,
    PolicyFileError,
    SiblingFailed,
    StoreVersionError,
    TransportError,
    UnsafeStore,
)
"""What stops a start with a message for the operator instead of a traceback."""


class _PartnerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    partner: tuple[Partner, ...]


def run(arguments: list[str]) -> int:
    """Serve by the configuration file that is named until a signal, and return the exit status."""
    if len(arguments) != 1:
        _LOG.error("usage: python -m gateway CONFIG")
        return EXIT_CONFIGURATION
    try:
        config = load_config(Path(arguments[0]))
        configure_logging(config.log_level)
        return uvloop.run(Gateway(config).serve())
    except START_ERRORS as error:
        _LOG.error("cannot start: %s", error)
        return EXIT_CONFIGURATION


def load_policy(folder: Path) -> CompiledPolicy:
    """Read and compile a policy folder; raises ``PolicyFileError`` or ``PolicyError``."""
    bundle = read_policies(folder)
    return compile_policies(bundle.documents, bundle.digest)


def read_partners(path: Path) -> tuple[Partner, ...]:
    """Read the partner file, or raise ``ConfigError``."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_PartnerFile).partner
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(f"{path}: {error}") from error


class Gateway:
    """A gateway of one worker: siblings, adapters, use cases, server."""

    def __init__(self, config: Config) -> None:
        """Check the configuration and start the siblings; gRPC is not touched yet."""
        self._config = config
        self._policy = PolicyInForce(load_policy(Path(config.policies)))
        self._keyring: Keyring = load_keyring(Path(config.keys))
        tls = config.tls
        files = TlsFiles(Path(tls.key), Path(tls.certificate), Path(tls.client_authorities))
        self._credentials = server_credentials(files)
        store = Path(config.store)
        migrate(store)
        connection = open_writer(store)
        write_partners(connection, read_partners(Path(config.partners)))
        connection.close()
        self._committer: Sibling = start(COMMITTER_MODULE, str(store))
        self._providers = self._start_providers()
        self._text = ProcessTextDeidentifier(
            config.detection_processes, config.detection_timeout_ms / 1000
        )
        self._server: GatewayServer | None = None
        self._load = Load()
        self._stop = asyncio.Event()
        self._exit = 0
        self._store_ok = True

    async def serve(self) -> int:
        """Serve until SIGTERM, SIGINT or the loss of the committer; return the exit status."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(log_loop_error)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._channel: BatchChannel[AnyOperation, Result] = BatchChannel(
            self._committer.sockets[0],
            Result,
            self._config.commit_timeout_ms / 1000,
            self._committer_gone,
            lambda: self._load.busy,
        )
        await self._text.start()
        self._server = self._build()
        self._record("GATEWAY_STARTED", abandoned=self._committer.ready["abandoned"])
        self._record("POLICY_LOADED", policy=self._policy.current.digest)
        port = await self._server.start()
        # What start-up made stays: the collector need not look at it on the record path again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
        _LOG.info("serving on port %d, policy %s", port, self._policy.current.digest[:12])
        await self._stop.wait()
        await self._close()
        return self._exit

    def _start_providers(self) -> dict[str, SqliteProvider]:
        sources: dict[str, list[Source]] = {}
        for one in self._config.providers:
            sources.setdefault(one.id, []).append(
                Source(one.dataset, one.database, one.table, one.type_column, one.identifier_column)
            )
        timeout_s = self._config.provider_timeout_ms / 1000
        providers = {
            name: SqliteProvider(tuple(some), timeout_s, lambda: self._load.busy)
            for name, some in sources.items()
        }
        self._bind_contracts(providers, self._policy.current)
        return providers

    @staticmethod
    def _bind_contracts(providers: dict[str, SqliteProvider], policy: CompiledPolicy) -> None:
        for dataset in policy.datasets.values():
            provider = providers.get(dataset.contract.provider)
            if provider is not None:
                provider.use_contract(dataset.contract)

    def _build(self) -> GatewayServer:
        config, store = self._config, Path(self._config.store)
        reader = open_reader(store)
        subjects = SubjectStore(reader, self._keyring)
        directory = DirectoryStore(reader, time.monotonic)
        ledger = CommitterLedger(self._channel, subjects, self._policy, self._store_changed)
        decide = DecideAccess(self._policy, subjects, time.time)
        protect = ProtectRecord(KeyedPseudonyms(self._keyring), self._text)
        get = GetRecord(decide, ledger, self._providers, protect)
        explains = RateLimit(
            config.explains_per_minute / 60, config.explains_per_minute, time.monotonic
        )
        exchange = ExchangeServicer(
            get, ExplainAccess(decide, ledger), self._keyring.body_digest, explains
        )
        consents = ConsentServicer(ManageConsents(subjects, directory, ledger, verify_consent))
        log = LogStore(open_reader(store), config.log_origin, self._keyring.log_key)
        calls = RateLimit(config.calls_per_second, 2 * config.calls_per_second, time.monotonic)
        guard = Guard(directory, calls, time.time, config.trust_domain, self._load)
        return GatewayServer(
            config.listen,
            self._credentials,
            [
                exchange_service(guard, exchange),
                consent_service(guard, consents),
                audit_service(guard, AuditServicer(log)),
            ],
            config.max_concurrent_calls,
        )

    def _record(self, kind: str, **facts: str | int) -> None:
        future = self._channel.call(Append(plain_event(kind, **facts), b"", ""))
        # A failure to record is a failure of the store, which the health service shows.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _reload(self) -> None:
        """On SIGHUP: take the policies on disk if they are whole, keep the present ones if not."""
        try:
            policy = load_policy(Path(self._config.policies))
        except (PolicyError, PolicyFileError) as error:
            _LOG.error("the policies on disk are refused, the present ones stay: %s", error)
            self._record("POLICY_REFUSED", policy=self._policy.current.digest)
            return
        self._bind_contracts(self._providers, policy)
        self._policy.current = policy
        self._record("POLICY_LOADED", policy=policy.digest)
        _LOG.info("policy %s is in force", policy.digest[:12])

    def _store_changed(self, ok: bool) -> None:
        if ok is self._store_ok:
            return
        self._store_ok = ok
        _LOG.warning("the store can be written again" if ok else "the store cannot be written")
        self._set_serving(ok)
        if not ok and not self._stop.is_set():
            asyncio.get_running_loop().call_later(_PROBE_S, self._probe)

    def _probe(self) -> None:
        """Try a write while the store is failing, so that health comes back without traffic."""
        if self._store_ok:
            return
        future = self._channel.call(Append(plain_event("STORE_RECOVERED"), b"", ""))
        future.add_done_callback(self._probed)

    def _probed(self, done: "asyncio.Future[Result]") -> None:
        if self._stop.is_set() or done.cancelled():
            return
        if done.exception() is None and isinstance(done.result(), Done):
            self._store_changed(True)
        else:
            asyncio.get_running_loop().call_later(_PROBE_S, self._probe)

    def _committer_gone(self, timed_out: bool) -> None:
        _LOG.error("the committer %s: stopping", "does not answer" if timed_out else "is gone")
        self._set_serving(False)
        self._exit = EXIT_STORE_LOST
        self._stop.set()

    def _set_serving(self, ok: bool) -> None:
        if self._server is not None:
            self._server.set_serving(ok)

    async def _close(self) -> None:
        if self._server is not None:
            await self._server.stop(self._config.shutdown_grace_ms / 1000)
        try:
            await self._text.close()
        except Exception as error:  # noqa: BLE001 - the committer must be closed in any case
            log_unexpected(_LOG, "stopping detection", error)
        for provider in self._providers.values():
            provider.close()
        self._channel.close()
        self._committer.stop()
