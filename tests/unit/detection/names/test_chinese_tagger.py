"""Clauses read once: the same from memory as read anew, alone as in a batch; and little is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.detection.names.chinese.tagger as module
from gateway.detection.names.chinese.clauses import AROUND
from gateway.detection.names.chinese.features import ChineseFeatures
from gateway.detection.names.chinese.recogniser import MODEL
from gateway.detection.names.chinese.tagger import FLOORS, ChineseTagger
from gateway.detection.names.crf.tagger import LabelledSpan, Tagger
from gateway.detection.names.training.chinese_fresh import fresh_sets

FEATURES = ChineseFeatures()
BOUNDED = ChineseTagger.load(MODEL, FEATURES)
CLAUSES = (
    "借款人张伟明电话已停机",
    "联系其配偶王秀芳",
    "电话13800138000",
    "美国总统克林顿在北京",
    "客户表示知悉",
    "李建国",
    "李",
    "100%王伟+李娜",
    "a.b@example.com",
    "，",
    "。",
    "：",
    "\n",
    "",
)
TEXTS = st.lists(st.sampled_from(CLAUSES), max_size=10).map("".join)


def afresh() -> ChineseTagger:
    return ChineseTagger(FEATURES, BOUNDED.tagger)


def same(one: list[LabelledSpan], other: list[LabelledSpan]) -> bool:
    scores = [span.score for span in sorted(other)]
    return [span[:3] for span in sorted(one)] == [span[:3] for span in sorted(other)] and [
        span.score for span in sorted(one)
    ] == pytest.approx(scores, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_text_gives_the_same_alone_in_a_batch_and_from_memory(texts: list[str]) -> None:
    together, warm = afresh().spans(texts), afresh()
    warm.spans(list(reversed(texts)))
    for text, spans, known in zip(texts, together, warm.spans(texts), strict=True):
        assert same(spans, afresh().spans([text])[0])
        assert same(spans, known)


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_a_clause_does_not_know_what_is_far_from_it(before: str, text: str, behind: str) -> None:
    apart = "。" * AROUND
    alone = afresh().spans([f"{apart}{text}{apart}"])[0]
    found = [
        span._replace(start=span.start - len(before), end=span.end - len(before))
        for span in afresh().spans([f"{before}{apart}{text}{apart}{behind}"])[0]
        if len(before) <= span.start < len(before) + 2 * len(apart) + len(text)
    ]
    assert same(found, alone)


def test_what_is_kept_is_hashes_and_places_and_no_text() -> None:
    tagger = afresh()
    tagger.spans(["借款人张伟明电话已停机，联系其配偶王秀芳。"])
    assert tagger.known
    for key, spans in tagger.known.items():
        assert isinstance(key, int)
        for start, end, label, score in spans:
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert label in FLOORS
            assert 0.0 < score <= 1.0


def test_memory_is_bounded_and_long_clauses_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    tagger = afresh()
    for name in ("张伟", "王芳", "李娜", "刘洋", "陈杰", "杨洋"):
        tagger.spans([f"借款人{name}已还款"])
        assert len(tagger.known) <= 4
    tagger = afresh()
    tagger.spans(["张伟" * 40])
    assert not tagger.known


def test_reading_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["，".join(f"{clause}{at}" for at in range(9)) for clause in CLAUSES[:7]]
    whole = afresh().spans(texts)
    monkeypatch.setattr(module, "CHARACTERS_AT_ONCE", 20)
    for one, other in zip(whole, afresh().spans(texts), strict=True):
        assert same(one, other)


def test_hardly_anything_is_lost_by_not_weighing_what_is_unlikely() -> None:
    everything = ChineseTagger(FEATURES, Tagger.load(MODEL, FLOORS))
    texts = [one.text for some in fresh_sets().values() for one in some]
    flipped = people = 0
    for ours, all_ in zip(afresh().spans(texts), everything.spans(texts), strict=True):
        one, other = (
            {span[:2] for span in spans if span.label == "PER" and span.score >= 0.5}
            for spans in (ours, all_)
        )
        people += len(other)
        flipped += len(one ^ other)
    assert people > 300
    assert flipped <= people // 100
