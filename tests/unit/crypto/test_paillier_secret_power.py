"""Powers with secret exponents: the same from whoever computes them, and by gmpy2 where nobody can.

Nothing here measures time: that both functions take the same time whatever the numbers is their
makers' word.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import gmpy2
import pytest

from gateway.crypto.paillier import secret_power as module
from gateway.crypto.paillier.secret_power import OpenSslPower, secret_power
from support.paillier_keys import key, phe_number, phe_pair

KEY = key("veilgate_3072")
DRAWN = random.Random(7)


@pytest.mark.parametrize("modulus", [KEY.p, KEY.p**2, 3, (1 << 64) - 59, (1 << 1024) - 105])
def test_it_is_the_power(modulus: int) -> None:
    exponents = (1, 2, modulus - 1, 1 << modulus.bit_length(), DRAWN.getrandbits(700) | 1)
    bases = (0, 1, 2, modulus - 1, modulus, modulus + 5, DRAWN.randrange(modulus))
    for exponent in exponents:
        for base in bases:
            assert secret_power(base, exponent, modulus) == gmpy2.powmod(base, exponent, modulus)


def test_threads_do_not_disturb_each_other() -> None:
    bases = [DRAWN.randrange(KEY.p) for _ in range(40)]
    with ThreadPoolExecutor(4) as pool:
        powers = list(pool.map(lambda base: secret_power(base, KEY.q, KEY.p), bases))
    assert powers == [gmpy2.powmod(base, KEY.q, KEY.p) for base in bases]


def test_a_refused_power_is_an_error_and_not_a_number() -> None:
    power = module._best()
    if isinstance(power, OpenSslPower):
        with pytest.raises(ArithmeticError):
            power(3, 5, 8)


def test_a_library_without_the_functions_is_refused() -> None:
    with pytest.raises(AttributeError):
        OpenSslPower(gmpy2.gmpy2.__file__)
    with pytest.raises(OSError, match="none"):
        OpenSslPower("none")


def _missing() -> ModuleType:
    raise ImportError


def _other() -> ModuleType:
    found: ModuleType = gmpy2.gmpy2
    return found


@pytest.mark.parametrize("linked", [_missing, _other, lambda: ModuleType("built in")])
def test_where_openssl_cannot_be_called_gmpy2_computes(
    linked: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_linked", linked)
    found = module._best.__wrapped__()
    assert found is gmpy2.powmod_sec
    monkeypatch.setattr(module, "_best", lambda: found)
    public, private = phe_pair(KEY)
    c = KEY.public_key.encrypt_raw(77)
    assert KEY.decrypt(c) == private.decrypt(phe_number(public, c)) == 77


def test_a_library_that_computes_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN", (3, 2, 7))
    monkeypatch.setattr(module, "pow", lambda *_: 3, raising=False)
    assert module._best.__wrapped__() is gmpy2.powmod_sec
