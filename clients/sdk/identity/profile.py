"""Who this client is and which gateway it calls, from a TOML file.

Owns the file's form. Refuses unknown keys, missing files and half a signing key. Holds paths only:
the private keys are read where they are used.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from clients.sdk.failure import SdkError

_ADDRESS = re.compile(r"[^\s/:]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", re.ASCII)
_INSTITUTION = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)
_REQUIRED = ("gateway", "ca", "certificate", "key", "institution")
_PATHS = (
    *("ca", "certificate", "key", "signing_key"),
    *("statement_certificate", "statement_key", "anchors"),
)


class ProfileError(SdkError):
    """The profile cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProfile:
    """A client's identity at one gateway.

    ``gateway`` is ``host:port``; ``ca``, ``certificate`` and ``key`` are PEM files for mutual TLS;
    ``signing_key`` (Ed25519, PKCS #8 PEM) and ``signing_key_id`` sign consents, both or neither;
    ``log_verifier_key`` is the audit log's verifier key (C2SP signed-note), got out of band;
    ``receipt_key`` is the gateway's key for consent receipts (Ed25519, 64 hex digits), likewise,
    and ``reference_key`` the public key of its references (ristretto255, 64 hex digits).

    A keyholder's has, too: ``statement_certificate`` and ``statement_key`` (PEM, workload
    ``keyholder``), ``anchors`` (PEM, of the institutions' authorities, in ``trust_domain``),
    ``round_key`` (Ed25519, 64 hex digits) and ``keyholder_state``, a folder of its own.

    Raises:
        ProfileError: a field contradicts this.
    """

    gateway: str
    ca: Path
    certificate: Path
    key: Path
    institution: str
    signing_key: Path | None = None
    signing_key_id: str | None = None
    log_verifier_key: str | None = None
    receipt_key: str | None = None
    reference_key: str | None = None
    statement_certificate: Path | None = None
    statement_key: Path | None = None
    anchors: Path | None = None
    trust_domain: str | None = None
    round_key: str | None = None
    keyholder_state: Path | None = None

    def __post_init__(self) -> None:
        """Refuse fields that contradict the class's description."""
        if not _ADDRESS.fullmatch(self.gateway):
            raise ProfileError(
                "`gateway` is not an address", 'Write host and port: gateway = "localhost:7443".'
            )
        if not _INSTITUTION.fullmatch(self.institution):
            raise ProfileError(
                "`institution` is not an institution's id",
                'Write the id under which the gateway registered you: institution = "lender-a".',
            )
        if (self.signing_key is None) != (self.signing_key_id is None):
            raise ProfileError(
                "`signing_key` and `signing_key_id` go together",
                "Set both to grant consents, or neither.",
            )

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a profile; paths in it are relative to its folder.

        Raises:
            ProfileError: the file or one that it names is missing, or its content is not a profile.
        """
        file = Path(path)
        texts = _read_texts(file)
        _require_known(file, texts)
        paths = {name: file.parent / texts[name] for name in _PATHS if name in texts}
        for name, target in paths.items():
            _require_file(file, name, target)
        state = texts.get("keyholder_state")
        return cls(
            gateway=texts["gateway"],
            ca=paths["ca"],
            certificate=paths["certificate"],
            key=paths["key"],
            institution=texts["institution"],
            signing_key=paths.get("signing_key"),
            signing_key_id=texts.get("signing_key_id"),
            log_verifier_key=texts.get("log_verifier_key"),
            receipt_key=texts.get("receipt_key"),
            reference_key=texts.get("reference_key"),
            statement_certificate=paths.get("statement_certificate"),
            statement_key=paths.get("statement_key"),
            anchors=paths.get("anchors"),
            trust_domain=texts.get("trust_domain"),
            round_key=texts.get("round_key"),
            keyholder_state=file.parent / state if state else None,
        )


def _read_texts(file: Path) -> dict[str, str]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(
            f"the profile {file} cannot be read: {error.strerror}",
            "Give the path of a client profile (TOML) that you may read.",
        ) from error
    except ValueError as error:
        raise ProfileError(
            f"the profile {file} is not TOML: {error}", "Correct it at the place that is named."
        ) from error
    for name, value in document.items():
        if not isinstance(value, str) or not value:
            raise ProfileError(
                f"`{name}` in {file} is not a text", f'Write {name} = "..." with a value.'
            )
    return document


def _require_known(file: Path, texts: dict[str, str]) -> None:
    known = {one.name for one in fields(ClientProfile)}
    unknown = sorted(set(texts) - known)
    if unknown:
        raise ProfileError(
            f"{file} has the unknown key `{unknown[0]}`",
            f"Remove it; the keys are {', '.join(sorted(known))}.",
        )
    missing = [name for name in _REQUIRED if name not in texts]
    if missing:
        raise ProfileError(f"{file} lacks `{missing[0]}`", f'Add {missing[0]} = "..." to it.')


def _require_file(file: Path, name: str, target: Path) -> None:
    if not target.is_file():
        raise ProfileError(
            f"`{name}` in {file} names {target}, which is not a file",
            f"Put the file there, or correct `{name}`; paths are relative to the profile.",
        )
