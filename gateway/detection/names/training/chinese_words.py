"""Makes ``data/chinese_words.txt``: what looks like a name and is known to be something, by class.

Owns the choice. Sources: THUOCL (Tsinghua University Open Chinese Lexicon, MIT), places and tagged
words of jieba's small dictionary (MIT), and ``chinese_gazetteer.txt``, written by hand. Run once:
``python -m gateway.detection.names.training.chinese_words THUOCL_FOLDER dict.txt.small``.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from faker.providers.person.zh_CN import Provider

from gateway.detection.names.chinese.triggers import read_sections
from gateway.detection.names.training import chinese_parts as parts

WORDS: Final = Path(__file__).parent.parent / "data" / "chinese_words.txt"
GAZETTEER: Final = Path(__file__).parent / "chinese_gazetteer.txt"
_THINGS: Final = ("animal", "food", "medical", "IT", "car", "caijing", "law", "chengyu")
_HEADS: Final = frozenset([*Provider.last_names, *parts.MORE_SURNAMES, *"小老阿大"])
_FOREIGN: Final = frozenset(parts.TRANSLITERATION)
_THING_ENDS: Final = frozenset(
    "草树鸟鱼虾蟹菜汤粉病症机车船卡费税号证店馆州县市语族教派学酸醇素酒茶糖药油盐布纸笔刀枪炮弹器具"
    "品物件款额率值表单书报刊法律条例权案会豹鹿鸡鸭猪狗猫兔蛇虫蜂蝶鹰雀鹊"
)
_MOST_PERSONS: Final = 9000
_MOST_THINGS: Final = 12000


def choose(thuocl: Path, dictionary: Path) -> dict[str, list[str]]:
    """Return the words by class; a word is in one class."""
    gazetteer = read_sections(GAZETTEER)
    tagged = dict(_tagged(dictionary))
    things = {**_listed(thuocl, _THINGS), **dict.fromkeys(_thing_names(tagged), 1)}
    things = {word: many for word, many in things.items() if _like_a_name(word)}
    # The lists of medicine, law and computing have people among their words.
    noted = {**_listed(thuocl, ("lishimingren",)), **dict.fromkeys(gazetteer["person"], 0)}
    things = {word: many for word, many in things.items() if word not in noted}
    places = [word for word, tag in tagged.items() if tag == "ns" and _like_a_name(word)]
    places = [word for word in places if word not in noted and not _transliterated(word)]
    persons = {
        word: many
        for word, many in noted.items()
        if tagged.get(word, "nr") in ("nr", "nrt", "nrfg") and len(word) < 6
    }
    chosen: dict[str, list[str]] = {
        "place": _unseen([*gazetteer["place"], *places], ()),
        "brand": _unseen(gazetteer["brand"], gazetteer["place"]),
    }
    taken = {word for words in chosen.values() for word in words}
    harmless = [word for word in parts.HARMLESS if len(word) > 1]
    known = [*gazetteer["thing"], *harmless, *_most(things, _MOST_THINGS)]
    chosen["thing"] = _unseen(known, taken)
    taken.update(chosen["thing"])
    people = [*gazetteer["person"], *_most(persons, _MOST_PERSONS)]
    chosen["person"] = _unseen(people, taken)
    return chosen


def _transliterated(word: str) -> bool:
    """Say whether a word is written as foreign names are: the dictionary calls people places."""
    return all(one in _FOREIGN for one in word)


def _thing_names(tagged: dict[str, str]) -> Iterator[str]:
    return (
        word
        for word, tag in tagged.items()
        if tag in ("nr", "nz") and len(word) > 2 and word[-1] in _THING_ENDS
    )


def _tagged(dictionary: Path) -> Iterator[tuple[str, str]]:
    for line in dictionary.read_text("utf-8").splitlines():
        word, _, tag = line.split()
        yield word, tag


def _listed(folder: Path, names: Iterable[str]) -> dict[str, int]:
    words: dict[str, int] = {}
    for name in names:
        for line in (folder / f"THUOCL_{name}.txt").read_text("utf-8").splitlines():
            word, _, many = line.strip().partition("\t")
            if many.strip().isdigit():
                words.setdefault(word.strip(), int(many))
    return words


def _like_a_name(word: str) -> bool:
    if not 2 <= len(word) <= 6 or not all("\u4e00" <= one <= "\u9fff" for one in word):
        return False
    return word[0] in _HEADS or (word[0] in _FOREIGN and word[1] in _FOREIGN)


def _most(words: dict[str, int], many: int) -> list[str]:
    return sorted(words, key=lambda word: (-words[word], word))[:many]


def _unseen(words: Iterable[str], taken: Iterable[str]) -> list[str]:
    gone = set(taken)
    return [word for word in dict.fromkeys(words) if word not in gone]


def main() -> None:
    """Write the file."""
    lines = []
    for name, words in choose(Path(sys.argv[1]), Path(sys.argv[2])).items():
        lines.append(f"[{name}]")
        lines += [" ".join(words[at : at + 20]) for at in range(0, len(words), 20)]
    WORDS.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
