"""The gateway's configuration: one file and the environment, into one frozen value.

Owns every setting, its default and its bounds. Refuses unknown settings, and paths are relative
to the file. ``VEILGATE_<NAME>`` in the environment overrides a setting of the same name that is a
text or a number, such as VEILGATE_LISTEN.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from gateway.provider_config import (
    DuckdbProviderConfig,
    Milliseconds,
    ProviderConfig,
    RemoteProviderConfig,
    SqliteProviderConfig,
    SqlProviderConfig,
    VeilgateProviderConfig,
)

LogOrigin = Annotated[str, Meta(pattern=r"^[a-z0-9.-]+(/[a-z0-9._-]+)*\Z")]
_PREFIX: Final = "VEILGATE_"
POSTGRES: Final = ("postgresql://", "postgres://")
"""How a store that is an address begins; anything else is a path."""


class ConfigError(Exception):
    """The configuration is wrong; the text names the setting and what it should be."""


class TlsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files: the gateway's key and certificate, and the authorities of its callers."""

    key: str
    """The private key; readable by its owner only."""
    certificate: str
    """The certificate, with the intermediate ones behind it."""
    client_authorities: str
    """Who signs callers' certificates."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of the gateway."""

    tls: TlsConfig
    """The gateway's own certificate, and who signs its callers'."""
    providers: Annotated[tuple[ProviderConfig, ...], Meta(min_length=1)]
    """Who provides which dataset, and how it is asked."""
    listen: str = "127.0.0.1:7443"
    """Address and port; port 0 takes a free one and says which."""
    log_origin: LogOrigin = "veilgate.example/log"
    """The audit log's name in checkpoints; never change it for a log that exists."""
    trust_domain: str = "veilgate.example"
    """Callers' certificates carry spiffe://<trust_domain>/institution/<id>/workload/<name>."""
    store: str = "data/veilgate.db"
    """A path (SQLite), or a URL without a password: postgresql://user@host/database."""
    store_password_file: str = ""
    """The password of a PostgreSQL store, in a file that its owner alone can read."""
    store_timeout_ms: Milliseconds = 1_500
    """Until PostgreSQL counts as lost: for a read, and for a commit."""
    keys: str = "keys"
    """The folder with master.key and log.pem; back it up apart from the store."""
    policies: str = "policies"
    """The policy folder; SIGHUP reads it again and keeps the last good set."""
    partners: str = "partners.toml"
    """The institutions that a new Directory begins with; read at start."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """No level logs a value."""
    calls_per_second: Annotated[int, Meta(ge=1, le=1_000_000)] = 2_000
    """On average, for each institution; twice as many at once."""
    explains_per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 60
    """For each institution."""
    evaluations_per_day: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 100_000
    """Blinded identifiers that an institution may have evaluated in a day (UTC)."""
    max_concurrent_calls: Annotated[int, Meta(ge=1, le=10_000)] = 512
    """Calls under way at once; one more gets RESOURCE_EXHAUSTED."""
    commit_timeout_ms: Milliseconds = 5_000
    """Until the committer counts as lost."""
    provider_timeout_ms: Milliseconds = 1_500
    """Until a look-up counts as failed."""
    detection_timeout_ms: Milliseconds = 2_000
    """Until a free text is withheld."""
    detection_processes: Annotated[int, Meta(ge=1, le=64)] = 1
    """Processes that look at free text."""
    aggregate_ready_timeout_ms: Milliseconds = 10_000
    """Until the roster of an aggregate question is fixed with those who are ready."""
    aggregate_contribution_timeout_ms: Annotated[int, Meta(ge=10, le=600_000)] = 60_000
    """Until a contributor of the roster counts as lost."""
    aggregate_open_rounds: Annotated[int, Meta(ge=1, le=1_000)] = 64
    """Aggregate questions under way at once."""
    aggregate_rounds_an_institution: Annotated[int, Meta(ge=1, le=1_000)] = 4
    """Of them, those of one institution."""
    aggregate_memory_mb: Annotated[int, Meta(ge=1, le=65_536)] = 256
    """For contributions to aggregate questions, in MiB."""
    shutdown_grace_ms: Milliseconds = 5_000
    """For calls under way at SIGTERM."""


SCALARS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(Config)) - {
    "tls",
    "providers",
}
"""The settings that the environment overrides."""


def load_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the file and the environment, or raise ``ConfigError``; paths come back absolute."""
    try:
        settings: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}. Run 'veilgate init'."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    settings.update(_overrides(os.environ if environment is None else environment))
    _name_kinds(settings)
    try:
        config = msgspec.convert(settings, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    return _absolute(config, path.parent.absolute())


def _name_kinds(settings: dict[str, Any]) -> None:
    """Name the kind of each provider that has none: there was one kind once."""
    for one in settings["providers"] if isinstance(settings.get("providers"), list) else ():
        if isinstance(one, dict):
            one.setdefault("kind", "sqlite")


def _overrides(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environment[_PREFIX + name.upper()]
        for name in SCALARS
        if _PREFIX + name.upper() in environment
    }


def _absolute(config: Config, folder: Path) -> Config:
    replace = msgspec.structs.replace
    tls = config.tls
    return replace(
        config,
        tls=replace(
            tls,
            key=str(folder / tls.key),
            certificate=str(folder / tls.certificate),
            client_authorities=str(folder / tls.client_authorities),
        ),
        providers=tuple(_absolute_provider(one, folder) for one in config.providers),
        store=_store(config.store, folder),
        store_password_file=(
            str(folder / config.store_password_file) if config.store_password_file else ""
        ),
        keys=str(folder / config.keys),
        policies=str(folder / config.policies),
        partners=str(folder / config.partners),
    )


def _absolute_provider(one: ProviderConfig, folder: Path) -> ProviderConfig:
    replace = msgspec.structs.replace
    match one:
        case SqliteProviderConfig():
            return replace(one, database=str(folder / one.database))
        case DuckdbProviderConfig():
            return replace(one, path=str(folder / one.path))
        case SqlProviderConfig():
            return replace(one, url_file=one.url_file and str(folder / one.url_file))
        case RemoteProviderConfig() | VeilgateProviderConfig():
            return replace(
                one,
                ca=str(folder / one.ca),
                certificate=str(folder / one.certificate),
                key=str(folder / one.key),
            )


def _store(store: str, folder: Path) -> str:
    if not store.startswith(POSTGRES):
        return str(folder / store)
    if urlsplit(store).password or "password=" in urlsplit(store).query:
        raise ConfigError("store holds a password: write it to a file, name it store_password_file")
    return store
