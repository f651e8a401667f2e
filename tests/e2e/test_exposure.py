"""`veilgate aggregate exposure` with a gateway, four agents and invented people, all for real."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.demo_scenes.background import running_command
from clients.cli.local.dev_agents import INDEX
from clients.cli.local.dev_members import CONTRIBUTORS
from clients.cli.main import app
from clients.keyholder.exposure.calls import ExposureClient, Sent
from clients.keyholder.exposure.checks import CheckedTags, checked_tags
from clients.keyholder.exposure.question import draft_exposure
from clients.keyholder.identity import Identity
from clients.keyholder.keys.held_key import ElGamalKey
from clients.sdk.errors import VeilgateError
from gateway.crypto.hpke import seal_box
from gateway.domain.aggregate.contract import AggregateContract, read_contract
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.aggregate.subject import box_context, boxes_digest
from support.exposures_live import ASKER, UNIT, LiveExposures, live_exposures

PEOPLE: dict[int, Iterator[Applicant]] = {}
"""By the number of institutions that hold an open loan of theirs; nobody is asked about twice."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveExposures]:
    with live_exposures(tmp_path_factory.mktemp("exposure") / "live") as running:
        PEOPLE.update({count: running.people(count) for count in range(4)})
        yield running


@pytest.mark.parametrize(
    ("holders", "disclosed"), [(0, "nobody"), (1, "one"), (2, "some"), (3, "some")]
)
def test_the_answer_is_that_of_the_clear_text(
    live: LiveExposures, holders: int, disclosed: str
) -> None:
    who = next(PEOPLE[holders])
    answer = live.json(who, live.consent(who))
    held = [one for one in live.clear_text(who).values() if one["open"]]
    assert answer["lenders"] == holders == len(held)
    units = [(one["outstanding"] + UNIT // 2) // UNIT for one in held]
    assert answer["outstanding"] == sum(units) * UNIT
    worst = max((one["days_past_due"] for one in held), default=0)
    low = (answer["worst"] or {"low": 0})["low"]
    assert low == max((one["low"] for one in answer["buckets"] if one["low"] <= worst), default=0)
    assert (answer["consents"], answer["contributors"]) == (1, list(CONTRIBUTORS))
    assert answer["discloses"] == disclosed
    assert all(one["en"] and one["zh"] for one in answer["notes"])


def test_people_see_both_languages_and_what_it_discloses(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    consent = live.consent(who)
    result = live.run(who, consent)
    assert result.exit_code == 0, result.stderr
    for text in ("1 of 4", "4 家中的 1 家", "total outstanding / 未偿余额合计", "rests on"):
        assert text in result.stdout
    for text in ("that lender's own", "该机构自身的数据", "Only 3 contributors"):
        assert text in result.stderr
    again = live.run(who, consent)
    assert again.stdout == result.stdout
    assert "kept answer" in again.stderr
    assert who.identity_number not in result.stdout + result.stderr


def test_without_a_pinned_key_of_references_the_command_says_so(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    pinned = live.gateway.home.profile(ASKER)
    lines = pinned.read_text(encoding="utf-8").splitlines()
    other = pinned.with_name("unpinned.toml")
    other.write_text("\n".join(one for one in lines if not one.startswith("reference_key")))
    words = live.words(who, live.consent(who))
    result = CliRunner().invoke(app, [*words[:-1], str(other)])
    assert result.exit_code == 0, result.stderr
    assert "no `reference_key` is pinned" in result.stderr


def test_a_password_seals_as_a_key_file_does(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    words = list(live.words(who, live.consent(who)))
    at = words.index("--key-file")
    del words[at : at + 2]
    nobody = CliRunner().invoke(app, words)
    assert nobody.exit_code == 2
    assert "VEILGATE_KEY_PASSWORD" in nobody.stderr
    password = {"VEILGATE_KEY_PASSWORD": "correct horse"}
    first = CliRunner().invoke(app, words, env=password)
    again = CliRunner().invoke(app, words, env=password)
    assert (first.exit_code, again.exit_code) == (0, 0), first.stderr
    assert again.stdout == first.stdout
    other = CliRunner().invoke(app, words, env={"VEILGATE_KEY_PASSWORD": "another horse"})
    assert other.exit_code == 1
    assert "outstanding" not in other.stdout


def test_who_knows_the_person_and_who_does_not_do_the_same(live: LiveExposures) -> None:
    who = next(PEOPLE[2])
    answer = live.json(who, live.consent(who))
    said = set()
    for one in CONTRIBUTORS:
        lines = [line for line in live.log_of(one).splitlines() if answer["id"] in line]
        words = [line.partition(answer["id"])[2] for line in lines]
        said.add(tuple(word for word in words if "result" not in word and "recomput" not in word))
    assert len(said) == 1
    assert said.pop()


def test_a_consent_withdrawn_in_the_middle_voids_the_round_and_shows_nothing(
    live: LiveExposures,
) -> None:
    who = next(PEOPLE[2])
    consent, answers = live.consent(who), len(live.kept("answer.json"))
    with ExitStack() as started:
        with live.agents["lender-b"].held():
            asking = started.enter_context(running_command(*live.words(who, consent)))
            _wait_for_question(live)
            live.lender.client.revoke_consent(consent)
        ran = asking.result()
    assert ran.error["reason"] == "ROUND_VOID"
    assert set(ran.answer) == {"error"}
    assert live.kept("*.key.json") == []
    assert len(live.kept("answer.json")) == answers
    assert live.reason(who, consent) == "CONSENT_REVOKED"


def _wait_for_question(live: LiveExposures) -> None:
    """Until an agent that is not held is ready: then the question is stored and under way."""
    before = live.log_of("lender-c").count(": ready")
    for _ in range(300):
        if live.log_of("lender-c").count(": ready") > before:
            return
        time.sleep(0.1)
    raise AssertionError("the question did not come to the agents")


def test_a_revoked_consents_answer_is_not_shown_again(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    consent = live.consent(who)
    live.json(who, consent)
    live.lender.client.revoke_consent(consent)
    again = live.run(who, consent)
    assert again.exit_code == 1
    assert "does not stand" in again.stderr
    assert "outstanding" not in again.stdout


def test_a_consent_gives_one_answer_on_a_snapshot(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    consent = live.consent(who)
    answer = live.json(who, consent)
    assert live.json(who, consent)["id"] == answer["id"]
    live.forget()
    assert live.reason(who, consent) == "CONSENT_USES_SPENT"


def test_a_person_is_asked_about_three_times_a_day(live: LiveExposures) -> None:
    who = next(PEOPLE[0])
    first, second, third, fourth = (live.consent(who) for _ in range(4))
    for consent in (first, second, third):
        live.json(who, consent)
    assert live.reason(who, fourth) == "SUBJECT_LIMIT_REACHED"
    assert live.json(who, first)["kept"]


def test_somebody_elses_consent_is_none(live: LiveExposures) -> None:
    who, other = next(PEOPLE[1]), next(PEOPLE[1])
    consent = live.consent(who)
    assert live.reason(who, consent, "lender-b") == "CONSENT_ABSENT"
    assert live.reason(other, consent) == "CONSENT_ABSENT"
    assert live.reason(who, "00000000-0000-4000-8000-000000000000") == "CONSENT_ABSENT"


def test_a_bureau_may_not_ask_by_this_contract(live: LiveExposures) -> None:
    who = next(PEOPLE[1])
    consent = live.consent(who)
    assert live.reason(who, consent, "demo-bureau") == "AGGREGATE_NOT_PERMITTED"


def test_an_agent_whose_index_broke_names_nobody(live: LiveExposures) -> None:
    who = next(PEOPLE[2])
    consent = live.consent(who)
    index = live.gateway.home.agent("lender-c").parent / INDEX
    whole = index.read_bytes()
    index.write_bytes(b"this is no database" * 1000)
    try:
        result = live.run(who, consent)
    finally:
        index.write_bytes(whole)
    assert result.exit_code == 1
    assert "does not decode" in result.stderr
    assert not any(one in result.stderr for one in CONTRIBUTORS)
    assert "outstanding" not in result.stdout
    assert live.kept("*.key.json") == []
    assert live.reason(who, consent) == "CONSENT_USES_SPENT"
    assert live.json(who, live.consent(who))["lenders"] == 2


class Forger:
    """An asker that seals what it likes: everything else of its question is as it should be."""

    def __init__(self, live: LiveExposures, client: ExposureClient, identity: Identity) -> None:
        self._live = live
        self._client = client
        self._identity = identity

    def checked(self, who: Applicant, consent: str) -> CheckedTags:
        wish, now = self._live.wish(who, consent), int(time.time())
        prepared = self._client.prepare(wish.dataset, wish.purpose, consent, wish.subject)
        trusted = self._identity.trusted
        return checked_tags(prepared, self.contract, ASKER, trusted, now, None)

    @property
    def contract(self) -> AggregateContract:
        return read_contract(self._client.contract("credit.loans").contract)

    def ask(self, who: Applicant, consent: str, checked: CheckedTags, boxes: Any = None) -> str:
        """Ask with these tags; return why it was refused. ``boxes`` makes others of a round id."""
        key = ElGamalKey.make(ASKER)
        question, sealed = draft_exposure(
            wish=self._live.wish(who, consent),
            asker=ASKER,
            contract=self.contract,
            checked=checked,
            key=key.public,
            now=int(time.time()),
        )
        if boxes is not None:
            sealed = boxes(question.id, sealed)
            question = msgspec.structs.replace(question, boxes=boxes_digest(sealed))
        self._client.register(key.public)
        statement = self._identity.signer.sign(QUESTION_TYPE, question.encoded())
        sent = Sent(statement, sealed, checked.commitments, consent)
        with pytest.raises(VeilgateError) as caught:
            list(self._client.ask_about(sent, 1 << 16, 30))
        return str(caught.value.reason)


@pytest.fixture
def forger(live: LiveExposures) -> Iterator[Forger]:
    with live.parts() as (_, client, identity):
        yield Forger(live, client, identity)


def test_another_persons_tags_under_this_persons_consent(
    live: LiveExposures, forger: Forger
) -> None:
    who, other = next(PEOPLE[1]), next(PEOPLE[1])
    own, others = live.consent(who), live.consent(other)
    mine, theirs = forger.checked(who, own), forger.checked(other, others)
    # Their tags in the boxes, committed to are this person's: every agent declines.
    assert forger.ask(who, own, replace(mine, tags=theirs.tags)) == "AGGREGATE_REFUSED"
    # Their tags, their commitments, this person's consent: the gateway knows whose they are.
    assert forger.ask(who, own, theirs) == "AGGREGATE_QUESTION_INVALID"


def test_boxes_of_another_round_and_of_another_agent(live: LiveExposures, forger: Forger) -> None:
    who = next(PEOPLE[1])
    consent = live.consent(who)
    checked = forger.checked(who, consent)

    def of_another_round(round_id: str, boxes: Any) -> Any:
        other = secrets.token_hex(16)
        return tuple(
            seal_box(one.content, one.box_key, box_context(other, one.contributor))
            for one in checked.tags
        )

    def exchanged(round_id: str, boxes: Any) -> Any:
        return (boxes[1], boxes[0], *boxes[2:])

    assert forger.ask(who, consent, checked, of_another_round) == "AGGREGATE_REFUSED"
    assert forger.ask(who, consent, checked, exchanged) == "AGGREGATE_REFUSED"
    longer = forger.ask(who, consent, checked, lambda _, boxes: (boxes[0] + b"x", *boxes[1:]))
    assert longer == "AGGREGATE_QUESTION_INVALID"
