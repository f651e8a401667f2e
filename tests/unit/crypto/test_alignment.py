"""Private alignment over ristretto255: what matches, and what is refused."""

import random

import pytest

from gateway.crypto.alignment import (
    AlignmentError,
    AlignmentKey,
    dummies,
    match,
    require_elements,
    split,
)
from gateway.crypto.alignment_work import blinded, checked, raised
from gateway.crypto.ristretto import IDENTITY, ORDER, group
from gateway.crypto.workers import Workers

KIND = "CN_RESIDENT_ID"


def _names(*numbers: int) -> list[bytes]:
    return [b"%018d" % number for number in numbers]


def test_two_parties_find_the_same_people_and_no_others() -> None:
    ours, theirs = AlignmentKey.generate(), AlignmentKey.generate()
    a = ours.blind(KIND, _names(1, 2, 3, 4))
    b = theirs.blind(KIND, _names(9, 3, 1))
    pairs = match(theirs.raise_all(a), ours.raise_all(b))
    assert pairs == {1: 2, 2: 0}


def test_blinding_is_another_for_every_job_and_kind() -> None:
    key = AlignmentKey.generate()
    once = key.blind(KIND, _names(1))
    assert AlignmentKey.generate().blind(KIND, _names(1)) != once
    assert key.blind("US_SSN", _names(1)) != once
    assert key.blind(KIND, _names(1)) == once


def test_nobody_without_the_key_tells_whose_an_element_is() -> None:
    key, other = AlignmentKey.generate(), AlignmentKey.generate()
    element = key.blind(KIND, _names(1))
    tried = {other.blind(KIND, _names(number)) for number in range(100)}
    assert element not in tried


def test_dummies_match_nobody() -> None:
    ours, theirs = AlignmentKey.generate(), AlignmentKey.generate()
    filled = theirs.blind(KIND, _names(1)) + dummies(20)
    assert len(set(split(filled))) == 21
    pairs = match(theirs.raise_all(ours.blind(KIND, _names(*range(50)))), ours.raise_all(filled))
    assert pairs == {0: 1}


@pytest.mark.parametrize(
    "elements",
    [
        IDENTITY,
        b"\xff" * 32,
        (2).to_bytes(32, "little")[:-1] + b"\x80",
        b"\x01" + bytes(31),
    ],
    ids=["identity", "not canonical", "high bit", "odd"],
)
def test_an_invalid_element_is_refused(elements: bytes) -> None:
    honest = AlignmentKey.generate().blind(KIND, _names(1, 2))
    with pytest.raises(AlignmentError):
        require_elements(honest + elements, 3)


def test_elements_there_twice_or_of_another_number_are_refused() -> None:
    honest = AlignmentKey.generate().blind(KIND, _names(1, 2))
    require_elements(honest, 2)
    for elements, count in ((honest, 3), (honest, 1), (honest[:-1], 2), (honest * 2, 4)):
        with pytest.raises(AlignmentError):
            require_elements(elements, count)


def test_a_match_of_doubled_results_is_refused() -> None:
    ours = AlignmentKey.generate().blind(KIND, _names(1, 2))
    with pytest.raises(AlignmentError):
        match(ours, ours[:32] * 2)
    with pytest.raises(AlignmentError):
        match(ours[:32] * 2, ours)
    with pytest.raises(AlignmentError):
        match(ours, ours[:-1])


def test_own_rows_twice_empty_or_too_long_are_refused() -> None:
    key = AlignmentKey.generate()
    for names in (_names(1, 1), [b""], [bytes(70_000)]):
        with pytest.raises(AlignmentError):
            key.blind(KIND, names)
    with pytest.raises(AlignmentError):
        key.blind("", _names(1))


@pytest.mark.parametrize("scalar", [0, ORDER, ORDER + 5, 2**256 - 1])
def test_a_scalar_that_is_none_is_no_key(scalar: int) -> None:
    with pytest.raises(AlignmentError):
        AlignmentKey(scalar.to_bytes(32, "little"))


def test_a_key_does_not_show_itself() -> None:
    key = AlignmentKey.generate()
    assert key.to_bytes().hex() not in repr(key)
    assert repr(key.to_bytes()) not in repr(key)


def test_ten_thousand_hostile_lists_are_refused() -> None:
    honest = AlignmentKey.generate().blind(KIND, _names(1, 2, 3))
    library = group()
    for _ in range(10_000):
        noise = random.randbytes(32)
        if noise[-1] < 0x80 and library.crypto_core_ristretto255_is_valid_point(noise):
            continue
        with pytest.raises(AlignmentError):
            require_elements(honest + noise, 4)


def test_worker_processes_make_the_same_in_the_same_order() -> None:
    key, names = AlignmentKey.generate(), _names(*range(5_000))
    with Workers(1) as alone, Workers(2) as two:
        once = blinded(key, KIND, names, alone)
        assert blinded(key, KIND, names, two) == once
        assert raised(key, once, two) == key.raise_all(once)
        checked(once, 5_000, two)
        with pytest.raises(AlignmentError):
            checked(once[:-32] + IDENTITY, 5_000, two)
        with pytest.raises(AlignmentError):
            # Far apart, so that no single piece has both.
            checked(once[:-32] + once[:32], 5_000, two)
