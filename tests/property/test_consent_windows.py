"""Uses and frequencies at a committer whose clock is set: windows end when they should.

The oracle knows nothing of standings: it keeps the times of the uses and counts those of a window.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.committer.messages import Change, Done, Grant, Intend, Not, Release
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.sqlite_store import open_writer
from gateway.domain.consent import Frequency
from gateway.domain.vocabulary import Period
from support.agreements import agreement_of
from support.store_engines import seeded
from support.store_world import terms

BASE = 683 * 2_592_000  # the start of a window of each length, in 2026
SECONDS = {Period.HOUR: 3_600, Period.DAY: 86_400, Period.MONTH: 2_592_000}
PERSON = sha256(b"a person").digest()
WIDE = 1_000_000


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("windows") / "store.db"
    assert all(BASE % seconds == 0 for seconds in SECONDS.values())
    migrate(path)
    with closing(open_writer(path)) as connection:
        seeded(SqliteCommitter(connection, lambda: BASE - 10_000))
    return path


class Committer:
    """One consent over a real store, and a clock to set."""

    def __init__(self, path: Path, uses: int | None, frequency: Frequency | None) -> None:
        self.connection = open_writer(path)
        self.now = BASE - 10
        self._committer = SqliteCommitter(self.connection, lambda: self.now)
        self._made = 0
        agreed = terms(
            consent_id="one", uses=uses, frequency=frequency, valid_from=BASE - 100,
            valid_until=BASE + 10 * SECONDS[Period.MONTH],
        )  # fmt: skip
        keys = (PERSON, "kek-1", b"wrapped", b"sealed")
        (granted,) = self._committer.commit(
            [Grant(self._event()[1], PERSON, *keys, "one", msgspec.msgpack.encode(agreed),
                   "key", bytes(64), PERSON, b"artefact")]
        )  # fmt: skip
        assert isinstance(granted, Done)

    def _event(self) -> tuple[str, bytes]:
        self._made += 1
        name = f"{self._made:032x}"
        return name, b'{"v":1,"id":"%s"}' % name.encode()

    def release(self, *requests: str) -> list[str]:
        """One batch: an intent and a release for each request id; how the releases ended."""
        intents = []
        for request in requests:
            name, event = self._event()
            intents.append(Intend(event, PERSON, name, "lender-a", request, bytes(32)))
        releases = [
            Release(
                self._event()[1], PERSON, one.event_id, "lender-a", one.request_id, "one", "rule",
                WIDE, 3_600, WIDE, 3_600, agreement_of("lender-a").id,
            )
            for one in intents
        ]  # fmt: skip
        results = self._committer.commit([*intents, *releases])[len(intents) :]
        return [_ending(one) for one in results]

    def change(self, transition: str) -> str:
        """Pause or resume the consent."""
        (result,) = self._committer.commit([Change(self._event()[1], PERSON, "one", transition)])
        return _ending(result)


def _ending(result: object) -> str:
    if isinstance(result, Done):
        return "repeat" if result.repeat else "done"
    assert isinstance(result, Not)
    return result.reason.value


# Seconds around the ends of windows, in order; what lies within a window is of no interest.
edges = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 3_599, 3_600, 86_399, 2_591_999])),
    min_size=1,
    max_size=30,
).map(lambda some: sorted(BASE + month * 2_592_000 + offset for month, offset in some))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    times=edges,
    count=st.integers(1, 3),
    per=st.sampled_from(Period),
    uses=st.none() | st.integers(1, 12),
    repeated=st.sets(st.integers(0, 29)),
)
def test_each_window_has_its_uses_and_no_more(
    template: Path,
    times: list[int],
    count: int,
    per: Period,
    uses: int | None,
    repeated: set[int],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(shutil.copyfile(template, Path(folder) / "store.db"))
        committer = Committer(path, uses, Frequency(count, per))
        used: list[int] = []
        for at, moment in enumerate(times):
            committer.now = moment
            in_window = [one for one in used if one // SECONDS[per] == moment // SECONDS[per]]
            expected = "done"
            if uses is not None and len(used) >= uses:
                expected = "CONSENT_USES_SPENT"
            elif len(in_window) >= count:
                expected = "CONSENT_FREQUENCY_SPENT"
            assert committer.release(f"r{at}") == [expected]
            if expected == "done":
                used.append(moment)
                if at in repeated:
                    assert committer.release(f"r{at}", f"r{at}") == ["repeat", "repeat"]
        rows = committer.connection.execute("SELECT uses FROM consent").fetchall()
        committer.connection.close()
        assert rows == [(len(used),)]


@pytest.mark.parametrize("per", Period)
def test_a_window_ends_with_its_last_second(template: Path, tmp_path: Path, per: Period) -> None:
    path = Path(shutil.copyfile(template, tmp_path / "store.db"))
    committer, length = Committer(path, None, Frequency(2, per)), SECONDS[per]
    committer.now = BASE + length - 1
    assert committer.release("a", "b", "c") == ["done", "done", "CONSENT_FREQUENCY_SPENT"]
    committer.now = BASE + length
    assert committer.release("d", "e", "f") == ["done", "done", "CONSENT_FREQUENCY_SPENT"]
    # A repeat pays with its own use, in whichever window that was.
    assert committer.release("d") == ["repeat"]
    committer.now = BASE + 2 * length
    assert committer.release("d", "g", "h") == ["repeat", "done", "done"]
    committer.connection.close()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.sampled_from(["pause", "resume", "release"]), max_size=25),
    uses=st.integers(1, 6),
)
def test_a_pause_holds_and_costs_no_use(template: Path, steps: list[str], uses: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(shutil.copyfile(template, Path(folder) / "store.db"))
        committer, paused, used = Committer(path, uses, None), False, 0
        for at, step in enumerate(steps):
            if step == "release":
                spent = "CONSENT_USES_SPENT" if used >= uses else "done"
                expected = "CONSENT_PAUSED" if paused else spent
                used += expected == "done"
                assert committer.release(f"r{at}") == [expected]
            else:
                possible = paused is (step == "resume")
                expected = "done" if possible else "CONSENT_TRANSITION_REFUSED"
                assert committer.change(step) == expected
                paused = paused is not possible
        committer.connection.close()
