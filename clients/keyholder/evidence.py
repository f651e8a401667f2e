"""What a keyholder keeps of a result that does not hold, for others to judge.

Owns the files, in ``evidence`` of the keyholder's folder, in the form that agents' files have: what
came with the result, as it was signed, and no ciphertext. Refuses a second file of the same round
and reason, and more than 32 of a reason: what comes from a gateway must not fill the disk.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from clients.keyholder.calls import Received
from clients.keyholder.errors import Wrong
from clients.keyholder.files import NameTaken, write_new

FOLDER: Final = "evidence"
MOST: Final = 32


def keep_evidence(
    folder: Path, wrong: Wrong, question: bytes, contract: bytes, received: Received
) -> Path | None:
    """Keep what came for a question, as it was signed; returns the file, None where it is full.

    Raises:
        KeyholderError: it cannot be written.
    """
    round_id = msgspec.json.decode(question, type=dict)["id"]
    path = folder / FOLDER / f"{round_id}.{wrong.value}.json"
    if len(list(path.parent.glob(f"*.{wrong.value}.json"))) >= MOST:
        return None
    result = {
        "result": received.result,
        "checkpoint": received.checkpoint,
        "event": received.release_event,
        "inclusion": received.inclusion,
    }
    said = {
        "word": wrong.value,
        "round": round_id,
        "question": question,
        "contract": contract,
        "roster": {"roster": received.roster, "readies": received.readies},
        "result": result,
    }
    with suppress(NameTaken):
        write_new(path, msgspec.json.encode(said))
    return path
