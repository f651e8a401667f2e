"""The providers in the gateway's configuration: a type for each kind, and the guard around it.

Owns their settings, defaults and bounds; `config` reads them. Refuses settings of another kind.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Milliseconds = Annotated[int, Meta(ge=10, le=60_000)]


class BreakerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a failing provider is left alone, and for how long.

    It is after so many failures in a row, or when their share of the calls in a sliding window, at
    least ``minimum_calls``, is too large. After ``open_ms`` one call tries the provider again.
    """

    failures_in_a_row: Annotated[int, Meta(ge=1, le=10_000)] = 8
    """Failures in a row that open it."""
    failure_share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    """Share of failures in the window that opens it."""
    minimum_calls: Annotated[int, Meta(ge=1, le=1_000_000)] = 20
    """Calls in the window before the share counts."""
    window_ms: Annotated[int, Meta(ge=100, le=3_600_000)] = 10_000
    """The window's length."""
    open_ms: Annotated[int, Meta(ge=10, le=3_600_000)] = 2_000
    """Until one call tries the provider again."""


class _Provider(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"
):
    """What every kind of provider has; a kind is a subclass with a tag.

    Calls beyond ``max_concurrent`` wait, and those beyond ``max_waiting`` get PROVIDER_BUSY.
    """

    id: Annotated[str, Meta(min_length=1)]
    """The institution that provides."""
    dataset: Annotated[str, Meta(min_length=1)]
    """The dataset that it provides, as the policies name it."""
    addressed_by: Literal["identifier", "reference"] = "identifier"
    """By reference: the type column holds REFERENCE, the other 64 hexadecimal digits."""
    timeout_ms: Milliseconds | None = None
    """Over all, waiting included; without it, ``provider_timeout_ms``."""
    max_concurrent: Annotated[int, Meta(ge=1, le=10_000)] = 256
    """Calls under way at once; more wait."""
    max_waiting: Annotated[int, Meta(ge=0, le=10_000)] = 256
    """Calls that wait; more get PROVIDER_BUSY."""
    breaker: BreakerConfig = BreakerConfig()
    """When it is left alone for a while."""

    @property
    def kind(self) -> str:
        """Return the tag of this kind."""
        return str(self.__struct_config__.tag)


class _LocalProvider(_Provider, frozen=True, kw_only=True):
    """A provider whose data the gateway reads itself.

    ``identifier_column`` holds identifiers in normal form: no spaces or hyphens, capital X.
    ``columns`` gives a field's column where it has another name than the field.
    """

    type_column: str = "identity_type"
    """The column with CN_RESIDENT_ID, US_SSN or REFERENCE."""
    identifier_column: str = "identity_key"
    """The column with the identifier in normal form."""
    columns: dict[str, str] = {}
    """Columns by field, where they have another name."""


class SqliteProviderConfig(_LocalProvider, frozen=True, kw_only=True, tag="sqlite"):
    """A table of a local SQLite database; the kind where none is named."""

    database: str
    """The file."""
    table: str
    """The table in it."""


class DuckdbProviderConfig(_LocalProvider, frozen=True, kw_only=True, tag="duckdb"):
    """A CSV or Parquet file, loaded into memory, and anew when it changes."""

    path: Annotated[str, Meta(pattern=r"(?i)\.(csv|parquet)\Z")]
    """A file whose name ends in .csv or .parquet."""
    memory_mb: Annotated[int, Meta(ge=16, le=1_048_576)] = 1_024
    """At most, in MiB, for one state of the file; two are in memory while a new one is loaded."""


class SqlProviderConfig(_LocalProvider, frozen=True, kw_only=True, tag="sql"):
    """A table or view of any database that SQLAlchemy speaks to.

    The URL holds a password and so stands in a file of its own, readable by its owner only, or in a
    variable of the environment: exactly one of ``url_file`` and ``url_env``.
    """

    table: str
    """A table or view."""
    schema: str | None = None
    """Where the database has several."""
    url_file: str | None = None
    """A file with SQLAlchemy's URL, readable by its owner only."""
    url_env: str | None = None
    """A variable of the environment with SQLAlchemy's URL."""

    def __post_init__(self) -> None:
        """Refuse none or both."""
        if (self.url_file is None) == (self.url_env is None):
            raise ValueError("exactly one of url_file and url_env is set")


class _ConnectedProvider(_Provider, frozen=True, kw_only=True):
    """A provider that the gateway calls over mutual TLS.

    PEM files: ``ca`` signed the provider's certificate; ``certificate`` and ``key`` are the
    gateway's, for this provider. ``server_name`` is the name in the provider's certificate where it
    is not the host's.
    """

    address: Annotated[str, Meta(pattern=r"^([^\s/:]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}\Z")]
    """Host and port."""
    ca: str
    """Who signed the provider's certificate: PEM."""
    certificate: str
    """The gateway's, for this provider: PEM."""
    key: str
    """Of that certificate: PEM, readable by its owner only."""
    server_name: str = ""
    """The name in the provider's certificate, if not the host's."""


class RemoteProviderConfig(_ConnectedProvider, frozen=True, kw_only=True, tag="remote"):
    """A provider that serves ``veilgate.v1.ProviderService``."""

    calls_at_once: Annotated[int, Meta(ge=1, le=64)] = 4
    """Calls under way; each carries up to 256 look-ups, those that came meanwhile."""


class VeilgateProviderConfig(_ConnectedProvider, frozen=True, kw_only=True, tag="veilgate"):
    """Another gateway; this one calls it as an institution with the role gateway."""

    upstream_dataset: str = ""
    """The dataset's name there, where it has another."""

    def __post_init__(self) -> None:
        """Refuse references: those of one gateway mean nothing to another."""
        if self.addressed_by != "identifier":
            raise ValueError("another gateway is addressed by identifier")


ProviderConfig = (
    SqliteProviderConfig
    | DuckdbProviderConfig
    | SqlProviderConfig
    | RemoteProviderConfig
    | VeilgateProviderConfig
)
PROVIDER_KINDS: Final = (
    SqliteProviderConfig,
    DuckdbProviderConfig,
    SqlProviderConfig,
    RemoteProviderConfig,
    VeilgateProviderConfig,
)
"""The types of ``ProviderConfig``, in order."""
