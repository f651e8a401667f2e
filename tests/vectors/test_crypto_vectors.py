"""Published vectors: each file beside this one names its source."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.dsse import DsseEnvelope, DsseSignature, pae
from gateway.crypto.dsse_json import decode_envelope, encode_envelope
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.merkle_proof import (
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gateway.crypto.note_key import NoteSigner, VerifierKey
from gateway.crypto.signed_note import SignedNote, sign_note
from gateway.crypto.tiles import entries_path, tile_count, tile_path, tile_width
from support.crypto_log import reference_nodes

HERE = Path(__file__).parent


def load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


TREE = load("rfc6962_merkle_tree")
NOTES = load("signed_notes")
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in TREE["leaf_inputs"]]
ROOTS = [bytes.fromhex(root) for root in TREE["roots"]]
NODES = reference_nodes(LEAVES)


def read_node(level: int, index: int) -> bytes:
    return NODES[level, index]


def hashes(proof: list[str]) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, proof))


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_merkle_root(size: int) -> None:
    assert CompactRange().extend(LEAVES[:size]).root() == ROOTS[size]


@pytest.mark.parametrize("case", TREE["inclusion"])
def test_inclusion_proof(case: dict[str, Any]) -> None:
    index, size, proof = case["index"], case["size"], hashes(case["proof"])
    assert prove_inclusion(index, size, read_node) == proof
    verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


@pytest.mark.parametrize("case", TREE["consistency"])
def test_consistency_proof(case: dict[str, Any]) -> None:
    old, size, proof = case["old_size"], case["size"], hashes(case["proof"])
    assert prove_consistency(old, size, read_node) == proof
    verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


def test_tile_paths_of_the_specification() -> None:
    """c2sp.org/tlog-tiles, "Merkle Tree" and "Partial Tiles"."""
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert entries_path(1234067, 8) == "tile/entries/x001/x234/067.p/8"
    size = 70_000
    assert [tile_count(level, size) for level in range(4)] == [274, 2, 1, 0]
    assert [tile_width(0, 272, size), tile_width(0, 273, size)] == [256, 112]
    assert [tile_width(1, 0, size), tile_width(1, 1, size)] == [256, 17]
    assert tile_width(2, 0, size) == 1
    assert [tile_width(0, 0, 256), tile_width(1, 0, 256)] == [256, 1]


def test_note_signing_matches_go() -> None:
    seed = base64.b64decode(NOTES["peter"]["signer_seed"])
    signer = NoteSigner("PeterNeumann", SigningKey.from_seed(seed))
    assert signer.verifier_key.encode() == NOTES["peter"]["vkey"]
    note = sign_note(NOTES["text"], signer)
    assert note.encode().decode() == NOTES["text"] + "\n" + NOTES["peter"]["line"]


def test_note_with_two_signatures_matches_go() -> None:
    peter, enoch = (VerifierKey.parse(NOTES[name]["vkey"]) for name in ("peter", "enoch"))
    lines = NOTES["peter"]["line"] + NOTES["enoch"]["line"]
    note = SignedNote.parse((NOTES["text"] + "\n" + lines).encode())
    assert note.verify([peter]) == (peter,)
    assert note.verify([enoch, peter]) == (peter, enoch)


@pytest.mark.parametrize("vkey", NOTES["bad_vkeys"])
def test_verifier_keys_that_go_refuses(vkey: str) -> None:
    with pytest.raises(KeyMaterialError):
        VerifierKey.parse(vkey)


def test_every_mangling_of_a_verifier_key_is_refused() -> None:
    vkey = NOTES["peter"]["vkey"]
    slices = {vkey[i:j] for i in range(len(vkey)) for j in range(i, len(vkey) + 1)} - {vkey}
    bumped = {vkey[:i] + chr(ord(vkey[i]) + 1) + vkey[i + 1 :] for i in range(len(vkey))}
    for mangled in slices | bumped:
        with pytest.raises(KeyMaterialError):
            VerifierKey.parse(mangled)


@pytest.mark.parametrize("case", NOTES["sumdb"]["checkpoints"])
def test_checkpoints_of_a_public_log(case: dict[str, Any]) -> None:
    key = VerifierKey.parse(NOTES["sumdb"]["vkey"])
    origin = NOTES["sumdb"]["origin"]
    checkpoint = open_checkpoint(case["note"].encode(), key, origin)
    assert checkpoint == Checkpoint(origin, case["size"], base64.b64decode(case["root"]))


def test_checkpoint_of_the_specification() -> None:
    raw = NOTES["c2sp"]["note"].encode()
    note = SignedNote.parse(raw)
    assert note.encode() == raw
    assert Checkpoint.parse(note.text).size == NOTES["c2sp"]["size"]
    assert note.signatures[0].key_id.hex() == "033de0ae"


def test_dsse_pae() -> None:
    """github.com/secure-systems-lab/dsse, protocol.md, "Test Vectors"."""
    encoded = pae("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_dsse_json() -> None:
    """The envelope of the same page; its signature is ECDSA, so only the form is checked."""
    sig = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    raw = (
        '{"payload": "aGVsbG8gd29ybGQ=",\n'
        ' "payloadType": "http://example.com/HelloWorld",\n'
        f' "signatures": [{{"sig": "{sig}"}}]}}'
    )
    envelope = decode_envelope(raw.encode())
    assert envelope == DsseEnvelope(
        "http://example.com/HelloWorld",
        b"hello world",
        (DsseSignature("", base64.b64decode(sig)),),
    )
    assert json.loads(encode_envelope(envelope)) == json.loads(raw)


def test_ed25519() -> None:
    """RFC 8032, section 7.1, TEST 1."""
    key = SigningKey.from_seed(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    assert key.public_key.raw.hex() == public
    assert key.sign(b"").hex() == signature
    key.public_key.verify(bytes.fromhex(signature), b"")
