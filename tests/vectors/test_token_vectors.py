"""RFC 5297, appendix A, and the samples that NIST publishes to SP 800-38G."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.crypto.ff1 import Ff1

FOLDER = Path(__file__).parent
SIV = json.loads((FOLDER / "rfc5297_aes_siv.json").read_text(encoding="utf-8"))
FF1 = json.loads((FOLDER / "nist_ff1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SIV["cases"], ids=lambda case: case["name"])
def test_the_aes_siv_that_tokens_are_made_with(case: dict[str, Any]) -> None:
    key, plain, output = (bytes.fromhex(case[name]) for name in ("key", "plaintext", "output"))
    associated = [bytes.fromhex(one) for one in case["associated"]]
    assert AESSIV(key).encrypt(plain, associated) == output
    assert AESSIV(key).decrypt(output, associated) == plain


def test_all_nine_samples_are_there() -> None:
    assert len({tuple(one) for one in FF1["samples"]}) == 9


@pytest.mark.parametrize("sample", FF1["samples"])
def test_ff1(sample: tuple[str, int, str, str, str]) -> None:
    key, radix, tweak, plain, image = sample
    ff1 = Ff1(bytes.fromhex(FF1["keys"][key]), radix)
    assert ff1.encrypt(bytes.fromhex(tweak), plain) == image
    assert ff1.decrypt(bytes.fromhex(tweak), image) == plain
