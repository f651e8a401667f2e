"""A gateway that prepares or returns something else than it should: nothing is asked, or opened."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.reference import scoped_reference
from support.crypto_log import ATTACKER
from support.exposures import (
    ANOTHER,
    SECRET,
    ExposureScript,
    Preparation,
    asking,
    output_of,
    wish,
)
from support.keyholders import CONTRIBUTORS


def changed(**fields: Any) -> Callable[[Any], Any]:
    return lambda one: msgspec.structs.replace(one, **fields)


def edited(**fields: Any) -> Callable[[Any], Any]:
    return lambda them: (replace(them[0], **fields), *them[1:])


PREPARED: dict[str, tuple[ExposureWrong, Callable[[], Preparation]]] = {
    "commitments by another key": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(key=SigningKey.generate()),
    ),
    "commitments with a chain": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(signed=lambda one: replace(one, chain=(b"x",))),
    ),
    "commitments changed after they were signed": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(signed=lambda one: replace(one, payload=one.payload + b" ")),
    ),
    "commitments to another asker": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(said=changed(asker="lender-c")),
    ),
    "commitments of another dataset": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(said=changed(dataset="credit.other")),
    ),
    "commitments of another snapshot": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(said=changed(snapshot="2026-08-31")),
    ),
    "commitments that are over": (
        ExposureWrong.COMMITMENTS,
        lambda: Preparation(life_s=0),
    ),
    "a contributor left out": (
        ExposureWrong.TAGS,
        lambda: Preparation(sent=lambda them: them[:3]),
    ),
    "a contributor left out of both": (
        ExposureWrong.TAGS,
        lambda: Preparation(
            sent=lambda them: them[:3],
            said=lambda one: msgspec.structs.replace(one, tags=one.tags[:3]),
        ),
    ),
    "fewer commitments than tags": (
        ExposureWrong.TAGS,
        lambda: Preparation(said=lambda one: msgspec.structs.replace(one, tags=one.tags[:3])),
    ),
    "two contributors exchanged": (
        ExposureWrong.TAGS,
        lambda: Preparation(sent=lambda them: (them[1], them[0], *them[2:])),
    ),
    "an invented contributor": (
        ExposureWrong.TAGS,
        lambda: Preparation(sent=edited(contributor="aaa-invented")),
    ),
    "a tag that was not committed to": (
        ExposureWrong.TAGS,
        lambda: Preparation(sent=edited(tag=b"\x01" * 32)),
    ),
    "a salt that was not committed to": (
        ExposureWrong.TAGS,
        lambda: Preparation(sent=edited(salt=b"\x01" * 32)),
    ),
    "a tag of another length": (
        ExposureWrong.TAGS,
        lambda: Preparation(tag=lambda one: replace(one, tag=one.tag + b"\x01")),
    ),
    "a salt of another length": (
        ExposureWrong.TAGS,
        lambda: Preparation(tag=lambda one: replace(one, salt=b"")),
    ),
    "another person's tags": (
        ExposureWrong.OTHER_SUBJECT,
        lambda: Preparation(subject=lambda _: ANOTHER),
    ),
    "another person's tag to one contributor": (
        ExposureWrong.OTHER_SUBJECT,
        lambda: Preparation(tag=others_tag),
    ),
    "a box key by an authority that nobody trusts": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box_signer=lambda world, name: world.agent(name, stranger=True)),
    ),
    "a box key by another workload": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box_signer=lambda world, name: world.agent(name, "integrator")),
    ),
    "one institution's box keys for all": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box_signer=lambda world, name: world.agents[CONTRIBUTORS[0]]),
    ),
    "a box key that names another contributor": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box=changed(contributor="lender-c")),
    ),
    "a box key that is over": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box=changed(expires_at=1_790_000_000)),
    ),
    "one box key for all": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(box=changed(box_key="ab" * 32)),
    ),
    "a box key of the gateway's": (
        ExposureWrong.BOX_KEY,
        lambda: Preparation(
            sent=lambda them: (
                replace(them[0], box_key=replace(them[0].box_key, payload=own_key(them[0]))),
                *them[1:],
            )
        ),
    ),
}


def others_tag(one: Any) -> Any:
    if one.contributor != CONTRIBUTORS[-1]:
        return one
    return replace(one, tag=scoped_reference(output_of(ANOTHER), one.contributor))


def own_key(one: Any) -> bytes:
    said: dict[str, Any] = msgspec.json.decode(one.box_key.payload)
    return msgspec.json.encode(said | {"box_key": "cd" * 32})


@pytest.mark.parametrize("name", PREPARED)
def test_what_is_prepared_wrongly_is_not_asked(tmp_path: Path, name: str) -> None:
    wrong, preparation = PREPARED[name]
    here = asking(tmp_path, preparation=preparation())
    with pytest.raises(ExposureRefused) as caught:
        here.ask()
    assert caught.value.wrong is wrong
    assert here.gateway.asked == []
    assert here.gateway.registered == []
    assert here.files("*") == []


RESULTS: dict[str, tuple[Wrong, Callable[[], ExposureScript]]] = {
    "a contributor left out": (
        Wrong.TOO_FEW,
        lambda: ExposureScript(members=CONTRIBUTORS[:3]),
    ),
    "a result that rests on no consent": (Wrong.CIPHERTEXTS, lambda: ExposureScript(consents=0)),
    "a result that rests on two consents": (
        Wrong.CIPHERTEXTS,
        lambda: ExposureScript(consents=2),
    ),
    "a result of another gateway": (
        Wrong.RESULT_SIGNATURE,
        lambda: ExposureScript(result_key=SigningKey.generate()),
    ),
    "a result of an altered question": (
        Wrong.OTHER_QUESTION,
        lambda: ExposureScript(result=changed(question="0" * 64)),
    ),
    "a contributor by an authority that nobody trusts": (
        Wrong.READY_REFUSED,
        lambda: ExposureScript(ready_signer=lambda world, name: world.agent(name, stranger=True)),
    ),
    "one figure twice": (
        Wrong.CIPHERTEXTS,
        lambda: ExposureScript(sent=lambda content: content[:66] + content[:-66]),
    ),
    "ciphertexts left out": (
        Wrong.CIPHERTEXTS,
        lambda: ExposureScript(ciphertexts=lambda content: content[66:]),
    ),
    "another number of ciphertexts": (
        Wrong.CIPHERTEXTS,
        lambda: ExposureScript(result=changed(ciphertexts=4)),
    ),
    "a malformed point": (
        Wrong.CIPHERTEXTS,
        lambda: ExposureScript(ciphertexts=lambda content: b"\x04" + content[1:]),
    ),
    "a release in another log": (
        Wrong.NOT_IN_LOG,
        lambda: ExposureScript(log_signer=ATTACKER),
    ),
    "a release of another round": (
        Wrong.OTHER_RELEASE,
        lambda: ExposureScript(event=lambda said: said | {"round": "0" * 32}),
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_that_does_not_hold_opens_nothing(tmp_path: Path, name: str) -> None:
    wrong, script = RESULTS[name]
    here = asking(tmp_path, script=script())
    with pytest.raises(ResultRefused) as caught:
        here.ask()
    assert caught.value.wrong is wrong
    assert here.files("opened") == []
    assert here.files("answer.json") == []
    kept = [one.name for one in (here.folder.parent / "evidence").glob("*")]
    # What is signed is in order where a point alone is malformed.
    signed = name != "a malformed point"
    assert kept == ([f"{here.question().id}.{wrong.value}.json"] if signed else [])
    here.gateway.script = ExposureScript()
    assert here.ask().lenders == 0, "the honest result of the same question still opens"
    first, second = here.gateway.asked
    assert first == second


def test_after_the_questions_end_it_is_not_sent(tmp_path: Path) -> None:
    here = asking(tmp_path)
    exposures = here.gateway.exposures()
    contract = exposures.contract(wish())
    shelf = exposures.shelf(wish(), contract)
    opened = exposures.prepare(wish(), contract, shelf, SECRET)
    here.gateway.now = float(opened.question.expires_at)
    with pytest.raises(ResultRefused) as caught:
        exposures.ask(opened, shelf, lambda stage: None)
    assert caught.value.wrong is Wrong.EXPIRED
    assert here.gateway.asked == []


def test_a_gateway_with_another_round_key_is_not_asked(tmp_path: Path) -> None:
    here = asking(tmp_path)
    exposures = here.gateway.exposures()
    here.gateway.world.round_key = SigningKey.generate()
    with pytest.raises(KeyholderError, match="pinned"):
        exposures.contract(wish())
    assert here.gateway.prepared == []
