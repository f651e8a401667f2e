"""What speaks against a name, and what speaks for it all the same."""

import pytest

from gateway.detection.names.chinese.lexicon import BRAND, PERSON, PLACE, THING, Lexicon
from gateway.detection.names.chinese.matching import WordIndex, codes_of, pairs_of
from gateway.detection.names.chinese.rules import supported
from gateway.detection.names.chinese.vetoes import vetoed

LEXICON = Lexicon()


def veto(text: str, name: str) -> bool:
    start = text.index(name)
    end = start + len(name)
    return vetoed(text, start, end, LEXICON, lambda: supported(text, start, end))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张家口今天有雪", "张家"),
        ("黄岩区发布公告", "黄岩"),
        ("苏里南的首都", "苏里南"),
        ("特斯拉降价了", "特斯拉"),
        ("金钱豹善于爬树", "金钱豹"),
        ("鲁氏菌属于变形菌门", "鲁"),
        ("该镇辖李家湾等村", "李家湾"),
        ("麦克斯集团宣布破产", "麦克斯"),
        ("维多利亚瀑布很壮观", "维多利亚"),
        ("张家口市长王强", "张家"),
    ],
)
def test_places_brands_and_things_are_no_names(text: str, name: str) -> None:
    assert veto(text, name) or (len(name) == 1 and not supported(text, 0, 1))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("黄岩说今天不来", "黄岩"),
        ("借款人安康已还款", "安康"),
        ("客户高峰表示尽快还款", "高峰"),
        ("王小明昨天还款", "王小明"),
        ("李强路过银行", "李强"),
        ("王强队长来电", "王强"),
        ("张省长视察", "张"),
    ],
)
def test_a_title_a_relation_or_a_verb_of_saying_speaks_for_a_name(text: str, name: str) -> None:
    assert not veto(text, name)


def test_the_lexicon_knows_divisions_with_and_without_their_suffix() -> None:
    assert LEXICON.words["黄岩区"] == LEXICON.words["黄岩"] == PLACE
    assert LEXICON.words["迪士尼"] == BRAND
    assert LEXICON.words["金钱豹"] == THING
    assert LEXICON.words["鲁迅"] == PERSON


@pytest.mark.parametrize("name", ["任正非", "奥巴马", "施一公", "屈原"])
def test_people_in_the_sources_of_things_and_places_are_people(name: str) -> None:
    assert LEXICON.words[name] == PERSON


def test_places_that_a_dictionary_alone_says_are_places_are_left_out() -> None:
    assert "特鲁西埃" not in LEXICON.words
    assert LEXICON.words["博洛尼亚"] == PLACE


def test_the_longest_word_is_marked_with_its_parts() -> None:
    marks = LEXICON.mark("在哈尔滨市", pairs_of(codes_of("在哈尔滨市")))
    assert marks.tolist() == [0, *(10 * PLACE + part for part in (1, 2, 2, 3))]


def test_words_left_out_are_not_known() -> None:
    assert "黄岩" not in Lexicon(lambda word: word != "黄岩").words


@pytest.mark.parametrize("text", ["", "啊", "啊啊", "啊啊吧啊啊", "吧啊啊"])
def test_an_index_finds_what_a_search_finds(text: str) -> None:
    words = {"啊啊": 1, "啊啊吧": 2, "吧啊": 3}
    by_hand = sorted(
        (at, at + len(word), number)
        for word, number in words.items()
        for at in range(len(text))
        if text.startswith(word, at)
    )
    assert sorted(WordIndex(words).all(text)) == by_hand
    for at in range(len(text)):
        ends = {end: number for start, end, number in by_hand if start == at}
        assert dict(WordIndex(words).at(text, at)) == ends


def test_words_from_left_to_right_do_not_overlap() -> None:
    assert list(WordIndex({"啊吧": 1, "吧啊吧": 2}).longest("啊吧啊吧")) == [(0, 2, 1), (2, 4, 1)]
