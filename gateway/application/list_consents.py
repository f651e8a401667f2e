"""The list of an institution's consents: which of them, in pages, the latest grant first.

Owns the filters and how much is read for one page. Refuses to show anybody's consents but the
caller's own: those that it collected or controls.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.application.ports.consents import ConsentList, Listed, Place
from gateway.domain.consent import ConsentState, state_at
from gateway.domain.institution import Principal
from gateway.domain.subject import SubjectKey

_READ_AT_ONCE: Final = 250
_READ_AT_MOST: Final = 2_000
"""Consents looked at for one page: a filter that hardly any passes must not hold up the others."""


class ConsentFilter(msgspec.Struct, frozen=True):
    """What a consent of the list must be; what is empty or None does not filter.

    ``dataset`` and ``purpose`` are as the consent names them. ``ends_before`` is in Unix seconds.
    """

    state: ConsentState | None = None
    dataset: str = ""
    purpose: str = ""
    controller: str = ""
    collector: str = ""
    subject: SubjectKey | None = None
    ends_before: int | None = None

    def passes(self, listed: Listed, now: int) -> bool:
        """Return whether a consent is one of these at ``now``; its subject is not looked at."""
        terms = listed.consent.terms
        return (
            (self.state is None or state_at(listed.consent, now) is self.state)
            and (not self.dataset or self.dataset in terms.datasets)
            and (not self.purpose or self.purpose in terms.purposes)
            and self.controller in ("", terms.controller)
            and self.collector in ("", terms.collector)
            and (self.ends_before is None or terms.valid_until < self.ends_before)
        )


class ConsentPage(msgspec.Struct, frozen=True):
    """Consents with their states as of ``now``, and where to go on; None at the end.

    A page may hold fewer than were asked for, even none, before the end.
    """

    consents: tuple[Listed, ...]
    now: int
    next: Place | None


class ListConsents:
    """Lists consents by their grants."""

    def __init__(self, consents: ConsentList, clock: Callable[[], float]) -> None:
        """Take the store and a clock of Unix seconds."""
        self._consents = consents
        self._clock = clock

    async def __call__(
        self, principal: Principal, wanted: ConsentFilter, after: Place | None, limit: int
    ) -> ConsentPage:
        """Return at most ``limit`` of the caller's consents that come after ``after``.

        Raises ``Refused``: STORE_UNAVAILABLE, REFERENCE_KEY_UNKNOWN.
        """
        now, found, read = int(self._clock()), list[Listed](), 0
        while True:
            some = await self._consents.following(
                principal.institution, wanted.subject, after, _READ_AT_ONCE
            )
            for at, one in enumerate(some):
                if wanted.passes(one, now):
                    found.append(one)
                after = one.place
                if len(found) == limit:
                    whole = at + 1 == len(some) < _READ_AT_ONCE
                    return ConsentPage(tuple(found), now, None if whole else after)
            read += len(some)
            if len(some) < _READ_AT_ONCE:
                return ConsentPage(tuple(found), now, None)
            if read >= _READ_AT_MOST:
                return ConsentPage(tuple(found), now, after)
            # Reading may block: others get their turn in between.
            await asyncio.sleep(0)
