"""Which recognisers could find something in a view, told by a glance at it.

Owns the glance: what the numbers of the text look like (their shapes, which repeat from text to
text and are remembered), which context words and signs it has, and, for those recognisers that
this leaves, one pattern each. Refuses to judge: a gate that opens where nothing comes of it costs
a little time, one that stays shut where something would is an error.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from gateway.detection.context import EVERY
from gateway.detection.recognisers.base import Recogniser
from gateway.detection.recognisers.patterns import Gates, Pattern
from gateway.detection.text.settled import Settled
from gateway.detection.text.view import View, ViewKind

# What a rewriting writes has a digit or an @ in it; a "?" is a character beyond ASCII, and it, a
# comma and a semicolon end a token. Possessive parts, and that a token is only looked at from its
# beginning, keep this linear.
_SIGN = rb"[!-+\--/:<->A-~]"
_TOKENS = re.compile(rb"(?<![!-+\--:<->@-~])" + _SIGN + rb"*+[0-9@][!-+\--:<->@-~]*+")
_USUAL, _SHORTEST = 64, 3
_REMEMBERED = 8192


Extent = tuple[int, int]


@lru_cache(maxsize=1)
def _tokens(view: View) -> frozenset[tuple[int, bytes]]:
    """Return the tokens with where they begin in the original: asked for by each further view."""
    places = view.starts
    return frozenset(
        [
            (match.start() if places is None else places[match.start()], match[0])
            for match in _TOKENS.finditer(view.ascii)
        ]
    )


def news(view: View, first: View, settled: Settled) -> list[Extent]:
    """Return the tokens of ``view`` that are not in ``first`` and lie in no ``settled`` place.

    A rewriting writes ASCII only, so it is compared by its runs of ASCII.
    """
    known = _tokens(first)
    places = view.starts
    found: list[Extent] = []
    for match in _TOKENS.finditer(view.ascii):
        start, end = match.span()
        is_known = (start if places is None else places[start], match[0]) in known
        if not (is_known or settled.covers(*view.extent(start, end))):
            found.append((start, end))
    return found


def new_forms(view: View, new: Sequence[Extent]) -> list[bytes]:
    """Return the forms of the numbers of ``view`` that have a part in ``new``."""
    # News come in order and do not overlap: the last that begins before a form ends decides.
    starts = [start for start, _ in new]
    return [
        form
        for at, form in view.forms
        if (last := bisect_left(starts, at + len(form))) and new[last - 1][1] > at
    ]


class Triggers:
    """What is looked for in every text; a set of recognisers is a number with a bit for each."""

    def __init__(self, recognisers: tuple[Recogniser, ...]) -> None:
        self.always = self.lettered = self.topics = 0
        self._by_topic: dict[str, int] = {}
        by_sign: dict[str, int] = {}
        shaped: list[tuple[str, int]] = []
        for at, one in enumerate(recognisers):
            bit = 1 << at
            self.topics |= bit if one.NAMED else 0
            for topic in one.NAMED:
                self._by_topic[topic] = self._by_topic.get(topic, 0) | bit
            for sign in one.SIGNS:
                by_sign[sign] = by_sign.get(sign, 0) | bit
            shaped += [(shape, bit) for shape in one.SHAPES]
            if not (one.NAMED or one.SIGNS or one.SHAPES):
                self.always |= bit
            self.lettered |= bit if one.NAMED and not one.NEEDS_DIGITS else 0
        by_owners: dict[int, list[bytes]] = {}
        for sign, those in by_sign.items():
            if sign.isascii():
                by_owners.setdefault(those, []).append(sign.encode("ascii"))
        self._sign = tuple((those, one[0]) for those, one in by_owners.items() if len(one) == 1)
        self._signs = tuple(
            (those, re.compile(any_of([one.decode("ascii") for one in some]).encode("ascii")))
            for those, some in by_owners.items()
            if len(some) > 1
        )
        self._further_signs = tuple((sign, by_sign[sign]) for sign in by_sign if not sign.isascii())
        # One pattern says for most texts that there is none of them.
        further = [sign for sign, _ in self._further_signs]
        self._further = re.compile(any_of(further)) if further else None
        self._shapes = Gates(tuple(shape for shape, _ in shaped))
        self._owners = tuple(bit for _, bit in shaped)
        self._remembered = lru_cache(_REMEMBERED)(self._by_form)
        self._by_topics = lru_cache(_REMEMBERED)(self._union)

    def shaped(self, forms: Sequence[bytes]) -> int:
        """Return those that look for numbers of one of these forms."""
        found = 0
        for form in forms:
            found |= self._remembered(form) if len(form) <= _USUAL else self._by_form(form)
        return found

    def named(self, view: View) -> int:
        """Return those of which a context word is in the text."""
        found = 0
        for word in view.context.all(EVERY):
            found |= self._by_topics(word.topics)
        return found

    def signed(self, text: str, words: bytes, known: int = 0) -> int:
        """Return those of which a sign is in the text; of signs in ASCII, in ``words`` of it.

        Those that are ``known`` to have something are not looked for.
        """
        found = 0
        for those, sign in self._sign:
            if sign in words:
                found |= those
        for those, signs in self._signs:
            if those & ~known and signs.search(words):
                found |= those
        if self._further is not None and not text.isascii() and self._further.search(text):
            for further, those in self._further_signs:
                if further in text:
                    found |= those
        return found

    def _by_form(self, form: bytes) -> int:
        found = 0
        for at in self._shapes.open(form):
            found |= self._owners[at]
        return found

    def _union(self, topics: tuple[str, ...]) -> int:
        found = 0
        for topic in topics:
            found |= self._by_topic.get(topic, 0)
        return found


class GatedRecognisers:
    """All recognisers, and for a view those that could find something in it."""

    def __init__(self, recognisers: tuple[Recogniser, ...]) -> None:
        self.recognisers = recognisers
        self._triggers = Triggers(recognisers)
        always = self._triggers.always
        gated = [(1 << at, one) for at, one in enumerate(recognisers) if one.GATES]
        self._gates = [(bit, _either(one.GATES)) for bit, one in gated if not bit & always]
        self._gated = sum(bit for bit, _ in self._gates)
        self._gates_of = lru_cache(_REMEMBERED)(self._those_gates)
        # Those with nothing but gates rarely have an open one: they are asked for all at once.
        self._only = [(bit, _either(one.GATES)) for bit, one in gated if bit & always]
        self._any = _either([gate for bit, one in gated if bit & always for gate in one.GATES])
        self._shut = always & ~sum(bit for bit, _ in self._only)
        self._asked = lru_cache(_REMEMBERED)(self._those)

    def worth_asking(self, view: View) -> tuple[Recogniser, ...]:
        """Return the recognisers that a glance does not rule out, each once."""
        return self._open(view, [one[1] for one in view.forms], view.ascii)

    def worth_asking_again(
        self, view: View, first: View, settled: Settled
    ) -> tuple[Recogniser, ...]:
        """Return those worth asking about a rewriting of a view that all have been asked about.

        ``settled`` are the places in the original that are found already, and surely: what is
        written anew within one of them is no news, and neither is what stands as it stood.
        """
        new = news(view, first, settled)
        if not new:
            return ()
        forms = new_forms(view, new)
        return self._open(view, forms, b" ".join([view.ascii[start:end] for start, end in new]))

    def _open(self, view: View, forms: list[bytes], words: bytes) -> tuple[Recogniser, ...]:
        """Return those that numbers of these forms, or signs in these words, may be of."""
        triggers, ascii_ = self._triggers, view.ascii
        mask = self._shut | triggers.shaped(forms)
        mask |= triggers.signed(view.text, words, mask)
        topics = triggers.topics if _has_number(forms) else triggers.lettered
        if topics & ~mask:
            mask |= triggers.named(view) & topics
        for bit, pattern in self._gates_of(mask & self._gated):
            if not pattern.occurs(ascii_):
                mask ^= bit
        if self._only and self._any.occurs(ascii_):
            for bit, pattern in self._only:
                if pattern.occurs(ascii_):
                    mask |= bit
        return self._asked(mask, view.kind)

    def _those_gates(self, mask: int) -> tuple[tuple[int, Pattern], ...]:
        return tuple((bit, pattern) for bit, pattern in self._gates if mask & bit)

    def _those(self, mask: int, kind: ViewKind) -> tuple[Recogniser, ...]:
        return tuple(
            one for at, one in enumerate(self.recognisers) if mask >> at & 1 and kind in one.VIEWS
        )


def _has_number(forms: Sequence[bytes]) -> bool:
    """Say whether there are as many digits as the shortest number that a word names."""
    digits = 0
    for form in forms:
        digits += form.count(b"0")
        if digits >= _SHORTEST:
            return True
    return False


def any_of(signs: Sequence[str]) -> str:
    """Return the pattern of any of the signs: one class first, which passes all else over."""
    by_head: dict[str, list[str]] = {}
    for sign in signs:
        by_head.setdefault(re.escape(sign[0]), []).append(re.escape(sign[1:]))
    single = [head for head, tails in by_head.items() if "" in tails]
    longer = [
        f"(?<={head})(?:{'|'.join(tails)})" for head, tails in by_head.items() if "" not in tails
    ]
    branches = [*([f"(?<=[{''.join(single)}])"] if single else []), *longer]
    return f"[{''.join(by_head)}](?:{'|'.join(branches)})"


def _either(gates: Sequence[str]) -> Pattern:
    return Pattern("|".join(f"(?:{gate})" for gate in gates))
