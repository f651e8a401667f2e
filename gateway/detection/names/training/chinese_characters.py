"""Makes ``data/chinese_characters.tsv``: how common a character is in names and elsewhere.

Owns the counting: names and frequencies of jieba's small dictionary (MIT), the surname shares of
Faker's zh_CN, and ``chinese_parts``. Run by hand when one of them changes:
``python -m gateway.detection.names.training.chinese_characters dict.txt.small``.
"""

import sys
from collections import Counter
from pathlib import Path

from faker.providers.person.zh_CN import Provider

from gateway.detection.names.training import chinese_parts as parts

TABLE = Path(__file__).parent.parent / "data" / "chinese_characters.tsv"
COLUMNS = ("surname", "first", "last", "single", "foreign", "text")
# Counts of a dictionary reader's names that are foreign or no names at all would drown the rest.
_MOST_FROM_DICTIONARY = 30


def count(dictionary: Path) -> dict[str, Counter[str]]:
    """Return the shares, by column; each column adds up to a million."""
    counts = {column: Counter[str]() for column in COLUMNS}
    _count_dictionary(dictionary, counts)
    for column, characters in (
        ("first", parts.FIRST),
        ("last", parts.LAST),
        ("single", parts.SINGLE),
    ):
        for character, many in list(counts[column].items()):
            least = 2 if character not in parts.TRANSLITERATION else 8
            counts[column][character] = min(many, _MOST_FROM_DICTIONARY) if many >= least else 0
        seen: set[str] = set()
        for at, character in enumerate(characters):
            if character not in seen:
                counts[column][character] += int(10 + 90 * (1 - at / len(characters)) ** 2)
                seen.add(character)
        for character in parts.RARE:
            counts[column][character] += 6
    for name, share in Provider.last_names.items():
        if len(name) == 1:
            counts["surname"][name] += int(share * 10_000)
    for name in parts.MORE_SURNAMES:
        counts["surname"][name] = max(counts["surname"][name], 30)
    for name in parts.FOREIGN:
        counts["foreign"].update(name * 3)
    counts["foreign"].update(parts.TRANSLITERATION)
    return {column: _shares(counter) for column, counter in counts.items()}


def _count_dictionary(dictionary: Path, counts: dict[str, Counter[str]]) -> None:
    for line in dictionary.read_text("utf-8").splitlines():
        word, many, kind = line.split()
        if kind not in ("nr", "nrfg", "nrt"):
            for character in word:
                counts["text"][character] += int(many)
        elif kind != "nrt" and word[0] in Provider.last_names and len(word) == 3:
            counts["first"][word[1]] += 1
            counts["last"][word[2]] += 1
        elif kind != "nrt" and word[0] in Provider.last_names and len(word) == 2:
            counts["single"][word[1]] += 1


def _shares(counter: Counter[str]) -> Counter[str]:
    total = sum(counter.values())
    return Counter({one: round(many / total * 1_000_000) for one, many in counter.items() if many})


def main() -> None:
    """Write the table."""
    shares = count(Path(sys.argv[1]))
    characters = sorted(set().union(*shares.values()))
    rows = ["\t".join(("character", *COLUMNS))]
    for character in characters:
        values = [shares[column][character] for column in COLUMNS]
        if "\u3400" <= character <= "\u9fff" and any(values):
            rows.append("\t".join((character, *map(str, values))))
    TABLE.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
