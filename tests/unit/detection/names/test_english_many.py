"""Words as columns have the keys of one word at a time: training uses the one, detection both."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.detection.names.english.features import WIDTHS, Word, word
from gateway.detection.names.english.lexicon import fold_word
from gateway.detection.names.english.many import words
from gateway.detection.names.english.tokens import tokens

TEXTS = st.text(st.sampled_from("abzhngeiouAZMcO'’éßŁ\u0301\u1ef3 .,-@#_19\n联Ж\x00"), max_size=80)
BOUNDS = np.cumsum((0, *WIDTHS))


def parts(keys: Sequence[int]) -> list[list[int]]:
    return [sorted(key for key in keys[a:b] if key) for a, b in pairwise(BOUNDS.tolist())]


@given(TEXTS | st.text(max_size=60), st.integers(0, 255))
@example("Zhang Xiaoming's O'Brien, McDonald 1990 @a #b www.a.b 联系人 J. é", 0b01011011)
def test_the_columns_hold_the_keys_of_each_word(text: str, flags: int) -> None:
    found = tokens(text)
    forms = [("", True), *zip(found.forms, found.cased, strict=True)]
    folded = [fold_word(form) for form, _ in forms]
    numbers, keys = words(forms, folded, [flags] * len(forms))
    for at, ((form, cased), fold) in enumerate(zip(forms, folded, strict=True)):
        wanted: Word = word(form, fold, flags, cased=cased)
        assert tuple(numbers[at].tolist()) == wanted[:5]
        assert parts(keys[at].tolist()) == parts(wanted.keys)


def test_a_word_longer_than_any_token_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        words([("a" * 100, True)], ["a" * 100], [0])
