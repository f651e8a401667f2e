"""A running gateway of one worker, from its configuration to its exit status.

Owns the order of starting (siblings before gRPC) and of stopping (callers first, the committer
last), and the link from the store's state to the health service. Refuses to serve with a broken
policy set, an unsafe store, or keys that others can read.
"""

import asyncio
import gc
import logging
import signal
from pathlib import Path
from typing import Final

import uvloop

from gateway.adapters.aggregates.process_combiner import ProcessCombiner
from gateway.adapters.committer.audit_events import plain_event
from gateway.adapters.committer.messages import Append, Done, Result
from gateway.adapters.keys.keyring import KeyFileError, load_keyring
from gateway.adapters.keys.receipt_signing import KeyedReceipts
from gateway.adapters.policy_files.yaml_policies import PolicyFileError
from gateway.adapters.processes.sibling_process import SiblingFailed
from gateway.adapters.store.migrate import StoreVersionError
from gateway.adapters.store.postgres_store import StoreUnreachable
from gateway.adapters.store.sqlite_store import UnsafeStore
from gateway.application.decide_access import PolicyInForce
from gateway.application.load import Load
from gateway.bootstrap.providers import Providers
from gateway.bootstrap.services import Parts, build_services
from gateway.bootstrap.settings import load_policy
from gateway.bootstrap.stores import Committer, open_store
from gateway.config import Config, ConfigError, load_config
from gateway.detection.pool import ProcessTextDetector
from gateway.domain.policy.checks import PolicyError
from gateway.safe_logging import configure_logging, log_loop_error, log_unexpected
from gateway.servicers.server import GatewayServer
from gateway.servicers.transport import TlsFiles, TransportError, server_credentials

_LOG: Final = logging.getLogger("gateway")
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
    StoreUnreachable,
    StoreVersionError,
    TransportError,
    UnsafeStore,
)
"""What stops a start with a message for the operator instead of a traceback."""


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


class Gateway:
    """A gateway of one worker: siblings, adapters, use cases, server."""

    def __init__(self, config: Config) -> None:
        """Check the configuration and start the siblings; gRPC is not touched yet."""
        self._config = config
        self._policy = PolicyInForce(load_policy(Path(config.policies)))
        self._keyring = load_keyring(Path(config.keys))
        tls = config.tls
        files = TlsFiles(Path(tls.key), Path(tls.certificate), Path(tls.client_authorities))
        self._credentials = server_credentials(files)
        self._load = Load()
        self._store = open_store(config)
        self._providers = Providers(config, lambda: self._load.busy, self._keyring.scoped_reference)
        self._providers.use_contracts(self._policy.current)
        self._combiner = ProcessCombiner()
        self._text = ProcessTextDetector(
            config.detection_processes, config.detection_timeout_ms / 1000
        )
        self._server: GatewayServer | None = None
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
        self._channel: Committer = self._store.connect(
            self._committer_gone, self._store_changed, lambda: self._load.busy
        )
        self._combiner.open()
        await self._text.start()
        self._server = self._build()
        receipts = KeyedReceipts(self._keyring)
        self._record(
            "GATEWAY_STARTED",
            abandoned=self._store.abandoned,
            receipt_key=f"{receipts.key_id} {receipts.public_key}",
        )
        self._record("POLICY_LOADED", policy=self._policy.current.digest)
        self._providers.on_health = self._server.set_provider
        port = await self._server.start(self._providers.by_institution)
        # What start-up made stays: the collector need not look at it on the record path again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
        _LOG.info("serving on port %d, policy %s", port, self._policy.current.digest[:12])
        await self._stop.wait()
        await self._close()
        return self._exit

    def _build(self) -> GatewayServer:
        parts = Parts(
            self._config,
            self._policy,
            self._keyring,
            self._store,
            self._channel,
            self._providers,
            self._text,
            self._load,
            self._store_changed,
            self._combiner,
            self._stop,
        )
        return GatewayServer(
            self._config.listen,
            self._credentials,
            build_services(parts),
            self._config.max_concurrent_calls,
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
        self._providers.use_contracts(policy)
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
        self._providers.close()
        self._combiner.close()
        self._store.close()
