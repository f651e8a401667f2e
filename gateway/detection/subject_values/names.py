"""Names: in Chinese with their titles and in pinyin, in English by parts and initials.

Owns which parts of a name stand for the person. Refuses nicknames, which no rule can know.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from gateway.detection.subject_values.form import GUESS, PART, WHOLE, Form, compact

_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}")
_DOTTED_HAN_NAME = re.compile(r"[\u3400-\u9fff]+(?:[·•・.][\u3400-\u9fff]+)+")
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
# The compound surnames of 百家姓 that are in use.
_COMPOUND_SURNAMES = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟"
    " 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离"
    " 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷"
    " 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭"
    " 南门 羊舌 微生 梁丘 左丘 西门 第五"
)
_COMPOUND = frozenset(_COMPOUND_SURNAMES.split())
_TITLES = (
    "先生 女士 小姐 太太 总 总经理 经理 老师 师傅 医生 主任 某 某某 老板 姐 哥 叔 阿姨 同志 夫人"
)
_TITLES_AFTER = tuple(_TITLES.split())
_AFTER_A_SHORT_TITLE = "是体共之会统算数和额量结而归些个种地天年月日伦们弟妹父母公"
_TITLES_BEFORE = ("小", "老", "阿")
_LATIN_TITLES = ("mr", "mrs", "ms", "miss", "dr", "prof")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_LEAST_LATIN_PART = 3
_MOST_READINGS = 8


def name_forms(value: str) -> Iterator[Form]:
    """Yield the forms of a person's name, the whole first."""
    yield Form(compact(value), WHOLE)
    stripped = value.strip()
    if _HAN_NAME.fullmatch(stripped):
        yield from _han_forms(stripped)
    elif _DOTTED_HAN_NAME.fullmatch(stripped):
        yield from _dotted_forms(stripped)
    else:
        yield from _latin_forms(_LATIN_WORD.findall(stripped))


def _han_forms(name: str) -> Iterator[Form]:
    surname = name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]
    given = name[len(surname) :]
    for title in _TITLES_AFTER:
        barred = _AFTER_A_SHORT_TITLE if len(title) == 1 else ""
        yield Form(surname + title, PART, what="surname with title", barred_after=barred)
    for title in _TITLES_BEFORE:
        yield Form(title + surname, GUESS, what="surname with title")
    if len(given) > 1:
        yield Form(given, PART, what="given name")
    for first, last in _readings(surname, given):
        for needle in (first + last, last + first):
            yield Form(needle, WHOLE, alone=True, what="pinyin")
        yield from (Form(title + first, PART, True, "title with pinyin") for title in _LATIN_TITLES)


def _readings(surname: str, given: str) -> Iterator[tuple[str, str]]:
    spelled = [_spellings(character) for character in surname + given]
    for reading in islice(product(*spelled), _MOST_READINGS):
        yield "".join(reading[: len(surname)]), "".join(reading[len(surname) :])


# A single character says nothing of a person, so its readings may be remembered.
@lru_cache(maxsize=4096)
def _spellings(character: str) -> tuple[str, ...]:
    # Imported here because its tables take a moment to load and English texts need none of it.
    from pypinyin import Style, pinyin

    (readings,) = pinyin(character, style=Style.NORMAL, heteronym=True) or [[]]
    # The table writes ü as v; in passports it is yu or u.
    spelled = {one.replace("v", letter) for one in readings for letter in ("v", "u", "yu")}
    return tuple(sorted(one for one in spelled if one.isascii() and one.isalpha()))


def _dotted_forms(name: str) -> Iterator[Form]:
    first = re.split("[·•・.]", name)[0]
    if len(first) > 1:
        yield Form(first, PART, what="first part of the name")


def _latin_forms(words: list[str]) -> Iterator[Form]:
    words = [compact(word) for word in words]
    words = [word for word in words if word not in _SUFFIXES and word not in _LATIN_TITLES]
    if len(words) < 2:
        return
    first, last = words[0], words[-1]
    whole = (
        last + first,
        first[0] + last,
        last + first[0],
        *(title + last for title in _LATIN_TITLES),
    )
    for needle in whole:
        yield Form(needle, PART, alone=True, what="name in parts")
    if len(words) > 2:
        yield Form(first + last, PART, alone=True, what="name without middle names")
        yield Form(first + words[1][0] + last, PART, alone=True, what="name with middle initial")
    for part in (first, last):
        if len(part) >= _LEAST_LATIN_PART:
            yield Form(part, GUESS, alone=True, what="part of the name")
