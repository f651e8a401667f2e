"""How a provider's agent is set up, from a TOML file.

Owns the file's form and reading the files that it names. Refuses unknown settings, missing files, a
key that others can read, and anchors that are the very file of the gateway's authorities unless the
profile says so: an authority that the gateway runs could make up contributors.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Self

import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Meta

from clients.agent.binning.data import BinningConfig
from clients.agent.data.config import DataConfig
from clients.agent.errors import AgentError
from clients.agent.pace import DEFAULT_STEP_MS
from clients.agent.policy import LocalPolicy
from clients.agent.subject.data import SubjectConfig
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.statement import Anchors, StatementKey, statement_key
from gateway.domain.policy.document_base import DottedName, InstitutionId

_OTHERS: Final = 0o007
_ADDRESS: Final = re.compile(r"[^\s/:]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", re.ASCII)
_PATHS: Final = ("ca", "certificate", "key", "anchors", "state")


class AgentProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider's agent.

    ``gateway`` is ``host:port``; ``ca`` holds the authorities of the gateway's TLS certificate;
    ``certificate`` and ``key`` are the agent's own (workload ``agent``, P-256, seven days at most;
    replaced files are taken up by themselves). ``anchors`` are the authorities of the network's
    members, got out of band, by which every statement is checked; ``round_key`` is the gateway's
    Ed25519 key for rosters and results (64 hex digits), likewise. ``state`` is a folder of this
    agent alone.

    Raises:
        AgentError: a setting contradicts this.
    """

    gateway: str
    ca: Path
    certificate: Path
    key: Path
    institution: InstitutionId
    trust_domain: str = "veilgate.example"
    anchors: Path
    round_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    state: Path
    log_verifier_key: str | None = None
    """The audit log's verifier key (C2SP signed-note), got out of band: without it this agent does
    not see that the asker was shown another result."""
    anchors_of_the_gateway: bool = False
    """True lets ``anchors`` be the content of ``ca``: for development homes."""
    answer_step_ms: Annotated[int, Meta(ge=0, le=2_000)] = DEFAULT_STEP_MS
    """Answers go out at multiples of it after their order, so that a gateway sees no more of how
    long the work took; 0 sends them at once."""
    policy: LocalPolicy
    data: DataConfig
    subjects: dict[DottedName, SubjectConfig] = {}
    """Indexes by dataset, for questions about one subject."""
    binning: BinningConfig | None = None

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not _ADDRESS.fullmatch(self.gateway):
            raise AgentError(
                "`gateway` is not an address", 'Write host and port: gateway = "localhost:7443".'
            )

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a profile; paths in it are relative to its folder.

        Raises:
            AgentError: it cannot be read, or is no profile.
        """
        file = Path(path)
        try:
            profile = msgspec.toml.decode(file.read_bytes(), type=cls, dec_hook=_path)
        except OSError as error:
            raise AgentError(
                f"the profile {file} cannot be read: {error.strerror}",
                "Give one that you may read.",
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise AgentError(
                f"the profile {file} is refused: {error}", "Correct what is named."
            ) from error
        paths = {name: file.parent / getattr(profile, name) for name in _PATHS}
        subjects = {
            name: msgspec.structs.replace(one, index=str(file.parent / one.index))
            for name, one in profile.subjects.items()
        }
        binning = profile.binning and profile.binning.below(file.parent)
        data = profile.data.below(file.parent)
        return msgspec.structs.replace(
            profile, data=data, subjects=subjects, binning=binning, **paths
        )

    def read_anchors(self) -> Anchors:
        """Return the authorities that statements are checked by.

        Raises:
            AgentError: they cannot be read, are none, or are the gateway's without being meant.
        """
        pem = _read(self.anchors)
        if not self.anchors_of_the_gateway and pem.strip() == _read(self.ca).strip():
            raise AgentError(
                "`anchors` are the authorities of the gateway's own certificate",
                "Get the members' authority out of band; a development home may set"
                " anchors_of_the_gateway = true.",
            )
        try:
            return Anchors(pem, self.trust_domain)
        except CryptoError as error:
            raise AgentError(f"`anchors` cannot be used: {error}", "Give PEM certificates.") from (
                error
            )

    def read_round_key(self) -> PublicKey:
        """Return the gateway's pinned key; raises ``AgentError`` where it is none."""
        try:
            return PublicKey(bytes.fromhex(self.round_key))
        except CryptoError as error:
            raise AgentError(f"`round_key` cannot be used: {error}", "Ask its operator.") from error

    def read_log_key(self) -> VerifierKey | None:
        """Return the audit log's pinned key, if any; raises ``AgentError`` where it is none."""
        if self.log_verifier_key is None:
            return None
        try:
            return VerifierKey.parse(self.log_verifier_key)
        except (CryptoError, ValueError):
            raise AgentError(
                "`log_verifier_key` cannot be used", "Write name+hash+base64, as `init` prints it."
            ) from None

    def read_statement_key(self) -> StatementKey:
        """Return what this agent signs with, as the files are now.

        Raises:
            AgentError: a file cannot be read or used, or everybody can read the key.
        """
        try:
            if self.key.stat().st_mode & _OTHERS:
                raise AgentError(
                    f"{self.key} can be read by every user of the machine", f"chmod 600 {self.key}"
                )
        except OSError as error:
            raise _unreadable(self.key, error) from error
        try:
            key = load_pem_private_key(_read(self.key), password=None)
            return statement_key(key, _read(self.certificate))
        except (CryptoError, ValueError, TypeError):
            raise AgentError(
                "the agent's key and certificate do not go together, or are not on P-256",
                "Give a PEM key without a password, and its certificate.",
            ) from None

    def connection(self) -> ClientProfile:
        """Return what the connection to the gateway is made from."""
        return ClientProfile(
            gateway=self.gateway,
            ca=self.ca,
            certificate=self.certificate,
            key=self.key,
            institution=self.institution,
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> AgentError:
    return AgentError(f"{path} cannot be read: {error.strerror}", "Check the profile's paths.")


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"{kind.__name__} is not supported")
