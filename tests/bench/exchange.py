"""GetRecord beside a bare echo: rates, latencies and CPU, alternating in one run.

The gateway does all of its work: certificate, Directory, subject, consent, decision, intent, a
look-up at the local SQL provider, 20 structured fields of which none is kept as it is, release with
the consent read again, two durable events. The echo answers the same number of bytes to the same
number of bytes.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bench import servers
from bench.figures import Figure
from bench.servers import Server
from clients.cli.local.demo_data.dataset import Applicant, applicants
from clients.cli.local.home import LENDER_A, PROVIDER, Home, make_home
from clients.sdk.client import VeilgateClient
from clients.sdk.consents.draft import ConsentDraft, Subject
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.vocabulary import IdentifierType, SeparateConsent
from veilgate.v1 import exchange_pb2, subject_pb2

PURPOSE, DATASET = "credit.underwriting", "credit.applicant"
SUBJECTS = 200
IN_FLIGHT = 64
CLIENTS = 2
CATEGORIES = (
    "identity", "contact", "account", "loan", "credit_history", "employment", "household",
    "free_text",
)  # fmt: skip
_MASK, _PSEUDONYM = {"operator": "mask", "using": "generic"}, {"operator": "pseudonymise"}
_BANDS = {"operator": "generalise", "bands": [2, 5, 10, 25, 50, 1000, 5000]}
RELEASE: dict[str, dict[str, Any]] = {
    "applicant_no": _PSEUDONYM,
    "identity_number": {"operator": "mask", "using": "resident_id"},
    "name": {"operator": "mask", "using": "person_name"},
    "date_of_birth": {"operator": "generalise", "date": "year"},
    "phone": {"operator": "mask", "using": "phone"},
    "bank_card": {"operator": "mask", "using": "bank_card"},
    "address": {"operator": "generalise", "address": "district"},
    "status_of_existing_checking_account": _MASK,
    "duration_in_month": _BANDS,
    "credit_history": _MASK,
    "credit_amount": _BANDS,
    "savings_account_and_bonds": _MASK,
    "present_employment_since": _MASK,
    "installment_rate_in_percentage_of_disposable_income": _BANDS,
    "present_residence_since": _BANDS,
    "property": _MASK,
    "age_in_years": _BANDS,
    "housing": _MASK,
    "number_of_existing_credits_at_this_bank": _BANDS,
    "job": _MASK,
}


@dataclass(frozen=True)
class Load:
    """What the clients measured, and what it cost the server."""

    rate: float
    p50: float
    p99: float
    cpu_us: float


def measure(seconds: float, rounds: int) -> list[Figure]:
    """Return the exchange figures; ``seconds`` a measurement, ``rounds`` of alternation."""
    with tempfile.TemporaryDirectory(prefix="veilgate-bench-") as folder:
        home = make_home(Path(folder) / "home", "localhost:0", development=True)
        bench_policy(home)
        with servers.gateway(home) as ours:
            grant(home, ours)
            plain = [body(one, tuple(RELEASE)) for one in applicants()[:SUBJECTS]]
            remark = [body(one, (*RELEASE, "remark")) for one in applicants()[:SUBJECTS]]
            size = answer_bytes(home, ours, plain[0])
            print(f"GetRecord: {len(plain[0]) + 38} bytes in, {size} bytes out", flush=True)
            with servers.echo(home, size) as peer:
                return [
                    *_against_echo(home, ours, peer, plain, seconds, rounds),
                    _remark_cost(home, ours, plain, remark, seconds),
                ]


def alternate(
    home: Home, ours: Server, peer: Server, bodies: list[bytes], seconds: float, rounds: int
) -> list[tuple[Load, Load]]:
    """Measure ours and the peer's in turn, and return the pairs."""
    pairs = []
    for number in range(rounds):
        pair = _load(home, ours, bodies, seconds), _load(home, peer, bodies, seconds)
        pairs.append(pair)
        print(
            f"  round {number + 1}: ours {pair[0].rate:,.0f}/s ({pair[0].cpu_us:.0f} us CPU),"
            f" echo {pair[1].rate:,.0f}/s ({pair[1].cpu_us:.0f} us CPU)",
            flush=True,
        )
    return pairs


def _against_echo(
    home: Home, ours: Server, peer: Server, bodies: list[bytes], seconds: float, rounds: int
) -> list[Figure]:
    pairs = alternate(home, ours, peer, bodies, seconds, rounds)
    rate, echo_rate = (median(pair[side].rate for pair in pairs) for side in (0, 1))
    ratio = median(a.rate / b.rate for a, b in pairs)
    cpu, echo_cpu = (median(pair[side].cpu_us for pair in pairs) for side in (0, 1))
    paced = (
        _load(home, ours, bodies, seconds, rate / 2),
        _load(home, peer, bodies, seconds, echo_rate / 2),
    )
    goal = "aim 0.45, at least 0.3"
    return [
        Figure("exchange.get_record_vs_echo", rate, echo_rate, ratio, "calls a second", goal),
        Figure(
            "exchange.get_record_cpu", cpu, echo_cpu, cpu / echo_cpu, "us CPU a call", "printed"
        ),
        Figure(
            "exchange.get_record_p99_at_half",
            paced[0].p99 * 1e3,
            paced[1].p99 * 1e3,
            paced[0].p99 / paced[1].p99,
            "ms",
            "at most 4",
        ),
    ]


def _remark_cost(
    home: Home, ours: Server, plain: list[bytes], remark: list[bytes], seconds: float
) -> Figure:
    without, with_remark = (_load(home, ours, bodies, seconds) for bodies in (plain, remark))
    return Figure(
        "exchange.remark_cost",
        with_remark.rate,
        without.rate,
        with_remark.rate / without.rate,
        "calls a second",
        "reported apart",
    )


def _load(
    home: Home, server: Server, bodies: list[bytes], seconds: float, rate: float = 0.0
) -> Load:
    plan = {
        **servers.credentials(home),
        "address": server.address,
        "method": server.method,
        "bodies": [body.hex() for body in bodies],
        "request_ids": True,
        "in_flight": IN_FLIGHT // CLIENTS,
        "seconds": seconds,
        "rate": rate / CLIENTS,
    }
    clients = [_client({**plan, "first": at * 97}) for at in range(CLIENTS)]
    for client in clients:
        _line(client)
    before = server.cpu_seconds()
    for client in clients:
        _say(client, "go")
    results = [json.loads(_line(client)) for client in clients]
    cpu = server.cpu_seconds() - before
    for client in clients:
        client.wait()
    latencies = sorted(one for result in results for one in result["latencies"])
    calls = len(latencies)
    return Load(
        sum(result["calls"] / result["seconds"] for result in results),
        latencies[calls // 2],
        latencies[min(calls - 1, int(calls * 0.99))],
        cpu / calls * 1e6,
    )


def _client(plan: dict[str, Any]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(servers.HERE / "load.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.sched_setaffinity(process.pid, servers.cores()[1])
    _say(process, json.dumps(plan))
    return process


def _line(client: subprocess.Popen[bytes]) -> bytes:
    line = b"" if client.stdout is None else client.stdout.readline()
    if not line:
        raise RuntimeError("a load client ended early")
    return line


def _say(client: subprocess.Popen[bytes], line: str) -> None:
    if client.stdin is None:
        raise RuntimeError("a load client has no input")
    client.stdin.write(line.encode() + b"\n")
    client.stdin.flush()


def bench_policy(home: Home) -> None:
    """Give underwriting the bench's release list, without limits that a benchmark would meet."""
    path = home.folder / "policies" / "rules" / "credit.yaml"
    document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    rule = next(one for one in document["rules"] if one["id"] == "underwriting-applicant")
    rule["release"] = {**RELEASE, "remark": {"operator": "detect"}}
    rule["limits"] = {
        which: {"count": 1_000_000_000, "per": "month"}
        for which in ("per_subject", "per_recipient")
    }
    # Through JSON, so that shared values do not become anchors, which the loader refuses.
    document = json.loads(json.dumps(document))
    dumped = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    path.write_text(dumped + "...\n", encoding="utf-8")
    config = home.config.read_text()
    home.config.write_text("calls_per_second = 1000000\n" + config)


def grant(home: Home, server: Server) -> None:
    """Grant what underwriting needs for every subject of the load."""
    profile = ClientProfile.load(home.profile(LENDER_A))
    here = ClientProfile(
        gateway=server.address,
        ca=profile.ca,
        certificate=profile.certificate,
        key=profile.key,
        institution=profile.institution,
        signing_key=profile.signing_key,
        signing_key_id=profile.signing_key_id,
    )
    key, key_id = load_signing_key(here)
    with VeilgateClient(here) as client:
        for applicant in applicants()[:SUBJECTS]:
            client.grant_consent(sign(_draft(applicant), key, key_id))


def _draft(applicant: Applicant) -> ConsentDraft:
    return ConsentDraft(
        subject=Subject(
            type=IdentifierType(applicant.identity_type), value=applicant.identity_number
        ),
        controller=LENDER_A,
        collector=LENDER_A,
        providers=(PROVIDER,),
        datasets=(DATASET,),
        purposes=(PURPOSE,),
        categories=CATEGORIES,
        separate_consents=(SeparateConsent.THIRD_PARTY, SeparateConsent.SENSITIVE),
        evidence_sha256="ab" * 32,
    )


def body(applicant: Applicant, fields: tuple[str, ...]) -> bytes:
    """Return a request without its request id, which the load puts in front of each call."""
    return exchange_pb2.GetRecordRequest(
        subject=subject_pb2.SubjectIdentifier(
            type=subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{applicant.identity_type}"),
            value=applicant.identity_number,
        ),
        dataset=DATASET,
        purpose=PURPOSE,
        fields=fields,
    ).SerializeToString()


def answer_bytes(home: Home, server: Server, body: bytes) -> int:
    """Make one call, check that it releases all 20 fields, and return the answer's length."""
    import grpc

    files = {name: Path(path).read_bytes() for name, path in servers.credentials(home).items()}
    credentials = grpc.ssl_channel_credentials(files["ca"], files["key"], files["certificate"])
    with grpc.secure_channel(server.address, credentials) as channel:
        request = b"\x0a\x24" + b"00000000-0000-4000-8000-000000000000" + body
        call: Any = channel.unary_unary(server.method)
        answer: bytes = call(request, timeout=10)
    response = exchange_pb2.GetRecordResponse.FromString(answer)
    if len(response.fields) != len(RELEASE):
        raise RuntimeError("the gateway did not release the 20 fields")
    return len(answer)
