"""Which words of which topic stand where: one automaton pass over a text for all recognisers.

Owns the index of context words. A recogniser declares its topics and words (``CONTEXT``); words
are matched in lower case, on the folded text, and words in ASCII letters only as whole words.
Refuses to weigh: what a word near a number means is the recogniser's business.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import ahocorasick

EVERY: Final = ""
"""In place of a topic: every word of the text, once."""

_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_LONGEST = 64
_FEW = 8


class Word(NamedTuple):
    """A context word in a text, with its topics; offsets are those of the original."""

    start: int
    end: int
    word: str
    topics: tuple[str, ...] = ()


class ContextIndex:
    """The context words of one text, by topic."""

    _words: Mapping[str, list[Word]]

    def __init__(self, words: Mapping[str, list[Word]]) -> None:
        self._words = words

    def all(self, topic: str) -> list[Word]:
        """Return every word of the topic, in order of their ends."""
        return self._words.get(topic, [])

    def nearest(self, topic: str, start: int, end: int, before: int, after: int) -> str | None:
        """Return the word of the topic nearest to ``start`` .. ``end``, or None.

        A word counts when it ends at most ``before`` characters before ``start``, begins at most
        ``after`` behind ``end``, or overlaps.
        """
        words = self._words.get(topic)
        if not words:
            return None
        at = ended(words, start)
        best = _last_before(words, at, start, before)
        for word in words[at:]:
            gap = max(0, word.start - end)
            if gap <= after and (best is None or gap < best[0]):
                best = gap, word.word
            if word.end - _LONGEST > end + after:
                break
        return best[1] if best else None


NO_WORDS: Final = ContextIndex({})
"""The words of a text of which nobody has asked for any."""


def _last_before(words: list[Word], at: int, start: int, before: int) -> tuple[int, str] | None:
    """Return the gap and the text of the first of those that end where ``words[at - 1]`` does."""
    if not at or start - words[at - 1].end > before:
        return None
    while at > 1 and words[at - 2].end == words[at - 1].end:
        at -= 1
    return start - words[at - 1].end, words[at - 1].word


def word_end(word: Word) -> int:
    """Return where a word ends: the key by which the words of a topic are in order."""
    return word.end


def ended(words: list[Word], at: int) -> int:
    """Return how many of the words of a topic end at ``at`` or before."""
    count = len(words)
    if count > _FEW:
        return bisect_right(words, at, key=word_end)
    # A handful is the rule, and bisection calls its key each time.
    while count and words[count - 1][1] > at:
        count -= 1
    return count


class ContextWords:
    """The automaton over the words of all topics; made once.

    It reads UTF-8, a byte a step: a state has at most a few dozen successors then, where one over
    characters has hundreds, and looks through them for every character of every text.
    """

    def __init__(self, topics: Iterable[tuple[str, Iterable[str]]]) -> None:
        named: dict[str, set[str]] = {}
        for topic, words in topics:
            for word in words:
                if len(word) > _LONGEST:
                    raise ValueError(f"a context word has at most {_LONGEST} characters")
                named.setdefault(word.lower(), set()).add(topic)
        self._automaton = ahocorasick.Automaton()
        for word, its_topics in named.items():
            entry = (
                word,
                len(word),
                tuple(sorted(its_topics)),
                *map(_is_latin, (word[0], word[-1])),
            )
            self._automaton.add_word(_bytes_of(word).decode("latin-1"), entry)
        self._empty = not named
        self._automaton.make_automaton()

    def index(
        self, lowered: str, starts: "list[int] | None" = None, ends: "list[int] | None" = None
    ) -> ContextIndex:
        """Return the words of a folded text in lower case; ``starts`` and ``ends`` as in a view."""
        return ContextIndex(self.by_topic(lowered, starts, ends))

    def by_topic(
        self, lowered: str, starts: "list[int] | None" = None, ends: "list[int] | None" = None
    ) -> dict[str, list[Word]]:
        """Return the same as a plain table, which an index takes."""
        every: list[Word] = []
        found: dict[str, list[Word]] = {EVERY: every}
        if self._empty:
            return found
        size_of_text, is_ascii = len(lowered), lowered.isascii()
        raw = b"" if is_ascii else _bytes_of(lowered)
        read = lowered if is_ascii else raw.decode("latin-1")
        # Where the last word ended, in bytes and in characters: words come in order of their ends.
        at = behind = 0
        for last, (word, size, topics, head, tail) in self._automaton.iter(read):
            if is_ascii:
                behind = last + 1
            else:
                behind += len(raw[at : last + 1].decode("utf-8", "surrogatepass"))
                at = last + 1
            first = behind - size
            if head and first and lowered[first - 1] in _LETTERS:
                continue
            if tail and behind < size_of_text and lowered[behind] in _LETTERS:
                continue
            start = starts[first] if starts is not None else first
            end = ends[behind - 1] if ends is not None else behind
            # A thousand words are no rarity, and this way one costs half.
            one = tuple.__new__(Word, (start, end, word, topics))
            every.append(one)
            for topic in topics:
                if topic in found:
                    found[topic].append(one)
                else:
                    found[topic] = [one]
        return found


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
