"""A provider's own server for tests: invented people, certificates of a development authority.

Owns the people's data as a provider holds it, the files of both ends of a connection, and a real
server on a loop of its own. Refuses to simulate: what is served is ``clients.provider``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from clients.cli.local.demo_data.dataset import COLUMNS, Applicant, synthetic_subject
from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.local.home import Home, packaged_policies
from clients.provider import (
    Dataset,
    Identifier,
    Inquiry,
    ProviderBase,
    ProviderProfile,
    Record,
    Reference,
)
from clients.provider.models import FieldType, Value
from clients.provider.server import ProviderServer
from clients.sdk.vocabulary import IdentifierType
from gateway.bootstrap.settings import load_policy

DATASET = "credit.applicant"
PROVIDER = "demo-bureau"
GATEWAY = "gateway-one"


def _contract() -> Mapping[str, FieldType]:
    """The fields of the dataset's contract, as a provider's author would write them down."""
    policy = load_policy(packaged_policies())
    fields = policy.datasets[DATASET].contract.fields
    return {one.name: one.type.value for one in fields}


FIELDS = _contract()
_WAIT_S = 30


def identifier(applicant: Applicant) -> Identifier:
    """An applicant's identifier in normal form."""
    value = applicant.identity_number.replace("-", "")
    return Identifier(IdentifierType(applicant.identity_type), value)


def values(applicant: Applicant) -> dict[str, Value]:
    """An applicant's record: every column of the demo's data."""
    return dict(zip(COLUMNS, astuple(applicant), strict=True))


class People(ProviderBase):
    """The first so many applicants, by identifier or by reference."""

    provider = PROVIDER

    def __init__(
        self,
        count: int,
        fields: Mapping[str, FieldType] = FIELDS,
        references: Mapping[bytes, Applicant] | None = None,
    ) -> None:
        applicants = [synthetic_subject(n) for n in range(1, count + 1)]
        self._people = {identifier(one): one for one in applicants}
        self._references = references or {}
        self.asked: list[Inquiry] = []
        kinds = () if references else tuple(IdentifierType)
        self.datasets = (
            Dataset(name=DATASET, fields=fields, identifiers=kinds, by_reference=bool(references)),
        )

    def lookup(self, inquiry: Inquiry) -> Record | None:
        self.asked.append(inquiry)
        if isinstance(inquiry.subject, Reference):
            indexed = self._references.get(inquiry.subject.value)
            return None if indexed is None else Record(inquiry.subject, values(indexed))
        found = self._people.get(inquiry.subject)
        if found is None:
            return None
        return Record(identifier(found), values(found), f"answer-{len(self.asked)}")


@dataclass(frozen=True, slots=True)
class Ends:
    """The files of both ends in one folder: authority, server, gateway and other, .pem and .key."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, authority: DevAuthority | None = None) -> Ends:
        authority = authority or DevAuthority.create()
        folder.mkdir(parents=True, exist_ok=True)
        authority.save(folder)
        authority.issue(LeafRequest.gateway()).write(folder, "server")
        authority.issue(LeafRequest.institution(GATEWAY, "gateway")).write(folder, "gateway")
        authority.issue(LeafRequest.institution("somebody-else")).write(folder, "other")
        return cls(folder)

    def path(self, name: str) -> Path:
        return self.folder / name

    def profile(self, **changes: object) -> ProviderProfile:
        """The server's profile; ``changes`` are its settings."""
        settings: dict[str, object] = {
            "listen": "localhost:0",
            "certificate": self.path("server.pem"),
            "key": self.path("server.key"),
            "ca": self.path("authority.pem"),
            "gateways": (GATEWAY,),
        }
        return ProviderProfile(**{**settings, **changes})  # type: ignore[arg-type]


@contextmanager
def served(
    build: Callable[[], ProviderServer],
) -> Iterator[int]:
    """A server on a loop and a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def started() -> tuple[ProviderServer, int]:
        server = build()
        return server, await server.start()

    try:
        server, port = asyncio.run_coroutine_threadsafe(started(), loop).result(_WAIT_S)
        try:
            yield port
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(0.1), loop).result(_WAIT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_WAIT_S)
        loop.close()


@contextmanager
def serving(provider: ProviderBase, profile: ProviderProfile) -> Iterator[int]:
    """Serve a provider; gives its port."""
    with served(lambda: ProviderServer(provider, profile)) as port:
        yield port


def remote_toml(ends: Ends, port: int, **settings: object) -> str:
    """The ``[[providers]]`` of a gateway that asks the server on this port."""
    lines = {
        "id": PROVIDER,
        "dataset": DATASET,
        "kind": "remote",
        "address": f"localhost:{port}",
        "ca": str(ends.path("authority.pem")),
        "certificate": str(ends.path("gateway.pem")),
        "key": str(ends.path("gateway.key")),
        **settings,
    }
    return "[[providers]]\n" + "\n".join(f"{name} = {_toml(v)}" for name, v in lines.items())


def use_provider(home: Home, providers: str) -> None:
    """Put these providers in place of the home's own."""
    head, mark, _ = home.config.read_text(encoding="utf-8").partition("[[providers]]")
    assert mark
    home.config.write_text(f"{head}{providers}\n", encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
