"""The providers of a running gateway: started before gRPC, one for each institution that provides.

Owns which adapter a configured kind means, the guard around each, and binding the policies'
contracts to them. Refuses a dataset that is configured twice for one institution.
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from gateway.adapters.providers.addressing import Addressing, by_identifier, by_reference
from gateway.adapters.providers.breaker import Breaker, BreakerSettings
from gateway.adapters.providers.dataset_providers import DatasetProviders
from gateway.adapters.providers.grpc_provider import GrpcProvider
from gateway.adapters.providers.guarded_provider import GuardedProvider, GuardLimits
from gateway.adapters.providers.process_provider import ProcessProvider
from gateway.adapters.providers.record_source import RecordSource
from gateway.adapters.providers.remote_channel import RemoteAddress, RemoteFileError
from gateway.adapters.providers.sources import DuckdbSource, Source, SqliteSource, SqlSource
from gateway.adapters.providers.veilgate_provider import Upstream, VeilgateProvider
from gateway.application.ports.provider import Provider
from gateway.application.ports.store import ConsentReader
from gateway.config import Config, ConfigError
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.subject import SubjectKey
from gateway.provider_config import (
    BreakerConfig,
    DuckdbProviderConfig,
    ProviderConfig,
    RemoteProviderConfig,
    SqliteProviderConfig,
    SqlProviderConfig,
    VeilgateProviderConfig,
)

_LOG: Final = logging.getLogger(__name__)
_STATEMENT_SHARE: Final = 0.8
"""Of the time limit: a statement that is too slow fails by itself before its process is ended."""
ScopedReference = Callable[[SubjectKey, str], bytes]
"""Return a subject's reference under a scope, the id of the institution that provides."""
OnHealth = Callable[[str, bool], None]


def _no_references(_: SubjectKey, __: str) -> bytes:
    raise refuse(ErrorReason.IDENTIFIER_NEEDED)


class Providers:
    """All providers, by institution id."""

    def __init__(
        self,
        config: Config,
        busy: Callable[[], bool],
        scoped: ScopedReference = _no_references,
    ) -> None:
        """Start what runs in processes; ``busy`` says whether calls gather anyway."""
        self._scoped = scoped
        self._consents: ConsentReader | None = None
        self._sources: dict[tuple[str, str], RecordSource] = {}
        self._failing: set[tuple[str, str]] = set()
        self.on_health: OnHealth = lambda _id, _ok: None
        """Hears of an institution when its first dataset fails and when none fails any more."""
        guarded: dict[str, dict[str, Provider]] = {}
        for one in config.providers:
            if (one.id, one.dataset) in self._sources:
                raise ConfigError(f"providers: {one.dataset} of {one.id} is there twice")
            timeout_s = (one.timeout_ms or config.provider_timeout_ms) / 1000
            source = _record_source(one, timeout_s, busy, config.log_origin, self._known_consents)
            self._sources[one.id, one.dataset] = source
            guarded.setdefault(one.id, {})[one.dataset] = self._guarded(one, source, timeout_s)
        self._providers = {name: DatasetProviders(some) for name, some in guarded.items()}

    def use_consents(self, consents: ConsentReader) -> None:
        """Learn where the consents are that travel along to another gateway."""
        self._consents = consents

    def _known_consents(self) -> ConsentReader:
        if self._consents is None:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        return self._consents

    @property
    def by_institution(self) -> Mapping[str, Provider]:
        """Return the providers as the use cases see them."""
        return self._providers

    def use_contracts(self, policy: CompiledPolicy) -> None:
        """Learn what each dataset's answers must look like; at the start and at each reload."""
        for dataset in policy.datasets.values():
            contract = dataset.contract
            source = self._sources.get((contract.provider, contract.dataset))
            if source is not None:
                source.use_contract(contract)

    def close(self) -> None:
        """End them; waiting calls fail."""
        for source in self._sources.values():
            source.close()

    def _guarded(
        self, one: ProviderConfig, source: RecordSource, timeout_s: float
    ) -> GuardedProvider:
        limits = GuardLimits(timeout_s, one.max_concurrent, one.max_waiting)
        heard = partial(self._heard, one.id, one.dataset)
        breaker = Breaker(_breaker_settings(one.breaker), time.monotonic, heard)
        return GuardedProvider(source, self._addressing(one), limits, breaker)

    def _addressing(self, one: ProviderConfig) -> Addressing:
        if one.addressed_by == "identifier":
            return by_identifier
        return by_reference(lambda subject: self._scoped(subject, one.id))

    def _heard(self, institution: str, dataset: str, ok: bool) -> None:
        says = "answers again" if ok else "fails and is left alone for a while"
        _LOG.warning("provider %s, dataset %s: %s", institution, dataset, says)
        change = self._failing.discard if ok else self._failing.add
        change((institution, dataset))
        self.on_health(institution, all(one != institution for one, _ in self._failing))


def _breaker_settings(one: BreakerConfig) -> BreakerSettings:
    return BreakerSettings(
        one.failures_in_a_row,
        one.failure_share,
        one.minimum_calls,
        one.window_ms / 1000,
        one.open_ms / 1000,
    )


def _record_source(
    one: ProviderConfig,
    timeout_s: float,
    busy: Callable[[], bool],
    origin: str,
    consents: Callable[[], ConsentReader],
) -> RecordSource:
    if isinstance(one, RemoteProviderConfig | VeilgateProviderConfig):
        remote = RemoteAddress(one.address, one.ca, one.certificate, one.key, one.server_name)
        try:
            if isinstance(one, RemoteProviderConfig):
                return GrpcProvider(remote, one.dataset, timeout_s, one.calls_at_once)
            upstream = Upstream(one.upstream_dataset or one.dataset, origin, timeout_s)
            return VeilgateProvider(remote, upstream, consents)
        except RemoteFileError as error:
            raise ConfigError(f"providers: {error}") from error
    return ProcessProvider(_source(one, timeout_s), timeout_s, busy)


def _source(
    one: SqliteProviderConfig | DuckdbProviderConfig | SqlProviderConfig, timeout_s: float
) -> Source:
    named = (one.dataset, one.type_column, one.identifier_column, one.columns)
    match one:
        case SqliteProviderConfig():
            return SqliteSource(*named, path=one.database, table=one.table)
        case DuckdbProviderConfig():
            return DuckdbSource(*named, path=one.path, memory_mb=one.memory_mb)
        case SqlProviderConfig():
            return SqlSource(
                *named,
                table=one.table,
                schema=one.schema,
                url_file=one.url_file,
                url_env=one.url_env,
                statement_timeout_ms=int(timeout_s * 1000 * _STATEMENT_SHARE),
            )
