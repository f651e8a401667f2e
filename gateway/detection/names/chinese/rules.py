"""Forms that give a Chinese name away without a model: a surname with a title, a name half hidden.

Owns these forms, and the second look for names that the text has elsewhere for certain. Refuses to
look at more names than `MOST_REPEATED` a second time: work stays linear.
"""

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import rjieba

from gateway.detection.names.chinese.characters import surnames
from gateway.detection.names.chinese.lexicon import PERSON, PLACE
from gateway.detection.names.chinese.triggers import WORDS, read_sections
from gateway.detection.recognisers.base import LIKELY, POSSIBLE

MOST_REPEATED: Final = 64
_SEEN: Final = 0.7
_TWICE_AT_LEAST: Final = 2
_COMMON_SHARE: Final = 500
_COMPOUND: Final = "欧阳|上官|司马|诸葛|皇甫|司徒|慕容|令狐|尉迟|公孙|夏侯|端木|长孙|宇文|南宫|独孤"
_COMMON: Final = frozenset(surnames(_COMMON_SHARE))
_BORNE: Final = frozenset(surnames(1))
_SURNAME: Final = f"(?:{_COMPOUND}|[{''.join(sorted(_COMMON))}])"
# Each pattern is of bounded length: nothing to backtrack over.
_TITLED: Final = re.compile(f"({_SURNAME})(?=先生|女士|小姐|太太)")
_HIDDEN: Final = re.compile(
    f"{_SURNAME}(?:某某|某[甲乙丙丁]?(?!些|种|个|一|人|地|日|年|月|处|单位|公司))"
)
_TAKES_OFFICE: Final = frozenset("曾担现历兼出升就接委")
_DOUBLED: Final = re.compile(
    "(?<![㐀-鿿])([婷媛丽娜芳莉燕倩萍娟琳玲敏佳欣雪圆朵静琪瑶萌妞囡甜璐霞])\\1(?![地的])|"
    "(?<=[和跟给祝被与妹姐弟女蜜找约带到])([婷媛丽娜芳莉燕倩萍娟琳玲敏佳欣雪圆朵静琪瑶萌妞囡甜璐霞])\\2(?![地的])"
)
# What a text must have for a form to be looked for.
_TWICE: Final = re.compile("([婷媛丽娜芳莉燕倩萍娟琳玲敏佳欣雪圆朵静琪瑶萌妞囡甜璐霞])\\1")
_TITLE: Final = re.compile("先生|女士|小姐|太太")
_PARTICULARS: Final = re.compile("先生|女士|男|女|出生|国籍|年生")
_HIDING: Final = re.compile("[某*×✕xX](?:(?<![xX])|(?<=[xX])[xX])")
# One class before the branches, so that all other characters are passed over at once.
_IN_PART: Final = re.compile(
    "[某*×✕xX先女小太](?:(?<=[某*×✕])|(?<=[xX])[xX]|(?<=先)生|(?<=女)士|(?<=小)姐|(?<=太)太)"
)
"""One of the two, in one pass: most texts have neither."""
_STARRED: Final = re.compile(f"{_SURNAME}(?:\\*{{1,2}}(?!\\*)|[×✕]{{1,2}}|[Xx]{{2}}(?![A-Za-z]))")
_NAME: Final = f"(?P<name>(?:{_COMPOUND})[㐀-鿿]{{1,2}}|[{''.join(sorted(_BORNE))}][㐀-鿿]{{1,2}})"
_LABELLED: Final = re.compile(
    "(?:借款人|共借人|共同借款人|担保人|保证人|联系人|抵押人|出借人|收款人|付款人|持卡人|投保人|被保险人|受益人|"
    "代偿人|受托人|委托人|代理人|债务人|债权人|法定代表人|推荐人|经手人|经办人|申请人|户主|户名|姓名|真名|原告|"
    "被告|被执行人|配偶|复核|记者|通讯员|编辑|校对|董事长|总经理)(?:本人)?(?:[（(][^（）()]{1,6}[）)])?"
    f"[）)]?[:：] ?{_NAME}(?![㐀-鿿·•])"
)
_INTRODUCED: Final = re.compile(
    f"(?<![㐀-鿿·•]){_NAME}(?:[（(][^（）()]{{1,8}}[）)])?"
    "(?:先生|女士|[，,：:] ?(?:[男女][，,。]|中国国?籍|[12][0-9]{3}年(?:[0-9]{1,2}月)?(?:出?生)))"
)
_INTRODUCED_FORM: Final = "name and particulars"
_ENDS: Final = frozenset("。；;\n")
_SIR: Final = ("先生", "女士")
_NO_WORDS: Final[Mapping[str, int]] = {}
_BEFORE_TITLED: Final = frozenset("的是找请给和与对向由及跟让叫把被致联系")


_TRIGGERS: Final = read_sections(WORDS)
_AFTER_SURNAME: Final = (
    *_TRIGGERS["after surname"],
    *_TRIGGERS["honorific"],
    *_TRIGGERS["office"],
    *_TRIGGERS["business"],
    "副",
)
_OF_PEOPLE_AFTER: Final = frozenset(
    word
    for name in ("honorific", "office", "business", "say", "life", "debt", "after surname")
    for word in _TRIGGERS[name]
)
_OF_PEOPLE_BEFORE: Final = frozenset(
    word for name in ("office", "business", "before", "kin") for word in (*_TRIGGERS[name], "@")
)
_SIZES: Final = range(1, 1 + max(map(len, _OF_PEOPLE_AFTER | _OF_PEOPLE_BEFORE)))
_LONGEST_WORD: Final = 4
_WORD_TAGS: Final = frozenset(["n", "t", "v", "a", "d", "m", "vn", "b", "ad", "s", "f", "z", "an"])
_TAIL: Final = frozenset(set(string.ascii_letters + string.digits + "_") - set("Xx"))
_HANDLE: Final = re.compile(r"[\w·-]{1,30}")


class Named(NamedTuple):
    """Characters ``start`` to ``end`` are a name by the form ``pattern``."""

    start: int
    end: int
    score: float
    pattern: str


def by_form(text: str, words: Mapping[str, int] = _NO_WORDS) -> Iterator[Named]:
    """Yield the names that stand in one of the forms; ``words`` are known, by class."""
    if ":" in text or "：" in text:
        yield from _whole(_LABELLED, text, words, "label and name")
    if _PARTICULARS.search(text):
        yield from _whole(_INTRODUCED, text, words, _INTRODUCED_FORM)
    if _TWICE.search(text):
        for match in _DOUBLED.finditer(text):
            yield Named(match.start(), match.end(), POSSIBLE, "name said twice")
    if _IN_PART.search(text):
        yield from _in_part(text)


def _in_part(text: str) -> Iterator[Named]:
    """Yield surnames with a title, and names half hidden."""
    if _TITLE.search(text):
        for match in _TITLED.finditer(text):
            before = text[match.start() - 1 : match.start()]
            if not _is_han(before) or before in _BEFORE_TITLED:
                yield Named(match.start(), match.end(), LIKELY, "surname and title")
    if "某" in text:
        for match in _HIDDEN.finditer(text):
            if match[0][0] == "任" and text[match.start() - 1 : match.start()] in _TAKES_OFFICE:
                continue
            yield Named(match.start(), match.end(), LIKELY, "surname and 某")
    if _HIDING.search(text):
        for match in _STARRED.finditer(text):
            before = text[match.start() - 1 : match.start()]
            if not _is_han(before) and before not in ("*", "×"):
                yield Named(match.start(), match.end(), POSSIBLE, "surname and signs")


def _whole(
    pattern: re.Pattern[str], text: str, words: Mapping[str, int], form: str
) -> Iterator[Named]:
    for match in pattern.finditer(text):
        start, end = match.span("name")
        class_ = words.get(text[start:end], PERSON)
        known = class_ != PERSON or _harmless(text[start:end])
        # 宁波先生 is no town, nor is 平安，男 at the head of a sentence a wish.
        heads = start == 0 or text[start - 1] in _ENDS
        sir = text.startswith(_SIR, end)
        for_all_that = class_ == PLACE if sir else heads and form is _INTRODUCED_FORM
        if not known or for_all_that:
            yield Named(start, end, LIKELY, form)


def doubtful(text: str, start: int, end: int) -> bool:
    """Say whether a name may as well be a word: a dictionary has it, nothing near is of people.

    One character alone is doubtful unless a title follows.
    """
    if end - start == 1:
        # 部门经理 is no 门经理.
        before = text[start - 1 : end] if start else ""
        printable = len(before) == 2 and before.isprintable()
        part = printable and rjieba.has_word(before) and _is_word(before)
        return part or not text.startswith(_AFTER_SURNAME, end)
    return (
        end - start <= _LONGEST_WORD
        and _is_word(text[start:end])
        and not supported(text, start, end)
    )


def supported(text: str, start: int, end: int) -> bool:
    """Say whether a title, a relation, a verb of saying or an ``@`` stands beside the name."""
    behind, before = text[end : end + _SIZES[-1]], text[max(0, start - _SIZES[-1]) : start]
    return any(
        behind[:size] in _OF_PEOPLE_AFTER or before[-size:] in _OF_PEOPLE_BEFORE for size in _SIZES
    )


def _harmless(name: str) -> bool:
    return _is_word(name) or name.endswith(("先", "女", "本", "族"))


def _is_word(name: str) -> bool:
    # Half a surrogate pair is not printable, and rjieba takes characters only.
    if (name[0] in "老小阿" and name[1:] in _COMMON) or not name.isprintable():
        return False
    tagged = rjieba.tag(name, False) if rjieba.has_word(name) else ()
    return len(tagged) == 1 and tagged[0][1] in _WORD_TAGS


def account(text: str, start: int, end: int) -> int:
    """Return where the name ends: the name of an account, after ``@``, has all behind it.

    Elsewhere letters and digits behind Chinese characters are none of the name, but for 陈XX.
    """
    if start and text[start - 1] == "@":
        match = _HANDLE.match(text, start)
        return max(end, match.end()) if match else end
    last = end
    while last > start and text[last - 1] in _TAIL:
        last -= 1
    return last if last > start and _is_han(text[last - 1]) else end


def repeated(text: str, names: Iterable[tuple[int, int]]) -> Iterator[Named]:
    """Yield where the names stand that are at the given places, these included.

    A name that stands only there is left out.
    """
    for name in sorted({text[start:end] for start, end in names})[:MOST_REPEATED]:
        if text.count(name) < _TWICE_AT_LEAST:
            continue
        at = text.find(name)
        while at >= 0:
            yield Named(at, at + len(name), _SEEN, "name seen before")
            at = text.find(name, at + len(name))


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿"
