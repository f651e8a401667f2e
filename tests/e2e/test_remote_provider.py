"""A live gateway over a provider's own server: mutual TLS, batches, both sides' events."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, PROVIDER, Home
from clients.provider import Inquiry, ProviderBase, Reference
from clients.sdk import VeilgateError
from gateway.adapters.keys.keyring import load_keyring
from gateway.domain.subject import normalise
from gateway.domain.vocabulary import IdentifierType
from support.faults_load import grant, lift_limits
from support.faults_serving import events, wait_until
from support.live_gateway import (
    DATASET,
    UNDERWRITING,
    LiveGateway,
    running_gateway,
    start_gateway,
)
from support.process import ProcessError, free_port
from support.remote_provider import (
    Ends,
    People,
    identifier,
    remote_toml,
    serving,
    use_provider,
)

KNOWN = 12


@pytest.fixture(scope="module")
def people() -> People:
    return People(KNOWN)


@pytest.fixture(scope="module")
def gateway(people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("remote")
    ends = Ends.make(folder / "ends")
    with serving(people, ends.profile()) as port:

        def prepare(home: Home) -> None:
            use_provider(home, remote_toml(ends, port))
            lift_limits(home)

        with running_gateway(folder / "home", prepare=prepare) as gateway:
            for number in range(1, KNOWN + 2):
                grant(gateway, synthetic_subject(number))
            yield gateway


def test_a_record_comes_masked_and_both_sides_name_each_others_event(
    gateway: LiveGateway, people: People
) -> None:
    applicant = synthetic_subject(1)
    people.asked.clear()
    with gateway.client(LENDER_A) as lender:
        record = lender.get_record(
            *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
            ("name", "housing", "credit_amount", "remark"),
        )
    assert record.fields["housing"] == applicant.housing
    assert applicant.name not in str(record.fields)
    assert record.fields["remark"]
    (asked,) = people.asked
    assert asked.subject == identifier(applicant)
    assert asked.purpose == UNDERWRITING
    log = {event["id"]: event for event in events(gateway)}
    assert log[asked.event_id]["kind"] == "INTENT"
    release = log[record.event_id]
    assert release["intent"] == asked.event_id
    assert release["provider_event"] == record.provider_event_id == f"answer-{len(people.asked)}"


def test_a_subject_whom_the_provider_does_not_know(gateway: LiveGateway) -> None:
    applicant = synthetic_subject(KNOWN + 1)
    with gateway.client(LENDER_A) as lender, pytest.raises(VeilgateError) as caught:
        lender.get_record(
            *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
            ("housing",),
        )
    assert caught.value.reason == "RECORD_NOT_FOUND"


def test_calls_at_once_each_get_their_own_record(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender, ThreadPoolExecutor(16) as pool:

        def housing(number: int) -> tuple[int, object]:
            applicant = synthetic_subject(number)
            record = lender.get_record(
                *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                ("housing", "credit_amount"),
            )
            return number, record.fields["housing"]

        numbers = [1 + at % KNOWN for at in range(200)]
        found = list(pool.map(housing, numbers))
    assert found == [(number, synthetic_subject(number).housing) for number in numbers]


class Async(ProviderBase):
    """The same people, looked up by a coroutine."""

    def __init__(self, people: People) -> None:
        self._people = people
        self.provider, self.datasets = people.provider, people.datasets

    async def lookup(self, inquiry: Inquiry) -> object:  # type: ignore[override]
        return self._people.lookup(inquiry)


def test_a_gateway_that_starts_before_its_provider_asks_it_as_soon_as_it_is_there(
    tmp_path: Path,
) -> None:
    ends, port = Ends.make(tmp_path / "ends"), free_port()
    applicant = synthetic_subject(1)

    def answered(gateway: LiveGateway) -> bool:
        with gateway.client(LENDER_A) as lender:
            try:
                record = lender.get_record(
                    *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                    ("housing",),
                )
            except VeilgateError as error:
                if error.reason != "PROVIDER_UNAVAILABLE":
                    raise
                return False
        return bool(record.fields)

    with running_gateway(
        tmp_path / "home",
        prepare=lambda home: use_provider(home, remote_toml(ends, port)),
    ) as gateway:
        grant(gateway, applicant)
        assert not answered(gateway)
        with serving(Async(People(1)), ends.profile(listen=f"localhost:{port}")):
            wait_until(lambda: answered(gateway), "an answer")


def test_a_provider_by_reference_is_asked_without_an_identifier(tmp_path: Path) -> None:
    ends, applicant = Ends.make(tmp_path / "ends"), synthetic_subject(1)
    with ExitStack() as stack:
        asked: list[Inquiry] = []

        def prepare(home: Home) -> None:
            subject = normalise(IdentifierType(applicant.identity_type), applicant.identity_number)
            reference = load_keyring(home.folder / "keys").scoped_reference(subject, PROVIDER)
            people = People(0, references={reference: applicant})
            people.asked = asked
            port = stack.enter_context(serving(people, ends.profile()))
            use_provider(home, remote_toml(ends, port, addressed_by="reference"))

        gateway = stack.enter_context(running_gateway(tmp_path / "home", prepare=prepare))
        grant(gateway, applicant)
        with gateway.client(LENDER_A) as lender:
            reference = lender.reference(applicant.identity_type, applicant.identity_number)
            found = [
                lender.get_record_by_reference(reference, UNDERWRITING, DATASET, ("housing",)),
                lender.get_record(
                    *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                    ("housing",),
                ),
            ]
    assert [one.fields["housing"] for one in found] == [applicant.housing] * 2
    assert len(asked) == 2
    assert asked[0].subject == asked[1].subject
    assert isinstance(asked[0].subject, Reference)


def test_a_gateway_without_the_files_of_a_connection_does_not_start(tmp_path: Path) -> None:
    ends = Ends.make(tmp_path / "ends")
    ends.path("gateway.key").unlink()
    with pytest.raises(ProcessError, match=r"ended with 2 .*(.|\n)*gateway\.key cannot be read"):
        start_gateway(
            tmp_path / "home", prepare=lambda home: use_provider(home, remote_toml(ends, 1))
        )
