"""``witnesses.yaml``: what a policy of witnesses is, and what is refused with its reason."""

import shutil
from pathlib import Path

import pytest

from gateway.adapters.policy_files.witness_keys import witness_policy
from gateway.adapters.policy_files.yaml_policies import PolicyFileError, read_policies
from gateway.crypto.cosignature import Cosigner
from gateway.domain.policy.compile import compile_policies
from support.crypto_log import SIGNER, VKEY
from support.crypto_witness import COSIGNERS, WITNESSES

SHIPPED = Path(__file__).parents[4] / "policies"
ONE, TWO, THREE = (key.encode() for key in WITNESSES[:3])
TWICE = Cosigner("witness.example/twice", COSIGNERS[0].signing_key).verifier_key.encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


def entry(key: str, name: str = "", institution: str = "witness-1") -> str:
    name = name or key.split("+")[0]
    return f'  - name: {name}\n    key: "{key}"\n    institution: {institution}\n'


def write(folder: Path, *entries: str, required: object = 1, end: str = "...\n") -> None:
    text = f"version: 1\nrequired: {required}\nwitnesses:\n{''.join(entries)}{end}"
    (folder / "witnesses.yaml").write_text(text, "utf-8")


def test_without_the_file_there_is_no_policy_of_witnesses(folder: Path) -> None:
    bundle = read_policies(folder)
    assert bundle.documents.witnesses is None
    assert compile_policies(bundle.documents).witnesses is None


def test_the_policy_is_read_compiled_and_in_the_digest(folder: Path) -> None:
    before = read_policies(folder).digest
    write(folder, entry(ONE), entry(TWO, institution="other"), entry(THREE), required=2)
    bundle = read_policies(folder)
    assert "witnesses.yaml" in bundle.files
    assert bundle.digest != before
    compiled = compile_policies(bundle.documents).witnesses
    assert compiled is not None
    assert [one.institution for one in compiled.witnesses] == ["witness-1", "other", "witness-1"]
    policy = witness_policy(compiled)
    assert (policy.witnesses, policy.required) == (WITNESSES[:3], 2)


@pytest.mark.parametrize(
    ("entries", "required", "what"),
    [
        ((entry(ONE),), 2, "more witnesses are required than there are"),
        ((entry(ONE),), 0, ">= 1"),
        ((entry(ONE),), "two", "Expected `int`"),
        ((), 1, "a key without a value"),
        ((entry(ONE), entry(ONE)), 1, "two witnesses have one name"),
        ((entry(ONE), entry(TWICE)), 1, "share a name or a public key"),
        ((entry(VKEY),), 1, "type 0x04"),
        ((entry(ONE, name="witness.example/other"),), 1, "has another name"),
        ((entry(ONE[:-4] + "AAA="),), 1, "the key of witness.example/0"),
        ((entry("witness.example/0+c74f20a3"),), 1, "matching regex"),
        ((entry(ONE, institution="Not An Id"),), 1, "matching regex"),
        ((entry(ONE) + "    more: 1\n",), 1, "unknown field `more`"),
    ],
)
def test_what_is_no_policy_is_refused(
    folder: Path, entries: tuple[str, ...], required: object, what: str
) -> None:
    write(folder, *entries, required=required)
    with pytest.raises(PolicyFileError) as caught:
        read_policies(folder)
    assert caught.value.path == "witnesses.yaml"
    assert what in caught.value.what


def test_a_torn_file_is_refused(folder: Path) -> None:
    write(folder, entry(ONE), entry(TWO), required=1, end="")
    with pytest.raises(PolicyFileError):
        read_policies(folder)


def test_the_logs_own_key_is_no_witness_even_as_one(folder: Path) -> None:
    """The file cannot know the log's key; who counts does."""
    from gateway.adapters.keys.witness_signatures import NoteWitnesses

    own = Cosigner("witness.example/own", SIGNER.signing_key).verifier_key.encode()
    write(folder, entry(own), entry(ONE), required=1)
    document = read_policies(folder).documents.witnesses
    assert document is not None
    assert NoteWitnesses(VKEY).identities(document) == (
        f"{WITNESSES[0].name}+{WITNESSES[0].key_id.hex()}",
    )
