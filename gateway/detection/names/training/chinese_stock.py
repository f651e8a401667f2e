"""What names and sentences are drawn from: characters with their shares, and known words.

Owns the reading of the tables of the model for the drawing of training text.
"""

from gateway.detection.names.chinese.characters import COLUMNS, TABLE
from gateway.detection.names.chinese.lexicon import BRAND, PERSON, PLACE, THING, known_words


def tables() -> dict[str, tuple[list[str], list[float]]]:
    """Return, by column, the characters and their shares added up."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    found = {}
    for number, column in enumerate(COLUMNS, start=1):
        names, shares, total = [], [], 0.0
        for row in rows:
            if int(row[number]):
                total += int(row[number])
                names.append(row[0])
                shares.append(total)
        found[column] = names, shares
    return found


def words_by_class() -> dict[str, list[str]]:
    """Return the known words by class, and under ``any`` all that stand for no person."""
    names = {PLACE: "place", BRAND: "brand", THING: "thing", PERSON: "person"}
    words: dict[str, list[str]] = {name: [] for name in (*names.values(), "any")}
    for word, class_ in known_words().items():
        words[names[class_]].append(word)
        if class_ != PERSON:
            words["any"].append(word)
    return words
