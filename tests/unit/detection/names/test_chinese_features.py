"""Features of Chinese text: the same alone and in a batch, in pieces that no name goes over."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.chinese import characters
from gateway.detection.names.chinese.features import LONGEST_PIECE, ChineseFeatures
from gateway.detection.names.chinese.matching import BEYOND

FEATURES = ChineseFeatures()
CLASSES = characters.classes()
TEXTS = st.text(st.sampled_from("王伟的，。 a9@·\n先生公司\U00020bb7"), max_size=90)


def class_of(character: str) -> int:
    return int(CLASSES[min(ord(character), BEYOND)])


@settings(max_examples=80, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_pieces_hold_every_chinese_character_once_and_no_stop(texts: list[str]) -> None:
    held = [[0] * len(text) for text in texts]
    for piece, keys in FEATURES.pieces(texts):
        assert 0 < piece.end - piece.start <= LONGEST_PIECE
        assert len(keys) == piece.end - piece.start
        for at in range(piece.start, piece.end):
            held[piece.text][at] += 1
            assert class_of(texts[piece.text][at]) not in characters.STOPS
    for text, counts in zip(texts, held, strict=True):
        for character, count in zip(text, counts, strict=True):
            assert count <= 1
            assert count == 1 or class_of(character) != characters.HAN


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_batch_gives_the_keys_that_each_text_alone_gives(texts: list[str]) -> None:
    together = list(FEATURES.pieces(texts))
    alone = [(at, piece) for at, text in enumerate(texts) for piece in FEATURES.pieces([text])]
    assert len(together) == len(alone)
    for (one, keys), (at, (other, its)) in zip(together, alone, strict=True):
        assert (one.text, one.start, one.end) == (at, other.start, other.end)
        assert (keys == its).all()


def test_wide_and_narrow_punctuation_are_the_same() -> None:
    wide = list(FEATURES.pieces(["（记者王伟、李娜）报道：很好，真的！是吗？对；"]))
    narrow = list(FEATURES.pieces(["(记者王伟、李娜)报道:很好,真的!是吗?对;"]))
    assert len(wide) == len(narrow) == 7
    for (_, one), (_, other) in zip(wide, narrow, strict=True):
        assert (one == other).all()
