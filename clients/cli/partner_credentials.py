"""``partner request``, ``enrol`` and ``rotate``: how credentials come into the Directory."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
)
from clients.cli.profile import ProfileOption, TimeoutOption, load_profile, open_client
from clients.sdk.client import DEFAULT_TIMEOUT, VeilgateClient
from clients.sdk.consents.signing import load_signing_key, read_signing_key
from clients.sdk.identity.client_certificate import ClientCertificate
from clients.sdk.identity.enrolment import (
    CredentialTerms,
    EnrolmentContent,
    EnrolmentTerms,
    NamedKey,
    content_of,
    enrolment_from_json,
    enrolment_to_json,
    sign_change,
    sign_enrolment,
)
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.models.directory import ChangeReceipt

CertificatesOption = Annotated[
    list[Path] | None,
    typer.Option("--certificate", help="PEM; repeat it. The profile's if left out."),
]
NewKeyOption = Annotated[
    Path | None, typer.Option("--signing-key", help="Ed25519, PKCS #8 PEM. It stays here.")
]
NewKeyIdOption = Annotated[str, typer.Option("--signing-key-id", help="Unique at the gateway.")]
OverlapOption = Annotated[
    str, typer.Option(help="How long the old is accepted still: 7d, 12h, 30m, 10s or 0.")
]
RetireOption = Annotated[
    list[str] | None,
    typer.Option("--retire", help="Also retire this fingerprint or key id; repeat it."),
]
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SPAN: Final = re.compile(r"([0-9]{1,7})([dhms])", re.ASCII)
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def add_credentials(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("request")(request)
    group.command("enrol")(enrol)
    group.command("rotate")(rotate)


def request(
    out: Annotated[Path, typer.Option(help="Where to write the file for the operator.")],
    legal_group: Annotated[str, typer.Option(help="Who shares limits with you; ask first.")],
    roles: Annotated[list[str], typer.Option("--role", help="Such as lender; repeat it.")],
    jurisdiction: Annotated[str, typer.Option(help="Two letters, such as CN.")],
    certificates: CertificatesOption = None,
    signing_key: NewKeyOption = None,
    signing_key_id: NewKeyIdOption = "",
    institution: Annotated[str, typer.Option(help="The profile's if left out.")] = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make and sign an enrolment for the operator. Works offline; no private key leaves."""
    with failures_reported(as_json):
        own = ClientProfile.load(profile) if profile is not None else None
        who = institution or (own.institution if own else "")
        if not who:
            raise UsageError("no institution is named", "Give --institution or --profile.")
        paths = certificates or ([own.certificate] if own else [])
        keys = _new_keys(signing_key, signing_key_id)
        if not keys and own is not None:
            key, key_id = load_signing_key(own)
            keys = (NamedKey(key_id, key),)
        terms = EnrolmentTerms(
            institution=who,
            legal_group=legal_group,
            roles=tuple(roles),
            jurisdiction=jurisdiction,
        )
        signed = sign_enrolment(terms, [_certificate(path) for path in paths], keys)
        _write(out, enrolment_to_json(signed))
        if as_json:
            print_json({"file": str(out), "enrolment": content_of(signed)})
            return
        print_line(f"{out} is ready for the operator. It holds no private key and says:")
        _print_content(content_of(signed))


def enrol(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made by `partner request`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enrol an institution, after showing what it asks for. For operators."""
    with failures_reported(as_json):
        signed = enrolment_from_json(_read(file))
        content = content_of(signed)
        if not as_json:
            _print_content(content)
            # A script that pipes nothing in has made up its mind.
            if not yes and sys.stdin.isatty() and not typer.confirm("Enrol it?"):
                raise UsageError("nothing was enrolled", "Run it again to enrol it.")
        with open_client(profile) as client:
            receipt = client.enrol_institution(signed, timeout=timeout)
        if as_json:
            print_json(
                {
                    "institution": content.institution,
                    "event_id": receipt.event_id,
                    "log_index": receipt.log_index,
                }
            )
            return
        if receipt.event_id:
            print_line(f"{content.institution} is enrolled.")
        else:
            print_line(f"{content.institution} was enrolled by this very request before.")
        print_pairs((("log index", receipt.log_index),))


def rotate(
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="The new one, PEM.")
    ] = None,
    signing_key: NewKeyOption = None,
    signing_key_id: NewKeyIdOption = "",
    overlap: OverlapOption = "7d",
    retire: RetireOption = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Retire nothing of the profile's own.")
    ] = False,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a new certificate or signing key, and retire the profile's after an overlap."""
    with failures_reported(as_json):
        loaded = load_profile(profile)
        key, key_id = load_signing_key(loaded)
        new = (_certificate(certificate),) if certificate else ()
        keys = _new_keys(signing_key, signing_key_id)
        retired = set(retire or ())
        if new and not keep:
            retired.add(_certificate(loaded.certificate).fingerprint)
        if keys and not keep:
            retired.add(key_id)
        terms = _rotation(loaded.institution, new, keys, retired, _span(overlap))
        signed = sign_change(terms, NamedKey(key_id, key))
        with VeilgateClient(loaded) as client:
            receipt = client.change_credentials(signed, timeout=timeout)
        print_json(receipt) if as_json else _print_rotation(receipt)


def _rotation(
    institution: str,
    certificates: tuple[ClientCertificate, ...],
    keys: tuple[NamedKey, ...],
    retired: set[str],
    overlap: timedelta,
) -> CredentialTerms:
    if not (certificates or keys or retired):
        raise UsageError("nothing is to change", "Give --certificate or --signing-key.")
    fingerprints = {one for one in retired if _FINGERPRINT.fullmatch(one)}
    return CredentialTerms(
        institution=institution,
        certificates=certificates,
        signing_keys=keys,
        retire_certificates=tuple(sorted(fingerprints)),
        retire_signing_keys=tuple(sorted(retired - fingerprints)),
        overlap=overlap,
    )


def _print_rotation(receipt: ChangeReceipt) -> None:
    print_line("The change holds for every call from now on.")
    end = f"{receipt.retired_at:%Y-%m-%d %H:%M:%S} UTC" if receipt.retired_at else ""
    print_pairs(
        (
            ("event", f"{receipt.event_id} at log index {receipt.log_index}"),
            ("the old is refused from", end),
        )
    )
    if receipt.retired_at:
        print_line("next: put the new files into the profile before then.")


def _print_content(content: EnrolmentContent) -> None:
    print_pairs(
        (
            ("institution", content.institution),
            ("legal group", content.legal_group),
            ("roles", ", ".join(content.roles)),
            ("jurisdiction", content.jurisdiction),
            ("certificates", ", ".join(content.certificates)),
            ("signing keys", ", ".join(content.signing_keys)),
            ("signed at", f"{content.created_at:%Y-%m-%d %H:%M} UTC"),
        )
    )


def _new_keys(path: Path | None, key_id: str) -> tuple[NamedKey, ...]:
    if (path is None) != (not key_id):
        raise UsageError("a signing key has an id", "Give --signing-key and --signing-key-id.")
    return () if path is None else (NamedKey(key_id, read_signing_key(path)),)


def _certificate(path: Path) -> ClientCertificate:
    return ClientCertificate(_read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "Name a file.") from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", "Name another file."
        ) from error


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None and text != "0":
        raise UsageError("--overlap is a number and d, h, m or s", "Write it like 7d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
