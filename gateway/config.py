"""The gateway's configuration: one file and the environment, into one frozen value.

Owns every setting, its default and its bounds. Refuses unknown settings, and paths are relative
to the file. ``VEILGATE_<NAME>`` in the environment overrides a setting of the same name that is a
text or a number, such as VEILGATE_LISTEN.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

Milliseconds = Annotated[int, Meta(ge=10, le=60_000)]
LogOrigin = Annotated[str, Meta(pattern=r"^[a-z0-9.-]+(/[a-z0-9._-]+)*\Z")]
_PREFIX: Final = "VEILGATE_"


class ConfigError(Exception):
    """The configuration is wrong; the text names the setting and what it should be."""


class TlsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files: the gateway's key and certificate, and the authorities of its callers."""

    key: str
    certificate: str
    client_authorities: str


class ProviderConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset in a local SQLite database, and the columns that name the subject.

    ``identifier_column`` holds identifiers in normal form: no spaces or hyphens, capital X.
    """

    id: str
    dataset: str
    database: str
    table: str
    type_column: str = "identity_type"
    identifier_column: str = "identity_key"
    kind: Literal["sqlite"] = "sqlite"


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of the gateway."""

    tls: TlsConfig
    providers: Annotated[tuple[ProviderConfig, ...], Meta(min_length=1)]
    listen: str = "127.0.0.1:7443"
    """Address and port; port 0 takes a free one and says which."""
    log_origin: LogOrigin = "veilgate.example/log"
    """The audit log's name in checkpoints; never change it for a log that exists."""
    trust_domain: str = "veilgate.example"
    """Callers' certificates carry spiffe://<trust_domain>/institution/<id>/workload/<name>."""
    store: str = "data/veilgate.db"
    keys: str = "keys"
    policies: str = "policies"
    partners: str = "partners.toml"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    calls_per_second: Annotated[int, Meta(ge=1, le=1_000_000)] = 2_000
    """On average, for each institution; twice as many at once."""
    explains_per_minute: Annotated[int, Meta(ge=1, le=100_000)] = 60
    """For each institution."""
    max_concurrent_calls: Annotated[int, Meta(ge=1, le=10_000)] = 512
    """Calls under way at once; one more gets RESOURCE_EXHAUSTED."""
    commit_timeout_ms: Milliseconds = 5_000
    provider_timeout_ms: Milliseconds = 1_500
    detection_timeout_ms: Milliseconds = 2_000
    detection_processes: Annotated[int, Meta(ge=1, le=64)] = 1
    shutdown_grace_ms: Milliseconds = 5_000


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
    try:
        config = msgspec.convert(settings, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    return _absolute(config, path.parent.absolute())


def _overrides(environment: Mapping[str, str]) -> dict[str, str]:
    scalars = {
        field.encode_name
        for field in msgspec.structs.fields(Config)
        if field.encode_name not in ("tls", "providers")
    }
    return {
        name: environment[_PREFIX + name.upper()]
        for name in scalars
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
        providers=tuple(
            replace(one, database=str(folder / one.database)) for one in config.providers
        ),
        store=str(folder / config.store),
        keys=str(folder / config.keys),
        policies=str(folder / config.policies),
        partners=str(folder / config.partners),
    )
