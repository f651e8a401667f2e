"""Random operations for the committer, in batches of random sizes, for the test of its model.

Owns a small world in which requests, consents and limits collide often. Refuses to know what the
operations should give: that is the model's business.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle
from typing import Any

import msgspec
from hypothesis import strategies as st

from gateway.adapters.committer.messages import (
    AnyOperation,
    Append,
    Change,
    Grant,
    Intend,
    Release,
)
from gateway.domain.consent import ConsentTerms, Frequency
from gateway.domain.vocabulary import LawfulBasis, Period

HOUR = 3_600
START = 1_760_001_600  # a third of the way through an hour
INSTITUTIONS = ("lender-a", "lender-b", "lender-s")
LIMITS: dict[str, dict[str, Any]] = {
    "strict": {
        "subject_limit": 1,
        "subject_window": HOUR,
        "recipient_limit": 2,
        "recipient_window": HOUR,
    },
    "wide": {
        "subject_limit": 2,
        "subject_window": HOUR,
        "recipient_limit": 2,
        "recipient_window": 24 * HOUR,
    },
}
"""By rule; windows in seconds."""
CONTRACTS: dict[str, tuple[str, int, int, int | None]] = {
    "long-a": ("lender-a", 0, START + 30 * HOUR, None),
    "long-b": ("lender-b", 0, START + 30 * HOUR, None),
    "future-a": ("lender-a", START + HOUR, START + 30 * HOUR, None),
    "short-a": ("lender-a", 0, START + HOUR, None),
    "ended-b": ("lender-b", 0, START + 30 * HOUR, START + HOUR // 2),
}
"""Of each agreement: its institution, from when, until before when, and when it was ended early."""
AGREED: tuple[tuple[str, int, int | None, Frequency | None], ...] = (
    ("lender-a", 0, 2, None),
    ("lender-a", 0, None, Frequency(1, Period.HOUR)),
    ("lender-a", 1, None, None),
    ("lender-b", 1, 4, Frequency(2, Period.DAY)),
)
"""Of each consent: its controller, its subject, its uses and its frequency."""


def subject(number: int) -> bytes:
    return sha256(b"subject %d" % number).digest()


def terms(number: int) -> ConsentTerms:
    controller, _, uses, frequency = AGREED[number]
    words = frozenset({"any"})
    return ConsentTerms(
        *(f"consent-{number}", 1, controller, controller, words, words, words, words, words),
        *(LawfulBasis.CONSENT, frozenset(), START - 60, START + 3 * HOUR, uses, frequency, 30),
        bytes(32),
    )


class Operations:
    """Makes operations; each event has an id of its own, and an outcome refers to its intent."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._made = 0
        self._intents: list[Intend] = []

    def next(self) -> list[AnyOperation]:
        kinds: list[Callable[[], list[AnyOperation]]] = [
            *(self._call, self._call, self._call, self._call),
            lambda: [self._intend()],
            lambda: [self._release(self._intent())],
            lambda: [self._append()],
            lambda: [self._change()],
            lambda: [self._grant()],
        ]
        return self._draw(st.sampled_from(kinds))()

    def _call(self) -> list[AnyOperation]:
        """What a call that the decision permits asks for; its request may be a repeated one."""
        intent = self._intend()
        return [intent, self._release(intent)]

    def _event(self) -> tuple[str, bytes]:
        self._made += 1
        name = f"{self._made:032x}"
        return name, b'{"v":1,"id":"%s"}' % name.encode()

    def _intend(self) -> Intend:
        name, event = self._event()
        institution = self._draw(st.sampled_from(("lender-a",) * 5 + INSTITUTIONS))
        request, body = self._draw(st.tuples(st.integers(0, 5), st.sampled_from(b"xxxxxxxy")))
        made = Intend(event, subject(0), name, institution, f"r{request}", bytes([body]).rjust(32))
        self._intents.append(made)
        return made

    def _intent(self) -> Intend:
        return self._draw(st.sampled_from(self._intents)) if self._intents else self._intend()

    def _release(self, intent: Intend) -> Release:
        own = [at for at, agreed in enumerate(AGREED) if agreed[0] == intent.institution]
        anyones = list(range(len(AGREED)))
        strange = self._draw(st.integers(0, 9))
        number = self._draw(st.sampled_from(anyones if strange == 9 or not own else own))
        whose = AGREED[number][1] if strange else 1 - AGREED[number][1]
        rule = self._draw(st.sampled_from(sorted(LIMITS)))
        usual = [f"long-{intent.institution[-1]}"] * 12
        agreement = self._draw(st.sampled_from([*usual, *CONTRACTS, "none"]))
        return Release(
            event=self._event()[1],
            subject_id=subject(whose),
            intent_id=intent.event_id,
            institution=intent.institution,
            request_id=intent.request_id,
            consent_id=f"consent-{number}",
            rule=rule,
            agreement_id=agreement,
            **LIMITS[rule],
        )

    def _append(self) -> Append:
        intent = self._intent().event_id if self._draw(st.booleans()) else ""
        return Append(self._event()[1], self._draw(st.sampled_from((b"", subject(0)))), intent)

    def _change(self) -> Change:
        number = self._draw(st.integers(0, len(AGREED)))
        # The last number is of a consent that nobody grants.
        whose = AGREED[number % len(AGREED)][1]
        kinds = (*("pause", "resume", "resume", "pause", "resume", "resume"), "revoke", "expire")
        return Change(
            self._event()[1],
            subject(whose),
            f"consent-{number}",
            self._draw(st.sampled_from(kinds)),
        )

    def _grant(self) -> Grant:
        number, kind = self._draw(
            st.tuples(
                st.integers(0, len(AGREED) - 1),
                st.sampled_from(("same",) * 6 + ("other artefact", "other key", "broken")),
            )
        )
        return self.grant(number, kind)

    def grant(self, number: int, kind: str = "same") -> Grant:
        whose = AGREED[number][1]
        consent_id = f"consent-{number}" + ("-broken" if kind == "broken" else "")
        encoded = b"\xc1" if kind == "broken" else msgspec.msgpack.encode(terms(number))
        digest = sha256(f"{consent_id} {kind == 'other artefact'}".encode()).digest()
        wrapped = b"another" if kind == "other key" else b"wrapped"
        return Grant(
            event=self._event()[1],
            subject_id=subject(whose),
            lookup=sha256(subject(whose)).digest(),
            kek_id="kek-1",
            wrapped_key=wrapped,
            sealed_secret=b"sealed",
            consent_id=consent_id,
            terms=encoded,
            key_id="key-1",
            signature=bytes(64),
            artefact_digest=digest,
            sealed_artefact=b"artefact",
        )


@dataclass(frozen=True)
class Epoch:
    """Operations at one moment, and the sizes of the batches that they come in."""

    seconds: int
    operations: list[AnyOperation]
    sizes: list[int]

    def batches(self) -> Iterator[list[AnyOperation]]:
        left = list(self.operations)
        for size in cycle(self.sizes):
            if not left:
                return
            yield left[:size]
            del left[:size]


@st.composite
def epochs(draw: st.DrawFn) -> list[Epoch]:
    make = Operations(draw)
    late = draw(st.sampled_from((None, *range(len(AGREED)))))
    first: list[AnyOperation] = [make.grant(at) for at in range(len(AGREED)) if at != late]
    found: list[Epoch] = []
    for _ in range(draw(st.integers(2, 4))):
        steps = [make.next() for _ in range(draw(st.integers(3, 14)))]
        operations = [*first, *(one for step in steps for one in step)]
        first = []
        # A clock may go back; the log's time does not.
        seconds = draw(st.sampled_from((0, -100, HOUR // 2, HOUR, HOUR)))
        sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        found.append(Epoch(seconds, operations, sizes))
    return found
