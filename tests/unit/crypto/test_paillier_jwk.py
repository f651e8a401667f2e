"""Key files: phe reads what we write, and malformed ones are refused."""

import json
from typing import Any

import phe.util
import pytest

from gateway.crypto.paillier import PaillierKeyError, Reason
from gateway.crypto.paillier.jwk import (
    MAX_TEXT,
    export_private,
    export_public,
    import_private,
    import_public,
)
from support.paillier_keys import key

PRIVATE: dict[str, Any] = json.loads(export_private(key(), "lender"))
PUBLIC: dict[str, Any] = PRIVATE["pub"]


def test_phe_reads_the_numbers_that_we_write() -> None:
    assert phe.util.base64_to_int(PUBLIC["n"]) == key().public_key.n
    assert (PRIVATE["p"], PRIVATE["q"]) == tuple(map(phe.util.int_to_base64, (key().p, key().q)))
    assert (PUBLIC["kty"], PUBLIC["alg"], PRIVATE["kty"]) == ("DAJ", "PAI-GN1", "DAJ")
    assert "decrypt" in PRIVATE["key_ops"]
    assert json.loads(export_public(key().public_key, "lender")) == PUBLIC


def test_unknown_members_are_passed_over() -> None:
    assert import_public(json.dumps(PUBLIC | {"use": "enc"}), 2048) == key().public_key


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "RSA"},
        {"kty": None},
        {"alg": "PAI-GN2"},
        {"n": None},
        {"n": 5},
        {"n": ""},
        {"n": "AA" + PUBLIC["n"]},
        {"n": PUBLIC["n"] + "=="},
        {"n": PUBLIC["n"][:-1]},
        {"n": "+" + PUBLIC["n"][1:]},
        {"n": PUBLIC["n"] + "\n"},
        {"n": PUBLIC["n"][:-1] + "\u00e9"},
    ],
)
def test_a_malformed_public_key_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(PaillierKeyError) as refused:
        import_public(json.dumps(PUBLIC | changed), 2048)
    assert refused.value.reason in (Reason.KEY_FORMAT, Reason.MODULUS_LENGTH)
    assert changed.get("n") == PUBLIC["n"][:-1] or refused.value.reason is Reason.KEY_FORMAT


@pytest.mark.parametrize(
    "changed",
    [
        {"kty": "RSA"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "decrypt"},
        {"key_ops": None},
        {"pub": None},
        {"pub": "x"},
        {"pub": PUBLIC | {"alg": "x"}},
        {"p": None},
        {"q": "!"},
    ],
)
def test_a_malformed_private_key_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(PaillierKeyError) as refused:
        import_private(json.dumps(PRIVATE | changed), 2048)
    assert refused.value.reason is Reason.KEY_FORMAT


def test_numbers_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(PaillierKeyError) as refused:
        import_private(json.dumps(PRIVATE | {"p": PRIVATE["q"]}), 2048)
    assert refused.value.reason is Reason.PRIMES_DIFFER_FROM_MODULUS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 10_000,
        json.dumps(PUBLIC)[:-1] + ', "kty": "DAJ"}',
        '{"n": ' + "9" * 10_000 + "}",
        json.dumps(PUBLIC) + " " * MAX_TEXT,
    ],
)
def test_what_is_no_key_file_is_refused(text: str) -> None:
    for read in (import_public, import_private):
        with pytest.raises(PaillierKeyError) as refused:
            read(text, 2048)
        assert refused.value.reason is Reason.KEY_FORMAT
    assert import_public(json.dumps(PUBLIC), 2048)
