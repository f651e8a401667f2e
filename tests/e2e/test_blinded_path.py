"""The blinded path, end to end: a record of somebody whose identifier the gateway never sees.

A provider indexes its people by reference, a lender grants a consent and asks by reference. The
identifiers are searched for, in many encodings, in every byte of the gateway's home, in what it
printed at DEBUG, in the log and in the index; the search is shown to find them where they are.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from clients.cli.local.home import AUDITOR, LENDER_A, PROVIDER
from clients.sdk import SubjectReference, VeilgateError
from clients.sdk.consents.draft import Subject
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.logs.export import export_log
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.reference import scoped_reference
from support.blinded import INDEX, by_reference, referenced_consent, run_index, write_people
from support.faults_canaries import Person, Search, american_person, chinese_person
from support.faults_serving import events, wait_until
from support.live_gateway import (
    DATASET,
    UNDERWRITING,
    LiveGateway,
    start_gateway,
    underwriting_terms,
)

WANTED = ("name", "housing", "credit_amount")


@dataclass(frozen=True, slots=True)
class Scene:
    """A gateway that served the blinded path once, and what it is to be searched for."""

    gateway: LiveGateway
    people: tuple[Person, ...]
    file: Path
    references: tuple[SubjectReference, ...]

    @property
    def identifiers(self) -> Search:
        return Search(
            one for person in self.people for one in (person.identity_number, _key(person))
        )


def _key(person: Person) -> str:
    return str(person.row["identity_key"])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("blinded")
    rng = random.Random(os.urandom(16))
    people = tuple(make(rng) for make in (chinese_person, american_person) * 2)
    write_people(folder / "people.csv", people)
    gateway = start_gateway(folder / "home", prepare=by_reference, log_level="DEBUG")
    try:
        result = run_index(
            gateway,
            folder / "people.csv",
            gateway.home.folder / INDEX,
            *("--drop", "identity_number"),
        )
        assert result.exit_code == 0, result.output
        with gateway.client(LENDER_A) as lender:
            named = [(one.identity_type, one.identity_number) for one in people]
            references = lender.references(named)
            for person, reference in zip(people[:2], references, strict=False):
                profile = gateway.profile(LENDER_A)
                lender.grant_consent(referenced_consent(profile, person, reference))
        yield Scene(gateway, people, folder / "people.csv", references)
    finally:
        gateway.stop()


def _record(scene: Scene, number: int) -> dict[str, object]:
    with scene.gateway.client(LENDER_A) as lender:
        record = lender.get_record_by_reference(
            scene.references[number], UNDERWRITING, DATASET, WANTED
        )
    return dict(record.fields)


def _found(scene: Scene, number: int) -> bool:
    """The index is looked for once a second."""
    try:
        return bool(_record(scene, number))
    except VeilgateError as error:
        if error.reason != "PROVIDER_UNAVAILABLE":
            raise
        return False


def test_the_record_comes_and_no_identifier_was_ever_there(scene: Scene, tmp_path: Path) -> None:
    wait_until(lambda: _found(scene, 0), "the index")
    for number in (0, 1):
        assert _record(scene, number)["housing"] == scene.people[number].row["housing"]
    with scene.gateway.client(AUDITOR) as auditor:
        export_log(auditor, tmp_path / "log", lambda *_: None)
    search = scene.identifiers
    searched = [*scene.gateway.home.folder.rglob("*"), *(tmp_path / "log").rglob("*")]
    content = {path.name: path.read_bytes() for path in searched if path.is_file()}
    assert {"veilgate.db", "indexed.csv"} <= content.keys()
    assert {name: search.found(some) for name, some in content.items() if search.found(some)} == {}
    assert search.found(scene.gateway.process.output().encode()) == frozenset()
    # What is searched for can be found.
    assert len(search.found(scene.file.read_bytes())) >= len(scene.people)


def test_nothing_keeps_an_output_from_which_every_reference_could_be_made(scene: Scene) -> None:
    wait_until(lambda: _found(scene, 0), "the index")
    outputs = [one.value for one in scene.references]
    forms = [form for one in outputs for form in (one, one.hex().encode())]
    for path in scene.gateway.home.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(form in content for form in forms), path.name
    index = (scene.gateway.home.folder / INDEX).read_text(encoding="utf-8")
    mine = [scoped_reference(one, PROVIDER).hex() for one in outputs]
    assert all(reference in index for reference in mine)
    others = [scoped_reference(one, "bureau-b").hex() for one in outputs]
    assert not any(reference in index for reference in others)


def test_an_identifier_and_its_reference_reach_the_same_consent(scene: Scene) -> None:
    wait_until(lambda: _found(scene, 0), "the index")
    person, reference = scene.people[0], scene.references[0]
    with scene.gateway.client(LENDER_A) as lender:
        by_identifier = lender.get_record(
            *(person.identity_type, person.identity_number, UNDERWRITING, DATASET), WANTED
        )
        by_its_reference = lender.get_record_by_reference(reference, UNDERWRITING, DATASET, WANTED)
    assert by_identifier.consent_id == by_its_reference.consent_id
    assert by_identifier.fields == by_its_reference.fields


def test_a_consent_by_identifier_is_found_by_reference_too(scene: Scene) -> None:
    wait_until(lambda: _found(scene, 0), "the index")
    person, reference = scene.people[2], scene.references[2]
    profile = scene.gateway.profile(LENDER_A)
    subject = Subject(IdentifierType(person.identity_type), person.identity_number)
    terms = underwriting_terms(profile, person, subject=subject)  # type: ignore[arg-type]
    with scene.gateway.client(LENDER_A) as lender:
        with pytest.raises(VeilgateError) as caught:
            lender.get_record_by_reference(reference, UNDERWRITING, DATASET, WANTED)
        assert caught.value.reason == "CONSENT_ABSENT"
        granted = lender.grant_consent(sign(terms, *load_signing_key(profile)))
        record = lender.get_record_by_reference(reference, UNDERWRITING, DATASET, WANTED)
    assert record.consent_id == granted.consent_id
    assert record.fields["housing"] == person.row["housing"]


def test_a_reference_under_another_key_is_refused(scene: Scene) -> None:
    other = SubjectReference("2", scene.references[0].value)
    with scene.gateway.client(LENDER_A) as lender, pytest.raises(VeilgateError) as caught:
        lender.get_record_by_reference(other, UNDERWRITING, DATASET, WANTED)
    assert caught.value.reason == "REFERENCE_KEY_UNKNOWN"


def test_a_reference_of_nobody_known_looks_like_one_without_consent(scene: Scene) -> None:
    seen = []
    nobody = SubjectReference(scene.references[0].key_version, os.urandom(64))
    with scene.gateway.client(LENDER_A) as lender:
        for reference in (scene.references[3], nobody):
            with pytest.raises(VeilgateError) as caught:
                lender.get_record_by_reference(reference, UNDERWRITING, DATASET, WANTED)
            seen.append((caught.value.reason, caught.value.code, caught.value.text("en")))
    assert seen[0] == seen[1]
    assert seen[0][0] == "CONSENT_ABSENT"


def test_the_log_holds_how_many_were_evaluated_and_for_whom(scene: Scene) -> None:
    found = [
        (event["institution"], event["count"])
        for event in events(scene.gateway)
        if event["kind"] == "REFERENCES_EVALUATED"
    ]
    assert found == [(PROVIDER, len(scene.people)), (LENDER_A, len(scene.people))]
