"""The Directory on the store: written whole from the partner file, read again every few seconds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from gateway.adapters.directory_store import DirectoryStore, Partner, write_partners
from gateway.adapters.migrate import migrate
from gateway.adapters.sqlite_store import open_reader, open_writer
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

A, B, NEW = "aa" * 32, "bb" * 32, "cc" * 32
LENDER_A = Partner(
    "lender-a",
    "a-group",
    (Role.REGULATOR, Role.LENDER),
    Jurisdiction.SG,
    certificates=(A,),
    signing_keys={"a-1": "11" * 32},
)
LENDER_B = Partner("lender-b", "b-group", (Role.LENDER,), Jurisdiction.CN, certificates=(B,))
SUSPENDED = msgspec.structs.replace(LENDER_A, status=InstitutionStatus.SUSPENDED)


@dataclass
class World:
    """A Directory, the operator's connection, and a clock to set."""

    writer: sqlite3.Connection
    reader: sqlite3.Connection
    now: float = 100.0

    def __post_init__(self) -> None:
        self.directory = DirectoryStore(self.reader, lambda: self.now)

    def reason(self, institution: str = "lender-a", fingerprint: str = A) -> ErrorReason | None:
        try:
            self.directory.principal(institution, "scoring", fingerprint)
        except Refused as refused:
            return refused.reason
        return None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "veilgate.db"
    migrate(path)
    with closing(open_writer(path)) as writer:
        write_partners(writer, [LENDER_A, LENDER_B])
        with closing(open_reader(path)) as reader:
            yield World(writer, reader)


def test_a_principal_is_what_the_partner_file_says(world: World) -> None:
    roles = frozenset({Role.LENDER, Role.REGULATOR})
    expected = Principal("lender-a", "scoring", roles, Jurisdiction.SG)
    assert world.directory.principal("lender-a", "scoring", A) == expected


@pytest.mark.parametrize(
    ("institution", "fingerprint"),
    [("lender-a", B), ("lender-b", A), ("lender-a", NEW), ("lender-a", ""), ("nobody", A)],
)
def test_a_certificate_of_nobody_or_of_another_is_unknown(
    world: World, institution: str, fingerprint: str
) -> None:
    assert world.reason(institution, fingerprint) is ErrorReason.CERTIFICATE_UNKNOWN


def test_changes_are_seen_after_five_seconds_and_not_before(world: World) -> None:
    assert world.reason() is None
    write_partners(world.writer, [SUSPENDED, LENDER_B])
    world.now += 4.999
    assert world.reason() is None
    world.now = 105.0
    assert world.reason() is ErrorReason.INSTITUTION_SUSPENDED
    write_partners(world.writer, [LENDER_A])
    assert world.reason() is ErrorReason.INSTITUTION_SUSPENDED
    world.now += 5.0
    assert world.reason() is None
    assert world.reason("lender-b", B) is ErrorReason.CERTIFICATE_UNKNOWN


def test_a_certificate_moves_with_the_partner_file(world: World) -> None:
    assert world.reason() is None
    renewed = msgspec.structs.replace(LENDER_A, certificates=(NEW,))
    write_partners(world.writer, [renewed, msgspec.structs.replace(LENDER_B, certificates=(A,))])
    world.now += 5.0
    assert world.reason() is ErrorReason.CERTIFICATE_UNKNOWN
    assert world.reason("lender-a", NEW) is None
    assert world.reason("lender-b", A) is None


@pytest.mark.parametrize(
    "partners",
    [
        [LENDER_B, LENDER_B],
        [LENDER_B, msgspec.structs.replace(LENDER_A, certificates=(B,))],
        [LENDER_B, msgspec.structs.replace(LENDER_A, signing_keys={"a-1": "no hex"})],
        [msgspec.structs.replace(LENDER_B, signing_keys={"a-1": "22" * 32}), LENDER_A],
    ],
    ids=["twice", "shared certificate", "malformed key", "shared key id"],
)
def test_a_partner_file_that_contradicts_itself_changes_nothing(
    world: World, partners: list[Partner]
) -> None:
    with pytest.raises((sqlite3.IntegrityError, ValueError)):
        write_partners(world.writer, partners)
    assert not world.writer.in_transaction
    assert world.reason() is None
    assert world.directory.signing_key("lender-a", "a-1") == b"\x11" * 32


def test_signing_keys_are_of_one_institution(world: World) -> None:
    assert world.directory.signing_key("lender-a", "a-1") == b"\x11" * 32
    assert world.directory.signing_key("lender-b", "a-1") is None
    assert world.directory.signing_key("lender-a", "a-2") is None


def test_a_store_that_cannot_be_read_is_unavailable_and_remembered_for_a_while(
    world: World,
) -> None:
    assert world.reason() is None
    world.reader.close()
    assert world.reason() is None
    world.now += 5.0
    assert world.reason() is ErrorReason.STORE_UNAVAILABLE
    with pytest.raises(Refused) as caught:
        world.directory.signing_key("lender-a", "a-1")
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE
