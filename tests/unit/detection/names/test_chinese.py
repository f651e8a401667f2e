"""Chinese names: what is found, what is left alone, and that no text breaks it; all invented."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.context import ContextWords
from gateway.detection.names.chinese.lexicon import Lexicon
from gateway.detection.names.chinese.recogniser import ChineseNames, judged
from gateway.detection.names.crf.tagger import LabelledSpan
from gateway.detection.text.document import Document
from gateway.detection.text.view import View

NAMES = ChineseNames()


def view(text: str) -> View:
    return Document(text, ContextWords([])).folded


def people(text: str) -> list[str]:
    return [
        text[one.start : one.end]
        for one in NAMES.find(view(text))
        if one.entity == "PERSON" and one.score >= 0.5
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("借款人张伟明电话已停机，联系其配偶王秀芳称下周还款", ["张伟明", "王秀芳"]),
        ("担保人：李建国，13800138000", ["李建国"]),
        ("赵敏女士，1971年出生，中国国籍，硕士，现任本公司董事", ["赵敏"]),
        ("记者刘晓东、陈思远报道", ["刘晓东", "陈思远"]),
        ("联系人欧阳文博（父亲）13900139000", ["欧阳文博"]),
        ("被告李某某未到庭", ["李某某"]),
        ("王先生来电咨询", ["王"]),
        ("收款人：孙志强，开户行：工商银行", ["孙志强"]),
        ("美国总统克林顿昨天发表讲话", ["克林顿"]),
        ("回复@王小明QX:谢谢", ["王小明QX"]),
        ("借款人阿不都热依木·买买提已还款", ["阿不都热依木·买买提"]),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert people(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "借款人应当按照约定的期限支付利息。",
        "很高兴为您服务，马上为您办理。",
        "黄金、白银价格上涨，平安银行股价走高。",
        "于是公司调整了发展方向，金额以合同为准。",
        "花呗和白条可以同时使用，余额不足时自动扣款。",
        "张家口到王府井的高速公路陈列着广告。",
        "常务会议通过了项目方案，程序安全可靠。",
        "张家口市黄岩区的人均收入居世界前列。",
        "苏里南、迪士尼、特斯拉、华山松。",
        "部门经理和单位负责人应当签字。",
        "科目,借方,贷方,余额\n本金,1000,2000,3000",
    ],
)
def test_text_that_names_nobody_is_left_alone(text: str) -> None:
    assert people(text) == []


def test_a_name_known_from_one_place_is_found_at_the_others() -> None:
    text = "借款人诸葛文轩，电话13800138000。\n附：诸葛文轩\n诸葛文轩"
    assert people(text) == ["诸葛文轩"] * 3


def test_places_and_organisations_stay_below_the_default() -> None:
    text = "他在杭州的阿里巴巴集团上班，上海、北京、中国银行"
    found = [one for one in NAMES.find(view(text)) if one.entity != "PERSON"]
    assert any(one.entity == "LOCATION" for one in found)
    assert all(one.score < 0.5 for one in found)


def test_a_text_without_chinese_is_not_looked_at() -> None:
    assert list(NAMES.find(view("Dear John Smith, 13800138000"))) == []


TEXTS = st.lists(
    st.sampled_from(
        [
            "王",
            "李",
            "张伟",
            "，",
            "。",
            "\n",
            " ",
            "借款人",
            "先生",
            "某",
            "*",
            "·",
            "克里斯",
            "的",
            "@",
            "a",
            "9",
            "公司",
            "\U00020bb7",
            "\ud800",
            "\0",
            "欧阳",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_a_batch_finds_what_is_found_alone_and_every_extent_is_inside(texts: list[str]) -> None:
    together = NAMES.find_many([view(text) for text in texts])
    for text, found in zip(texts, together, strict=True):
        alone = list(NAMES.find(view(text)))
        assert [one[:3] for one in alone] == [one[:3] for one in found]
        for one in found:
            assert 0 <= one.start < one.end <= len(text)
            assert 0.0 <= one.score <= 1.0
            assert (
                text[one.start : one.end] not in one.why + one.pattern or one.end - one.start == 1
            )


def test_a_name_is_judged_in_a_crowd_as_it_is_among_few() -> None:
    parts = ["张家口", "张家说", "到了黄岩", "记者黄岩", "维多利亚瀑布", "维多利亚说", "@黄岩说:"]
    names = ["张家", "张家", "黄岩", "黄岩", "维多利亚", "维多利亚", "黄岩"]
    text = "。".join(parts * 20)
    spans, at = [], 0
    for part, name in zip(parts * 20, names * 20, strict=True):
        start = at + part.index(name)
        # All of one score: only what stands around tells one from the other.
        spans.append(LabelledSpan(start, start + len(name), "PER", 0.9))
        at += len(part) + 1
    lexicon = Lexicon()
    crowd = list(judged(text, spans, lexicon))
    assert crowd == [one for span in spans for one in judged(text, [span], lexicon)]
    assert {one.score for one in crowd} == {0.45, 0.9}


def test_a_noted_person_is_not_doubted_for_being_a_word() -> None:
    lexicon = Lexicon()
    [known] = judged("屈原投江", [LabelledSpan(0, 2, "PER", 0.8)], lexicon)
    [word] = judged("小麦涨价", [LabelledSpan(0, 2, "PER", 0.8)], lexicon)
    assert (known.score, word.score) == (0.8, 0.45)


@pytest.mark.parametrize(
    "text",
    [
        "王" * 21_000,
        "张伟" * 10_000,
        "张伟，" * 7_000,
        "王*" * 15_000,
        "欧阳某先生" * 4_000,
        "·王" * 10_000,
    ],
)
def test_the_worst_text_takes_bounded_time(text: str) -> None:
    NAMES.load()
    list(NAMES.find(view("王伟")))
    began = time.process_time()
    list(NAMES.find(view(text)))
    assert time.process_time() - began < 2.5


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("致孙静先生：您的申请已受理", ["孙静"]),
        ("李玉、王凤英、王健三人承担连带责任", ["李玉", "王凤英", "王健"]),
        ("联系Tel: 0812 8123456", []),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(text: str, names: list[str]) -> None:
    view = Document(text, ContextWords(())).folded
    found = [one for one in ChineseNames().find(view) if one.score >= 0.5]
    people = sorted(one[:2] for one in found if one.entity == "PERSON")
    assert [text[start:end] for start, end in people] == names
