"""How a provider's server listens and whom it answers, from a TOML file.

Owns the file's form. Refuses unknown settings, missing files, and a key that others can read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Self

import msgspec
from msgspec import Meta

from clients.provider.errors import ProviderError

_OTHERS: Final = 0o007
_LISTEN: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s/:]+):[0-9]{1,5}", re.ASCII)


class ProviderProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider's server.

    ``listen`` is ``host:port``, port 0 for any. ``certificate`` and ``key`` are its own PEM files,
    ``ca`` those of the authorities that sign the gateway's certificate, which must carry
    ``spiffe://<trust_domain>/institution/<one of gateways>/workload/<any>``. At most
    ``max_concurrent`` look-ups run at once; each call ends within ``timeout_ms``, or sooner by the
    gateway's own deadline.

    Raises:
        ProviderError: a setting contradicts this.
    """

    listen: str
    certificate: Path
    key: Path
    ca: Path
    gateways: Annotated[tuple[str, ...], Meta(min_length=1)]
    trust_domain: str = "veilgate.example"
    max_concurrent: Annotated[int, Meta(ge=1, le=10_000)] = 32
    timeout_ms: Annotated[int, Meta(ge=10, le=60_000)] = 5_000

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not _LISTEN.fullmatch(self.listen):
            raise ProviderError("`listen` is no address", "Write host and port: localhost:7543.")

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a profile; paths in it are relative to its folder.

        Raises:
            ProviderError: it cannot be read, or is no profile.
        """
        file = Path(path)
        try:
            profile = msgspec.toml.decode(file.read_bytes(), type=cls, dec_hook=_path)
        except OSError as error:
            raise ProviderError(
                f"the profile {file} cannot be read: {error.strerror}",
                "Give one that you may read.",
            ) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ProviderError(
                f"the profile {file} is refused: {error}", "Correct what is named."
            ) from error
        folder = file.parent
        return msgspec.structs.replace(
            profile,
            certificate=folder / profile.certificate,
            key=folder / profile.key,
            ca=folder / profile.ca,
        )

    def read_tls(self) -> tuple[bytes, bytes, bytes]:
        """Return key, certificate and authorities.

        Raises:
            ProviderError: a file cannot be read, or the key can be read by everybody.
        """
        try:
            if self.key.stat().st_mode & _OTHERS:
                raise ProviderError(
                    f"{self.key} can be read by every user of the machine", f"chmod 600 {self.key}"
                )
            return self.key.read_bytes(), self.certificate.read_bytes(), self.ca.read_bytes()
        except OSError as error:
            raise ProviderError(
                f"{error.filename} cannot be read: {error.strerror}", "Check the profile's paths."
            ) from error


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"{kind.__name__} is not supported")
