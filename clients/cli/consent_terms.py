"""``consent grant``: terms from options, from a file, or from both.

Owns the options. Refuses nothing itself: the draft's bounds are the SDK's. Options win over the
file; the subject may stand in the file or be read as for `get`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile
from clients.cli.subject import (
    SubjectFileOption,
    SubjectOption,
    SubjectTypeOption,
    read_subject,
)
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.consents.draft import ConsentDraft, read_terms
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.models.common import ConsentReceipt

Words = list[str] | None
FromOption = Annotated[
    Path | None, typer.Option("--from", help="A draft (JSON) whose names are those of the terms.")
]
ControllerOption = Annotated[str, typer.Option(help="The recipient; this institution if left out.")]
ProviderOption = Annotated[Words, typer.Option("--provider", help="Who may provide; repeat it.")]
DatasetsOption = Annotated[Words, typer.Option("--dataset", help="Repeat it for more.")]
PurposesOption = Annotated[Words, typer.Option("--purpose", help="Repeat it for more.")]
FieldsOption = Annotated[Words, typer.Option("--field", help="A field by name; repeat it.")]
CategoryOption = Annotated[Words, typer.Option("--category", help="All fields of it; repeat it.")]
BasisOption = Annotated[str, typer.Option("--basis", help="Lawful basis (PIPL 13).")]
SeparateOption = Annotated[
    Words,
    typer.Option("--separate", help="third_party, sensitive or cross_border; repeat it."),
]
ValidDaysOption = Annotated[int | None, typer.Option(min=1, max=3650, help="From now on.")]
UsesOption = Annotated[int | None, typer.Option(min=1, help="Uses in all; unlimited if left out.")]
FrequencyOption = Annotated[str, typer.Option(metavar="N/PERIOD", help="Such as 3/day.")]
DataLifeOption = Annotated[
    int | None, typer.Option(min=1, max=3650, help="Days the recipient may keep the data.")
]
EvidenceOption = Annotated[
    Path | None, typer.Option(help="The signed form or recording; only its SHA-256 is sent.")
]

_NEEDED = {
    "providers": "--provider",
    "datasets": "--dataset",
    "purposes": "--purpose",
    "evidence_sha256": "--evidence",
}
"""Terms without a default, and the options that give them."""


def add_grant(group: typer.Typer) -> None:
    """Add the command."""
    group.command("grant")(grant)


def grant(
    draft: FromOption = None,
    controller: ControllerOption = "",
    providers: ProviderOption = None,
    datasets: DatasetsOption = None,
    purposes: PurposesOption = None,
    fields: FieldsOption = None,
    categories: CategoryOption = None,
    basis: BasisOption = "",
    separate: SeparateOption = None,
    valid_days: ValidDaysOption = None,
    uses: UsesOption = None,
    frequency: FrequencyOption = "",
    data_life_days: DataLifeOption = None,
    evidence: EvidenceOption = None,
    subject_type: SubjectTypeOption = "",
    subject_file: SubjectFileOption = None,
    subject: SubjectOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a consent with the profile's signing key and store it at the gateway."""
    terms: dict[str, Any] = {
        "controller": controller, "providers": providers, "datasets": datasets,
        "purposes": purposes, "fields": fields, "categories": categories, "lawful_basis": basis,
        "separate_consents": separate, "uses": uses, "data_life_days": data_life_days,
    }  # fmt: skip
    with failures_reported(as_json):
        terms |= _computed(valid_days, frequency, evidence)
        document = (_read_document(draft) if draft else {}) | _given(terms)
        _require_whole(document)
        if "subject" not in document or subject or subject_type:
            who = read_subject(subject, subject_type, subject_file)
            document["subject"] = {"type": who.type, "value": who.value}
        receipt = _grant(profile, document, timeout)
        print_json(receipt) if as_json else _print_receipt(receipt)


def _grant(profile: Path | None, document: dict[str, Any], timeout: float) -> ConsentReceipt:
    loaded = load_profile(profile)
    own = {"controller": loaded.institution, "collector": loaded.institution}
    draft = read_terms(own | document, ConsentDraft)
    signed = sign(draft, *load_signing_key(loaded))
    with VeilgateClient(loaded) as client:
        return client.grant_consent(signed, timeout=timeout)


def _require_whole(document: dict[str, Any]) -> None:
    """Name every option that is missing at once, before anybody types a subject's value."""
    missing = [option for term, option in _NEEDED.items() if term not in document]
    if not {"fields", "categories"} & document.keys():
        missing.append("--field or --category")
    if missing:
        raise UsageError(
            "a consent needs more terms", f"Give {', '.join(missing)}, or a draft with --from."
        )


def _given(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if value}


def _computed(valid_days: int | None, frequency: str, evidence: Path | None) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    computed: dict[str, Any] = {"frequency": _read_frequency(frequency)}
    if valid_days:
        computed |= {"valid_from": now, "valid_until": now + timedelta(days=valid_days)}
    if evidence:
        computed["evidence_sha256"] = hashlib.sha256(_read(evidence)).hexdigest()
    return computed


def _read_frequency(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    count, _, per = text.partition("/")
    if not count.isdecimal():
        raise UsageError("--frequency is not N/PERIOD", "Write it like 3/day: hour, day or month.")
    return {"count": int(count), "per": per}


def _read_document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(_read(file))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON", "Write the draft as one JSON object.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{file} is not a JSON object", "Write the draft as one JSON object.")
    return document


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error


def _print_receipt(receipt: ConsentReceipt) -> None:
    print_line("The consent is granted.")
    print_pairs(
        (
            ("consent", receipt.consent_id),
            ("event", f"{receipt.event_id} at log index {receipt.log_index}"),
        )
    )
