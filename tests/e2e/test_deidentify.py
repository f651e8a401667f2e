"""DeidentifyService of a live gateway: analysis, masking, streams; tokens opened by two persons."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.dev_members import SECOND_PERSON
from clients.cli.local.home import LENDER_A, LENDER_B
from clients.sdk import AsyncVeilgateClient, ClientProfile, VeilgateClient, VeilgateError
from clients.sdk.models.deid import KnownValue, TextRefused
from support.faults_serving import events
from support.live_gateway import LiveGateway, running_gateway

TEXT = "借款人张伟，手机13812345678，身份证11010519491231002X，邮箱zhang@example.com"
KNOWN = [KnownValue("PERSON", "张伟")]
COLLECTION = "credit.collection"
WHY = "联系人张伟 13812345678 需核实"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("deid") / "home") as gateway:
        yield gateway


def _officer(gateway: LiveGateway, institution: str = LENDER_A) -> VeilgateClient:
    profile = gateway.profile(institution)
    path = Path(profile.certificate).parent / f"{SECOND_PERSON}.toml"
    return VeilgateClient(_at(gateway, ClientProfile.load(path)))


def _at(gateway: LiveGateway, profile: ClientProfile) -> ClientProfile:
    return dataclasses.replace(profile, gateway=gateway.profile(LENDER_A).gateway)


def _refused(call: object, *args: object, **named: object) -> VeilgateError:
    with pytest.raises(VeilgateError) as caught:
        call(*args, **named)  # type: ignore[operator]
    assert "138" not in str(caught.value)
    return caught.value


def test_analysis_says_what_and_why(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        found = lender.analyze(TEXT, known=KNOWN)
        only = lender.analyze(TEXT, ["EMAIL_ADDRESS"])
    parts = {TEXT[one.start : one.end]: one for one in found}
    assert parts["11010519491231002X"].checked is True
    assert parts["11010519491231002X"].type == "CN_RESIDENT_ID"
    assert parts["13812345678"].type == "CN_MOBILE_NUMBER"
    assert all(one.why and one.recogniser for one in found)
    assert [one.type for one in only] == ["EMAIL_ADDRESS"]


def test_without_a_profile_everything_is_replaced_by_its_type(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        done = lender.deidentify(TEXT, COLLECTION, known=KNOWN)
    assert done.text == (
        "借款人<PERSON>，手机<CN_MOBILE_NUMBER>，身份证<CN_RESIDENT_ID>，邮箱<EMAIL_ADDRESS>"
    )
    for item in done.items:
        assert done.text[item.masked_start : item.masked_end] == f"<{item.type}>"
        assert item.operator == "replace"


def test_pseudonyms_and_tokens_are_the_recipients_and_the_purposes(gateway: LiveGateway) -> None:
    def masked(name: str, purpose: str) -> dict[str, str]:
        with gateway.client(name) as client:
            done = client.deidentify(TEXT, purpose, "notes.v1", known=KNOWN)
        return {one.type: done.text[one.masked_start : one.masked_end] for one in done.items}

    first, again = masked(LENDER_A, COLLECTION), masked(LENDER_A, COLLECTION)
    assert first == again
    for other in (masked(LENDER_B, COLLECTION), masked(LENDER_A, "credit.monitoring")):
        assert other["CN_RESIDENT_ID"] != first["CN_RESIDENT_ID"]
        assert other["PERSON"] != first["PERSON"]
    assert first["EMAIL_ADDRESS"] == "<EMAIL_ADDRESS>"


def test_bad_requests_are_refused_by_their_field(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        assert _refused(lender.analyze, "").fields == ("text",)
        assert _refused(lender.analyze, "x", ["person"]).fields == ("entities[0]",)
        assert _refused(lender.analyze, "x", threshold=1.5).fields == ("threshold",)
        assert _refused(lender.analyze, "x", threshold=float("nan")).fields == ("threshold",)
        known = [KnownValue("PERSON", "--")]
        assert _refused(lender.analyze, "x", known=known).fields == ("known[0].value",)
        assert _refused(lender.deidentify, "x", "no.such").reason == "PURPOSE_UNKNOWN"
        refused = _refused(lender.deidentify, "x", COLLECTION, "no.such")
        assert (refused.reason, refused.code) == (
            "MASKING_PROFILE_UNKNOWN",
            grpc.StatusCode.NOT_FOUND,
        )


def test_a_stream_answers_in_order_and_a_bad_text_fails_by_itself(gateway: LiveGateway) -> None:
    texts = [f"客户{number}，手机138000{number:05}" for number in range(200)]
    texts[7] = ""
    with gateway.client(LENDER_A) as lender:
        answers = list(lender.deidentify_many(texts, COLLECTION))
    assert len(answers) == len(texts)
    for number, answer in enumerate(answers):
        if number == 7:
            assert isinstance(answer, TextRefused)
            assert (answer.reason, answer.field) == ("INVALID_FIELD", "text")
        else:
            assert not isinstance(answer, TextRefused)
            assert answer.text == f"客户{number}，手机<CN_MOBILE_NUMBER>"


def test_a_stream_that_is_left_early_leaves_nothing_behind(gateway: LiveGateway) -> None:
    async def leave() -> None:
        async with AsyncVeilgateClient(gateway.profile(LENDER_A)) as client:
            endless = client.analyze_many(itertools.repeat(TEXT))
            async for _ in endless:
                break
            assert len(await client.analyze(TEXT)) >= 3

    asyncio.run(leave())


def _tokens(client: VeilgateClient, text: str = TEXT) -> dict[str, str]:
    done = client.deidentify(text, COLLECTION, "notes.v1", known=KNOWN)
    return {
        one.type: done.text[one.masked_start : one.masked_end]
        for one in done.items
        if one.operator == "token"
    }


def test_two_persons_open_a_token_once(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as collector, _officer(gateway) as officer:
        tokens = list(_tokens(collector).values())
        asked = collector.request_reidentification(tokens, COLLECTION, WHY)
        early = _refused(collector.reidentify, asked.request_id, tokens, COLLECTION)
        own = _refused(collector.approve_reidentification, asked.request_id, b"\0" * 32)
        (shown,) = [
            one for one in officer.list_reidentifications() if one.request_id == asked.request_id
        ]
        officer.approve_reidentification(asked.request_id, shown.digest)
        again = officer.approve_reidentification(asked.request_id, shown.digest)
        opened = collector.reidentify(asked.request_id, tokens, COLLECTION)
        twice = _refused(collector.reidentify, asked.request_id, tokens, COLLECTION)
    assert early.reason == "REIDENTIFICATION_NOT_APPROVED"
    assert own.reason == "SECOND_PERSON_NEEDED"
    assert (shown.state, shown.tokens, shown.purpose) == ("requested", len(tokens), COLLECTION)
    assert "张伟" not in shown.justification
    assert "13812345678" not in shown.justification
    assert again.repeat
    assert {one.value for one in opened.values} == {"张伟", "13812345678"}
    assert twice.reason == "REIDENTIFICATION_SPENT"
    kinds = [
        one["kind"] for one in events(gateway) if one["id"] in {asked.event_id, opened.event_id}
    ]
    assert kinds == ["REIDENTIFICATION_REQUESTED", "REIDENTIFIED"]
    log = str(events(gateway))
    assert not any(secret in log for secret in ("张伟", "13812345678", *tokens))
    assert "REIDENTIFICATION_DENIED" in log


def test_nobody_else_opens_a_token(gateway: LiveGateway) -> None:
    with (
        gateway.client(LENDER_A) as collector,
        gateway.client(LENDER_B) as other,
        _officer(gateway, LENDER_B) as other_officer,
        _officer(gateway) as officer,
    ):
        tokens = list(_tokens(collector).values())
        foreign = _refused(other.request_reidentification, tokens, COLLECTION, "x")
        monitoring = "credit.monitoring"
        purpose = _refused(collector.request_reidentification, tokens, monitoring, "x")
        broken = [tokens[0][:-2] + ("a" if tokens[0][-2] != "a" else "b") + tokens[0][-1]]
        altered = _refused(collector.request_reidentification, broken, COLLECTION, "x")
        asked = collector.request_reidentification(tokens, COLLECTION, "x")
        (shown,) = [
            one for one in officer.list_reidentifications() if one.request_id == asked.request_id
        ]
        approve = other_officer.approve_reidentification
        stranger = _refused(approve, asked.request_id, shown.digest)
        wrong = _refused(officer.approve_reidentification, asked.request_id, b"\1" * 32)
        officer.approve_reidentification(asked.request_id, shown.digest)
        fewer = _refused(collector.reidentify, asked.request_id, tokens[:1], COLLECTION)
        by_officer = _refused(officer.reidentify, asked.request_id, tokens, COLLECTION)
        assert not [
            one
            for one in other_officer.list_reidentifications()
            if one.request_id == asked.request_id
        ]
    assert foreign.reason == "TOKEN_REFUSED"
    assert purpose.reason == "REIDENTIFICATION_NOT_PERMITTED"
    assert altered.reason == "TOKEN_REFUSED"
    assert stranger.reason == "REIDENTIFICATION_NOT_FOUND"
    assert wrong.reason == "REIDENTIFICATION_NOT_FOUND"
    assert fewer.reason == "REIDENTIFICATION_NOT_FOUND"
    assert by_officer.reason == "REIDENTIFICATION_NOT_FOUND"


def test_the_same_request_is_stored_once(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as collector:
        tokens = list(_tokens(collector).values())
        request_id = str(uuid4())
        first = collector.request_reidentification(tokens, COLLECTION, "x", request_id)
        again = collector.request_reidentification(tokens, COLLECTION, "y", request_id)
        other = _refused(
            collector.request_reidentification, tokens[:1], COLLECTION, "x", request_id
        )
    assert again.log_index == first.log_index
    assert again.expires_at == first.expires_at
    assert other.reason == "REIDENTIFICATION_ALREADY_EXISTS"


def test_nothing_of_a_text_is_in_the_gateways_own_output(gateway: LiveGateway) -> None:
    canary = "canary-7f3a 13912345679 李四光"
    with gateway.client(LENDER_A) as lender:
        lender.analyze(canary)
        lender.deidentify(canary, COLLECTION, "notes.v1")
        _refused(lender.analyze, canary * 4000)
        _refused(lender.deidentify, canary, "no.such", canary)
        list(lender.analyze_many([canary, "", canary]))
    written = gateway.process.output() + str(events(gateway))
    assert not any(part in written for part in ("canary-7f3a", "13912345679", "李四光"))
