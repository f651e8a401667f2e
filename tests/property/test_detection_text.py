"""What holds of the views of every text."""

import base64
import re
import unicodedata
from unittest.mock import patch

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gateway.detection.context import ContextWords
from gateway.detection.text import joining
from gateway.detection.text.compacting import compacted
from gateway.detection.text.decoding import escapes
from gateway.detection.text.document import Document, lower
from gateway.detection.text.folding import fold
from gateway.detection.text.gates import Worth, worth
from gateway.detection.text.joining import joined
from gateway.detection.text.numerals import FILL
from gateway.detection.text.rewriting import Edit, rewrite
from gateway.detection.text.tokens import readable, tokens
from gateway.detection.text.view import View, ViewKind

WORDS = ContextWords([("PHONE", ("电话",))])
CASES = settings(max_examples=200, deadline=None)

SIGNS = (
    "1",
    "3",
    " ",
    "-",
    ".",
    "\n",
    ",",
    "，",
    "一",
    "零",
    "壹",
    "点",
    "O",
    "l",
    "X",
    "E",
    "@",
    "张",
)
UNUSUAL = ("①", "²", "１", "\u200b", "\u0301", "e", "ﬁ", "㎏", "😀", "\ud800", "\ue000")
SPOKEN = ("one ", "double ", "[at]", " dot ", " at ", "<b>", "AB12 ", "电话")
ENCODED = ("%31", "%E5", "%BC", "&#49;", "&nbsp;", "\\u0031", "\\ud83d", "\\x31", "31 33 38 ")
TOKENS = ("MTM4MTIzNDU2Nzg=", "3133383132333435")
PARTS = st.sampled_from((*SIGNS, *UNUSUAL, *SPOKEN, *ENCODED, *TOKENS))
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PARTS, max_size=40).map("".join),
    st.text(st.characters(), max_size=40),
)


def _assert_within(view: View, original: str) -> None:
    starts = view.starts if view.starts is not None else range(len(original))
    ends = view.ends if view.ends is not None else range(1, len(original) + 1)
    assert len(starts) == len(ends) == len(view.text) == len(view.ascii)
    assert list(starts) == sorted(starts)
    assert list(ends) == sorted(ends)
    assert all(0 <= a < b <= len(original) for a, b in zip(starts, ends, strict=True))


@CASES
@given(TEXTS)
def test_every_view_stands_in_the_original(text: str) -> None:
    views = Document(text, WORDS).views
    assert [view.kind for view in views].count(ViewKind.FOLDED) == 1
    assert views[0].kind is ViewKind.FOLDED
    for view in views:
        _assert_within(view, text)


@CASES
@given(TEXTS)
def test_folding_is_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once.text).text == once.text


@CASES
@given(TEXTS)
def test_unfolded_characters_stand_where_they_stood(text: str) -> None:
    folded = fold(text)
    starts = folded.starts if folded.starts is not None else range(len(text))
    ends = folded.ends if folded.ends is not None else range(1, len(text) + 1)
    for one, start, end in zip(folded.text, starts, ends, strict=True):
        plain = one.isascii() and one == text[start]
        assert (
            plain
            or fold(text[start]).text.startswith(one)
            # A mark composes with its letter, also over what shows nothing between them.
            or any(map(unicodedata.combining, text[start + 1 : max(end, start + 2)]))
            or one in fold(text[start]).text
        )


@CASES
@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_text_is_itself(text: str) -> None:
    assert fold(text) == (text, None, None)


@CASES
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_plain_chinese_is_itself(text: str) -> None:
    assert fold(text) == (text, None, None)


@CASES
@given(
    st.text("0123456789", min_size=11, max_size=11), st.sampled_from(" -._/*\n·"), st.text("张甲乙")
)
def test_digits_set_apart_are_found_whole(digits: str, gap: str, around: str) -> None:
    written = gap.join(digits)
    text = f"{around}{written}{around}"
    (found,) = {
        view.extent(at, at + 11)
        for view in Document(text, WORDS).views
        if view.kind is ViewKind.JOINED and (at := view.text.find(digits)) >= 0
    }
    assert found == (len(around), len(around) + len(written))


@CASES
@given(st.text("abc0123456789 @.", min_size=9), st.sampled_from(("base64", "hex", "percent")))
def test_what_was_encoded_is_in_a_decoded_view(plain: str, encoding: str) -> None:
    raw = plain.encode()
    token = {
        "base64": base64.b64encode(raw).decode(),
        "hex": raw.hex(),
        "percent": "".join(f"%{one:02x}" for one in raw),
    }[encoding]
    views = Document(f"<{token}>", WORDS).views
    assert f"<{plain}>" in [view.text for view in views if view.kind is ViewKind.DECODED]


@CASES
@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(1, 5), st.text(max_size=4))),
)
def test_rewriting_keeps_what_it_does_not_touch(
    text: str, wanted: list[tuple[int, int, str]]
) -> None:
    edits, reach = [], 0
    for start, size, form in sorted(wanted):
        if start >= reach and start + size <= len(text):
            edits.append(Edit(start, start + size, form))
            reach = start + size
    base = fold(text) if fold(text).text == text else None
    if base is None:
        return
    made = rewrite(base, edits)
    assert made.starts is not None
    assert made.ends is not None
    touched = {at for edit in edits for at in range(edit.start, edit.end)}
    kept = [at for at, end in zip(made.starts, made.ends, strict=True) if at not in touched]
    assert kept == [at for at in range(len(text)) if at not in touched]
    expected, at = "", 0
    for edit in edits:
        expected += text[at : edit.start] + edit.text
        at = edit.end
    assert made.text == expected + text[at:]


@CASES
@given(TEXTS)
def test_lower_keeps_every_offset(text: str) -> None:
    assert len(lower(text)) == len(text)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
def test_the_gates_miss_nothing(text: str) -> None:
    base = fold(text)
    assume(FILL not in base.text)
    everything = Worth(*[True] * len(Worth._fields))
    look = worth(base.text, base.text.encode("ascii", "replace"))
    assert joined(base, look) == joined(base, everything)
    assert compacted(base, look) == compacted(base, everything)
    assert look.escapes or not list(escapes(base.text))
    assert list(tokens(base, look)) == list(tokens(base, everything))


_LISTED = st.lists(
    st.sampled_from(
        (
            *("1", "2", "12", "138", "1380013", "13800138000", "6222 0200", "一二三", ",", "，"),
            *(
                "1,3,8,",
                "0 , 0、1;",
                "、",
                ";",
                ":",
                " ",
                "-",
                ".",
                " , ",
                "-,",
                ",-",
                "\n",
                "\t",
                "2019-01-02",
                "x",
            ),
        )
    ),
    max_size=24,
).map("".join)
_NEVER = re.compile("(?!)")


@settings(max_examples=500, deadline=None)
@given(_LISTED)
@example("1,3,8,0,0,1,3,8,0,0,0")
@example("1, 3, 8, 0, 0, 1, 3, 8, 0, 0, 0; 13800138000, 1-3-8-0-0-1-3-8-0-0-0")
def test_parting_a_list_at_its_commas_changes_no_number(text: str) -> None:
    base = fold(text)
    look = worth(base.text, base.text.encode("ascii", "replace"))
    # What is written as numbers usually are stays so; a part may be where its list is not.
    with patch.object(joining, "_USUAL", _NEVER):
        parted = joined(base, look)
        with patch.object(joining, "_divided", lambda _, start, end: iter([(start, end)])):
            assert joined(base, look) == parted


@CASES
@given(st.text("0123456789+/", min_size=12, max_size=64))
def test_base64_of_digits_alone_decodes_to_nothing_that_is_read(digits: str) -> None:
    body = digits[: len(digits) // 4 * 4]
    assert readable(base64.b64decode(body)) is None
