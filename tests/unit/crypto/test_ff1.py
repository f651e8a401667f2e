"""FF1 keeps the format, permutes, and refuses what it is not safe for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.ff1 import MAX_NUMERALS, Ff1, FormatPreservingError, min_numerals

KEY = bytes(range(32))
digits = st.text("0123456789", min_size=6, max_size=40)
tweaks = st.binary(max_size=40)


@given(digits, tweaks)
def test_it_keeps_the_format_and_comes_back(text: str, tweak: bytes) -> None:
    image = Ff1(KEY).encrypt(tweak, text)
    assert len(image) == len(text)
    assert set(image) <= set("0123456789")
    assert Ff1(KEY).decrypt(tweak, image) == text


@given(st.lists(digits, min_size=2, max_size=8, unique=True), tweaks)
def test_different_texts_have_different_images(texts: list[str], tweak: bytes) -> None:
    assert len({Ff1(KEY).encrypt(tweak, one) for one in texts}) == len(texts)


def test_a_part_of_the_smallest_domain_is_permuted() -> None:
    ff1 = Ff1(KEY)
    images = {ff1.encrypt(b"a", f"{number:06}") for number in range(3000)}
    assert len(images) == 3000
    assert images != {f"{number:06}" for number in range(3000)}


@given(digits, st.integers(0, 1))
def test_key_and_tweak_change_the_image_of_a_long_text(text: str, which: int) -> None:
    text = text.ljust(20, "7")
    other = Ff1(KEY[::-1]).encrypt(b"a", text) if which else Ff1(KEY).encrypt(b"b", text)
    assert Ff1(KEY).encrypt(b"a", text) != other


@pytest.mark.parametrize(("radix", "count"), [(2, 20), (10, 6), (16, 5), (26, 5), (36, 4)])
def test_a_domain_has_a_million_values_at_least(radix: int, count: int) -> None:
    assert min_numerals(radix) == count
    Ff1(KEY, radix).encrypt(b"", "1" * count)
    with pytest.raises(FormatPreservingError):
        Ff1(KEY, radix).encrypt(b"", "1" * (count - 1))
    assert radix ** (count - 1) < 1_000_000 <= radix**count


@pytest.mark.parametrize(
    "text", ["", "12345", "12345a", "１２３４５６", "123 456", "1" * (MAX_NUMERALS + 1)]
)
def test_other_texts_are_refused(text: str) -> None:
    for call in (Ff1(KEY).encrypt, Ff1(KEY).decrypt):
        with pytest.raises(FormatPreservingError) as caught:
            call(b"", text)
        assert not text or text not in str(caught.value)


@pytest.mark.parametrize("radix", [-1, 0, 1, 37])
def test_other_radices_are_refused(radix: int) -> None:
    with pytest.raises(FormatPreservingError):
        Ff1(KEY, radix)


def test_other_keys_are_refused_and_none_is_shown() -> None:
    with pytest.raises(KeyMaterialError):
        Ff1(bytes(31))
    assert repr(KEY)[2:-1] not in repr(Ff1(KEY))


def test_a_text_of_the_longest_size_comes_back() -> None:
    text = "9876543210" * 409
    assert Ff1(KEY).decrypt(b"t", Ff1(KEY).encrypt(b"t", text)) == text
