"""Checkpoints: strict text, and opened only for the log that they name."""

import base64

import pytest

from gateway.crypto.checkpoint import (
    Checkpoint,
    CheckpointError,
    open_checkpoint,
    sign_checkpoint,
)
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.merkle import EMPTY_ROOT
from gateway.crypto.note_key import NoteSigner
from gateway.crypto.signed_note import sign_note

LOG = NoteSigner("log.example/a", SigningKey.from_seed(b"\x01" * 32))
OTHER = NoteSigner("log.example/a", SigningKey.from_seed(b"\x02" * 32))
ROOT = bytes(range(32))
ROOT64 = base64.b64encode(ROOT).decode()
CHECKPOINT = Checkpoint("log.example/a", 42, ROOT)


def test_the_text_and_its_extensions() -> None:
    assert CHECKPOINT.encode() == f"log.example/a\n42\n{ROOT64}\n"
    extended = Checkpoint.parse(CHECKPOINT.encode() + "one\ntwo\n")
    assert extended == Checkpoint("log.example/a", 42, ROOT, ("one", "two"))
    assert extended.encode() == CHECKPOINT.encode() + "one\ntwo\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n42\n",
        f"log\n42\n{ROOT64}",
        f"\n42\n{ROOT64}\n",
        f"log\n042\n{ROOT64}\n",
        f"log\n+42\n{ROOT64}\n",
        f"log\n-42\n{ROOT64}\n",
        f"log\n 42\n{ROOT64}\n",
        f"log\n4_2\n{ROOT64}\n",
        f"log\n\u0664\u0662\n{ROOT64}\n",
        f"log\n\n{ROOT64}\n",
        f"log\n9223372036854775808\n{ROOT64}\n",
        f"log\n3438945738945739845734895735\n{ROOT64}\n",
        f"log\n42\n{ROOT64[:-1]}\n",
        f"log\n42\n{ROOT64} \n",
        "log\n42\nYmFuYW5hcw==\n",
        f"log\n42\n{ROOT64}\n\n",
        f"log\n42\n{ROOT64}\nbell\x07\n",
        f"log\n0\n{ROOT64}\n",
    ],
)
def test_malformed_texts_are_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [("", 1, ROOT), ("a\nb", 1, ROOT), ("a", -1, ROOT), ("a", 1, ROOT[:31]), ("a", 0, ROOT)],
)
def test_checkpoints_that_cannot_be(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(CryptoError):
        Checkpoint(origin, size, root)


def test_an_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint("log.example/a", 0, EMPTY_ROOT)
    assert Checkpoint.parse(empty.encode()) == empty


def test_it_opens_with_the_key_of_its_log_only() -> None:
    raw = sign_checkpoint(CHECKPOINT, LOG).encode()
    assert open_checkpoint(raw, LOG.verifier_key) == CHECKPOINT
    with pytest.raises(SignatureError):
        open_checkpoint(raw, OTHER.verifier_key)
    with pytest.raises(SignatureError):
        open_checkpoint(raw.replace(b"42", b"43"), LOG.verifier_key)


def test_it_opens_for_the_log_that_it_names_only() -> None:
    elsewhere = Checkpoint("log.example/b", 42, ROOT)
    raw = sign_checkpoint(elsewhere, LOG).encode()
    assert open_checkpoint(raw, LOG.verifier_key, "log.example/b") == elsewhere
    with pytest.raises(CheckpointError):
        open_checkpoint(raw, LOG.verifier_key)


def test_another_text_that_the_log_signed_is_no_checkpoint() -> None:
    with pytest.raises(CheckpointError):
        open_checkpoint(sign_note("log.example/a\nhello\n", LOG).encode(), LOG.verifier_key)
