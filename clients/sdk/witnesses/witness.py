"""A witness of a gateway's audit log: it vouches that the log only grew since it last looked.

Owns one step: fetch, check, remember, cosign, submit, in this order (<https://c2sp.org/tlog-witness>).
What it vouched for is on its disk before the cosignature leaves, so that no crash lets it vouch for
two histories. Refuses, for good, a log that does not go on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from clients.sdk.errors import VeilgateError
from clients.sdk.failure import SdkError
from clients.sdk.logs.verification import VerificationError, opened
from clients.sdk.models.common import ConsistencyProof, Cosigned, SignedCheckpoint
from clients.sdk.reasons import ErrorReason
from clients.sdk.witnesses.evidence import MEANINGS, Evidence
from clients.sdk.witnesses.state import WitnessState
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.cosignature import Cosigner, cosign, verify_cosignature
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.witness import WitnessError, WitnessRefusal, advance
from gateway.crypto.witness_policy import require_independent

REFRESH_S: Final = 900
"""After which a checkpoint that is still the latest is cosigned again, with a new time."""
_PROOFS: Final = 3
"""How often a log may try to show that it goes on, before that it cannot counts as its answer."""


class WitnessedLog(Protocol):
    """What a witness asks of a gateway; ``VeilgateClient`` is one."""

    def checkpoint(self) -> SignedCheckpoint: ...  # noqa: D102

    def consistency_proof(self, old_size: int, new_size: int) -> ConsistencyProof: ...  # noqa: D102

    def add_cosignature(self, tree_size: int, signature_line: str) -> Cosigned: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A checkpoint that was vouched for; ``previous_size`` is None at the first.

    ``cosigned`` is False where this witness's recent cosignature stood under it already. The counts
    are the gateway's word.
    """

    checkpoint: Checkpoint
    previous_size: int | None
    cosigned: bool
    cosignatures: int
    required: int


class WitnessStopped(SdkError):
    """The witness does not cosign this log any more; ``evidence`` is the folder that says why.

    ``refusal`` is None where it had stopped before.
    """

    def __init__(self, refusal: WitnessRefusal | None, evidence: Path, stop_file: Path) -> None:
        what = "the witness has stopped" if refusal is None else MEANINGS[refusal]
        super().__init__(
            f"{what} The evidence is in {evidence}.",
            "Show that folder to the other witnesses, to the log's auditors and to its operator. "
            f"To witness this log again, when that is settled, remove {stop_file}.",
        )
        self.refusal = refusal
        self.evidence = evidence


class Witness:
    """One witness of one log. ``clock`` gives Unix seconds.

    Raises:
        WitnessPolicyError: the witness's key is the log's own.
    """

    def __init__(
        self,
        log: WitnessedLog,
        log_key: VerifierKey,
        cosigner: Cosigner,
        state: WitnessState,
        clock: Callable[[], float] = time.time,
    ) -> None:
        require_independent(log_key, [cosigner.verifier_key])
        self._log = log
        self._log_key = log_key
        self._cosigner = cosigner
        self._state = state
        self._clock = clock

    def check_and_cosign(self) -> Witnessed:
        """Look at the log once, and vouch for its latest checkpoint.

        Raises:
            WitnessStopped: the log does not go on from what it signed, now or before.
            VerificationError: what came is not signed by the log's key.
            VeilgateError: the gateway refused, or cannot be reached.
            SdkError: the state cannot be read or written.
        """
        self._require_going()
        last = self._state.last(self._log_key)
        signed, offered = self._checked(last)
        previous_size = None if last is None else last[0].size
        if previous_size == offered.size and self._is_fresh(signed.note):
            counts = (signed.cosignatures, signed.required)
            return Witnessed(offered, previous_size, False, *counts)
        if previous_size != offered.size:
            self._state.remember(signed.note)
        line = cosign(SignedNote.parse(signed.note), self._cosigner, int(self._clock()))
        counted = self._log.add_cosignature(offered.size, line.encode().removesuffix("\n"))
        return Witnessed(offered, previous_size, True, counted.cosignatures, counted.required)

    def _require_going(self) -> None:
        stop_file = self._state.stop_file
        if stop_file.exists():
            evidence = Path(stop_file.read_text("utf-8").strip())
            raise WitnessStopped(None, evidence, stop_file)

    def _checked(
        self, last: tuple[Checkpoint, bytes] | None
    ) -> tuple[SignedCheckpoint, Checkpoint]:
        """Return a checkpoint that continues the last one, or stop."""
        for attempt in range(1, _PROOFS + 1):
            signed = self._log.checkpoint()
            offered = opened(signed.note, self._log_key)
            proof = self._proof(last, offered)
            try:
                known = None if last is None else last[0]
                return signed, advance(known, signed.note, self._log_key, proof)
            except WitnessError as refused:
                final = refused.refusal is not WitnessRefusal.BAD_PROOF or attempt == _PROOFS
                if last is None:
                    raise VerificationError("the log's first checkpoint is malformed") from refused
                if final:
                    self._stop(refused, Evidence(last[1], signed.note, proof))
        raise AssertionError("the last attempt returns or raises")

    def _proof(
        self, last: tuple[Checkpoint, bytes] | None, offered: Checkpoint
    ) -> tuple[bytes, ...]:
        if last is None or not 0 < last[0].size < offered.size:
            return ()
        try:
            return self._log.consistency_proof(last[0].size, offered.size).hashes
        except VeilgateError as error:
            if error.reason != ErrorReason.LOG_ENTRY_NOT_FOUND:
                raise
            # The log has not got the entries that it signed: there is no proof, and none joins.
            return ()

    def _stop(self, refused: WitnessError, evidence: Evidence) -> None:
        now = datetime.fromtimestamp(int(self._clock()), UTC)
        previous = refused.previous
        report = {
            "refusal": refused.refusal.name,
            "meaning": MEANINGS[refused.refusal],
            "seen_at": now.isoformat(),
            "log_key": self._log_key.encode(),
            "witness": self._cosigner.verifier_key.encode(),
            "previous": None if previous is None else _shown(previous),
            "offered": _shown(refused.offered),
        }
        name = f"{now:%Y%m%dT%H%M%SZ}-{refused.refusal.name.lower()}"
        folder = self._state.stop(name, evidence, report)
        raise WitnessStopped(refused.refusal, folder, self._state.stop_file) from refused

    def _is_fresh(self, note: bytes) -> bool:
        try:
            at = verify_cosignature(SignedNote.parse(note), self._cosigner.verifier_key)
        except CryptoError:
            return False
        return abs(self._clock() - at) < REFRESH_S


def _shown(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
    }
