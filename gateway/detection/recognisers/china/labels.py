"""Which word names a number: the nearest one before it, unless another kind's stands nearer.

Owns how far a label reaches, what ends its reach, and lists ("电话：A、B、C" names all three).
Refuses to search the text: the words are those of the view's context index, in order, and each
question is a binary search, so that a text full of labels costs no more than its length.
"""

from typing import Final

from gateway.detection.context import Word, ended
from gateway.detection.recognisers.columns import heading
from gateway.detection.text.view import View

OTHER: Final = "CN_OTHER_NUMBER"
"""The topic of numbers that are nobody's: one of these nearer than the label takes the number."""

RIVALS: Final = (
    OTHER,
    "CN_SOCIAL_SECURITY_NUMBER",
    "CN_HOUSING_FUND_NUMBER",
    "CN_MEDICAL_INSURANCE_NUMBER",
    "CN_DRIVER_LICENSE",
    "CN_CONTRACT_NUMBER",
    "CN_LOAN_NUMBER",
    "CN_BANK_ACCOUNT",
    "CN_TAX_NUMBER",
    "CN_BUSINESS_LICENSE",
    "WECHAT_ID",
    "QQ_NUMBER",
    "ALIPAY_ID",
)
"""The topics of what only a word makes what it is: the nearest word takes the number."""

_STOPS = frozenset("。；;！!？?")
_PAUSES = frozenset("，,、")
_NEW_LABEL = frozenset(":：=＝")
_JOINS = (":", "：", "=", "是", "为", "為", "#", "is")
_LIST_GAP = 8
_CONJUNCTIONS = frozenset("或和及与與跟同另or and")
# Letters between a label and its number: more of them are a sentence of their own.
_FEW, _FEW_LATIN = 4, 10


def _longest(words: list[Word], at: int) -> Word | None:
    """Return the longest of the words that end where ``words[at - 1]`` does."""
    if not at:
        return None
    best = words[at - 1]
    if at == 1 or words[at - 2].end != best.end:
        return best
    for word in reversed(words[max(0, at - 4) : at - 1]):
        if word.end != best.end:
            break
        best = word if word.start < best.start else best
    return best


def label(
    view: View,
    topic: str,
    start: int,
    end: int,
    before: int = 12,
    after: int = 0,
    rivals: tuple[str, ...] = (OTHER,),
) -> str | None:
    """Return the word of ``topic`` that names ``view.text[start:end]``, or None.

    Distances are in characters, as ``View.place`` has them. A word that covers the number whole
    names it too.
    """
    words = view.context.all(topic)
    if not words:
        return None
    first, last = view.place(start, end)
    at = ended(words, first)
    near = _longest(words, at)
    if near and first - near.end <= before and _reaches(view, near, first, start):
        for rival in rivals:
            if (others := view.context.all(rival)) and _is_outdone(others, near, first):
                return None
        return near.word
    for word in words[at : at + 2]:
        if word.start <= first and word.end >= last:
            return word.word
        if 0 <= word.start - last < after:
            return word.word
    return None


def _reaches(view: View, word: Word, first: int, start: int) -> bool:
    """Say whether nothing between the word and the number ends the word's reach."""
    gap = first - word.end
    if not gap:
        return True
    between = view.text[max(0, start - gap) : start]
    if not _STOPS.isdisjoint(between) or (gap > 2 and not _PAUSES.isdisjoint(between)):
        return False
    return gap <= _FEW or between.rstrip().endswith(_JOINS) or not _is_prose(between)


def _is_prose(between: str) -> bool:
    """Say whether the label goes on as a sentence, so that it is no label ("QQ音乐播放量...")."""
    letters = [character for character in between if character.isalpha()]
    latin = sum(map(str.isascii, letters))
    return latin > _FEW_LATIN or len(letters) - latin > _FEW


def _is_outdone(others: list[Word], word: Word, first: int) -> bool:
    other = _longest(others, ended(others, first))
    if other is None or other.end < word.end:
        return False
    return other.end > word.end or len(other.word) > len(word.word)


def other_label(view: View, start: int, end: int, before: int = 4) -> bool:
    """Say whether the word just before names a number that is nobody's."""
    words = view.context.all(OTHER)
    if not words:
        return False
    first, _ = view.place(start, end)
    at = ended(words, first)
    return at > 0 and first - words[at - 1].end <= before


class Labels:
    """The labels of one kind of number, asked in the order of the text: a list shares its label."""

    def __init__(
        self,
        view: View,
        topic: str,
        before: int = 12,
        after: int = 0,
        rivals: tuple[str, ...] = (OTHER,),
    ) -> None:
        self.none = not view.context.all(topic)
        if self.none:
            return
        self._view, self._topic, self._before, self._after = view, topic, before, after
        self._rivals = rivals
        self._last: tuple[int, str] | None = None

    def of(self, start: int, end: int) -> str | None:
        """Return the word that names the number, or the one that named the number before it."""
        if self.none:
            return None
        word = label(self._view, self._topic, start, end, self._before, self._after, self._rivals)
        if word is None:
            word = self._inherited(start, end)
            if word is None and "\n" in self._view.text:
                word = self._of_column(start)
        if word is not None:
            self._last = end, word
        return word

    def _of_column(self, start: int) -> str | None:
        """Return the word in the heading of a table's column."""
        cell = heading(self._view, start)
        if cell is None:
            return None
        first, last = self._view.place(*cell)
        words = self._view.context.all(self._topic)
        word = _longest(words, ended(words, last))
        if word is None or word.start < first:
            return None
        rivals = (self._view.context.all(rival) for rival in self._rivals)
        outdone = any(others and _is_outdone(others, word, last) for others in rivals)
        return None if outdone else word.word

    def touches(self, start: int, end: int) -> bool:
        """Say whether a word stands right before: its letters are no part of the number."""
        return not self.none and label(self._view, self._topic, start, end, 0) is not None

    def _inherited(self, start: int, end: int) -> str | None:
        if self._last is None or not 0 <= start - self._last[0] <= _LIST_GAP:
            return None
        between = self._view.text[self._last[0] : start]
        if any(sign.isalnum() and sign not in _CONJUNCTIONS for sign in between):
            return None
        if not _NEW_LABEL.isdisjoint(between) or other_label(self._view, start, end):
            return None
        return self._last[1]
