"""Scene 4: who is not the lender with the consent gets nothing."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from clients.cli.local.demo_scenes.commands import Ran
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import UNDERWRITING, Stage, profile_path
from clients.cli.local.demo_scenes.wire import GET_RECORD, request_bytes
from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.local.home import LENDER_A, LENDER_B
from clients.sdk.identity.profile import ClientProfile

STRANGER = "stranger"
_ANY_REQUEST_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class _Refused:
    who: str
    outcome: str


def call_without_certificate(address: str, authority: bytes, request: bytes) -> grpc.StatusCode:
    """Call GetRecord over TLS, trusting the gateway's authority and presenting nothing."""
    credentials = grpc.ssl_channel_credentials(root_certificates=authority)
    with grpc.secure_channel(address, credentials) as channel:
        try:
            channel.unary_unary(GET_RECORD, bytes, bytes)(request, timeout=10)
        except grpc.RpcError as refused:
            code: grpc.StatusCode = refused.code()
            return code
        return grpc.StatusCode.OK


def play_strangers_refused(stage: Stage, shown: Shown) -> None:
    """Three strangers; before and after them, the lender itself is answered."""
    person = stage.chinese
    before = stage.get(LENDER_A, UNDERWRITING, person)
    shown.require("lender A is answered", before.status == 0)
    rows = [_without_certificate(stage, shown), _other_authority(stage, shown)]
    events = stage.events(before.answer["log_index"] + 1)
    shown.require("neither got as far as the log", events == [])
    rows.append(_other_institution(stage, shown))
    after = stage.get(LENDER_A, UNDERWRITING, person)
    shown.require("lender A is still answered: it was they who were refused", after.status == 0)
    shown.table("strangers", ("who", "what they get"), [(one.who, one.outcome) for one in rows])


def _without_certificate(stage: Stage, shown: Shown) -> _Refused:
    profile = ClientProfile.load(profile_path(LENDER_A))
    request = request_bytes(stage.chinese, UNDERWRITING, _ANY_REQUEST_ID)
    shown.say("\nA caller without a certificate:")
    shown.call(inspect.getsource(call_without_certificate).rstrip())
    code = call_without_certificate(profile.gateway, profile.ca.read_bytes(), request)
    ended = code is grpc.StatusCode.UNAVAILABLE
    shown.require("without a certificate, TLS ends before any call is read", ended)
    return _Refused("no certificate", "nothing: the TLS handshake fails")


def _other_authority(stage: Stage, shown: Shown) -> _Refused:
    make_stranger(Path(profile_path(STRANGER)), Path(profile_path(LENDER_A)))
    shown.say("\nOne who calls itself lender A, by a certificate of another authority:")
    ran = stage.get(STRANGER, UNDERWRITING, stage.chinese)
    shown.call(ran.line)
    told = (ran.status, ran.error.get("code"), ran.error.get("reason"))
    ended = told == (1, "UNAVAILABLE", "UNSPECIFIED")
    shown.require("with it, too, TLS ends before any call is read", ended)
    return _Refused("certificate of another authority", "nothing: the TLS handshake fails")


def _other_institution(stage: Stage, shown: Shown) -> _Refused:
    consent = stage.consents[stage.chinese.label]
    shown.say("\nLender B, with lender A's consent:")
    ran = stage.get(LENDER_B, UNDERWRITING, stage.chinese, "--consent", consent)
    shown.call(ran.line)
    told = (ran.status, ran.error.get("code"), ran.error.get("reason"))
    absent = told == (1, "PERMISSION_DENIED", "CONSENT_ABSENT")
    shown.require("lender B is denied: for it there is no consent", absent)
    unknown = stage.get(LENDER_B, UNDERWRITING, stage.unknown, "--consent", consent)
    same = without_ids(ran) == without_ids(unknown)
    shown.require("the answer is the same for a person the gateway never heard of", same)
    sight = stage.run("consent show", LENDER_B, consent)
    hidden = (sight.status, sight.error.get("reason")) == (1, "CONSENT_NOT_FOUND")
    shown.require("lender B cannot look at the consent either", hidden)
    return _Refused("lender B, with lender A's consent", "a denial: CONSENT_ABSENT")


def without_ids(ran: Ran) -> dict[str, Any]:
    """A refusal without what differs between any two calls."""
    ids = ("request_id", "event_id")
    return {name: value for name, value in ran.error.items() if name not in ids}


def make_stranger(profile: Path, lender: Path) -> None:
    """Write a profile like the lender's, its certificate by an authority of its own."""
    profile.parent.mkdir(mode=0o700)
    DevAuthority.create().issue(LeafRequest.institution(LENDER_A)).write(profile.parent, LENDER_A)
    (profile.parent / "ca.pem").write_bytes((lender.parent / "ca.pem").read_bytes())
    wanted = ("gateway", "ca", "certificate", "key", "institution")
    kept = [
        line for line in lender.read_text("utf-8").splitlines() if line.partition(" ")[0] in wanted
    ]
    profile.write_text("\n".join(kept) + "\n", encoding="utf-8")


SCENE = Scene(
    "strangers-refused",
    "No certificate, another authority, another institution: nothing",
    "无证书、其他签发机构、其他机构：均一无所获",
    play_strangers_refused,
)
