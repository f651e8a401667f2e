"""The committer against a naive model: the same results however operations are cut into batches.

The model keeps every moment of use and counts for itself; the log is compared with the tree of
RFC 9162, section 2.1.1, over the events that the model says there are.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from gateway.adapters.committer_messages import (
    Again,
    AnyOperation,
    Append,
    Change,
    Done,
    Grant,
    Intend,
    Not,
    Release,
    Result,
)
from gateway.adapters.directory_store import Partner, write_partners
from gateway.adapters.migrate import migrate
from gateway.adapters.sqlite_committer import SqliteCommitter
from gateway.adapters.sqlite_log import CorruptLog, load_log
from gateway.adapters.sqlite_store import open_writer
from gateway.domain.consent import ConsentTerms, Frequency
from gateway.domain.reasons import ErrorReason as Reason
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, LawfulBasis, Period, Role
from support.crypto_log import reference_root

HOUR = 3_600
START = 1_760_000_400  # a third of the way through an hour
PREFILL = 250
"""Events before the first: a run goes past the first full tile, of 256."""
INSTITUTIONS = ("lender-a", "lender-b", "lender-s")
LIMITS = {
    "strict": {
        "subject_limit": 1,
        "subject_window": HOUR,
        "recipient_limit": 2,
        "recipient_window": HOUR,
    },
    "wide": {
        "subject_limit": 3,
        "subject_window": HOUR,
        "recipient_limit": 5,
        "recipient_window": 24 * HOUR,
    },
}
"""By rule; windows in seconds."""
AGREED: tuple[tuple[str, int, int | None, Frequency | None], ...] = (
    ("lender-a", 0, 2, None),
    ("lender-a", 0, None, Frequency(1, Period.HOUR)),
    ("lender-a", 1, None, None),
    ("lender-b", 1, 4, Frequency(2, Period.DAY)),
)
"""Of each consent: its controller, its subject, its uses and its frequency."""
TABLE = {
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "revoke"): "revoked",
    ("paused", "revoke"): "revoked",
    ("active", "expire"): "expired",
    ("paused", "expire"): "expired",
}
STANDING = {
    "paused": Reason.CONSENT_PAUSED,
    "revoked": Reason.CONSENT_REVOKED,
    "expired": Reason.CONSENT_EXPIRED,
}


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
        return Release(
            event=self._event()[1],
            subject_id=subject(whose),
            intent_id=intent.event_id,
            institution=intent.institution,
            request_id=intent.request_id,
            consent_id=f"consent-{number}",
            rule=rule,
            **LIMITS[rule],
        )

    def _append(self) -> Append:
        intent = self._intent().event_id if self._draw(st.booleans()) else ""
        return Append(self._event()[1], self._draw(st.sampled_from((b"", subject(0)))), intent)

    def _change(self) -> Change:
        number = self._draw(st.integers(0, len(AGREED)))
        # The last number is of a consent that nobody grants.
        whose = AGREED[number % len(AGREED)][1]
        kinds = ("pause", "resume", "resume", "resume", "revoke", "expire")
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
    for _ in range(draw(st.integers(1, 3))):
        steps = [make.next() for _ in range(draw(st.integers(1, 14)))]
        operations = [*first, *(one for step in steps for one in step)]
        first = []
        # A clock may go back; the log's time does not.
        seconds = draw(st.sampled_from((0, 1, -100, HOUR, HOUR // 2, 2 * HOUR)))
        sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        found.append(Epoch(seconds, operations, sizes))
    return found


@dataclass
class Agreement:
    """A consent of the model: the moments at which it was used, the latest last."""

    terms: ConsentTerms
    subject: bytes
    digest: bytes
    log_index: int
    state: str = "active"
    used: list[int] = field(default_factory=list)


@dataclass
class Request:
    """A request id of the model, and its last counted use."""

    body: bytes
    consent: str = ""
    used: int = 0


@dataclass
class Model:
    """What the gateway promises, with lists and no batches."""

    events: list[tuple[int, bytes]] = field(default_factory=list)
    consents: dict[str, Agreement] = field(default_factory=dict)
    requests: dict[tuple[str, str], Request] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    outcomes: dict[str, int] = field(default_factory=dict)
    keys: dict[bytes, bytes] = field(default_factory=dict)
    counted: dict[tuple[object, ...], list[int]] = field(default_factory=dict)
    latest: int = START

    def apply(self, one: AnyOperation, clock: int) -> Result:
        now = max(clock, self.latest)
        match one:
            case Intend():
                result = self._intend(one)
            case Release():
                result = self._release(one, now)
            case Append():
                result = self._append(one)
            case Grant():
                result = self._grant(one)
            case Change():
                result = self._change(one)
        # An outcome or a grant that was there already; a repeated release is an event of its own.
        known = isinstance(result, Done) and result.repeat and not isinstance(one, Release)
        if isinstance(result, Done) and not known:
            assert result.log_index == PREFILL + len(self.events)
            self.events.append((now, one.event))
            self.latest = now
        return result

    def _next(self, repeat: bool = False) -> Done:
        return Done(PREFILL + len(self.events), repeat)

    def _intend(self, one: Intend) -> Result:
        if one.institution == "lender-s":
            return Not(Reason.INSTITUTION_SUSPENDED)
        key = (one.institution, one.request_id)
        if self.requests.setdefault(key, Request(one.body_digest)).body != one.body_digest:
            return Not(Reason.REQUEST_ID_REUSED)
        self.open.add(one.event_id)
        return self._next()

    def _append(self, one: Append) -> Result:
        if one.intent_id and one.intent_id not in self.open:
            return self._next(repeat=True)
        self._close(one.intent_id)
        return self._next()

    def _close(self, intent: str) -> None:
        if intent:
            self.open.discard(intent)
            self.outcomes[intent] = self.outcomes.get(intent, 0) + 1

    def _grant(self, one: Grant) -> Result:
        known = self.consents.get(one.consent_id)
        if known is not None:
            if known.digest != one.artefact_digest:
                return Not(Reason.CONSENT_ALREADY_EXISTS)
            return Done(known.log_index, repeat=True)
        if self.keys.get(one.subject_id, one.wrapped_key) != one.wrapped_key:
            return Again()
        if one.terms == b"\xc1":
            return Not(Reason.INTERNAL)
        self.keys[one.subject_id] = one.wrapped_key
        agreed = msgspec.msgpack.decode(one.terms, type=ConsentTerms)
        index = PREFILL + len(self.events)
        self.consents[one.consent_id] = Agreement(
            agreed, one.subject_id, one.artefact_digest, index
        )
        return Done(index)

    def _change(self, one: Change) -> Result:
        consent = self.consents.get(one.consent_id)
        if consent is None:
            return Not(Reason.CONSENT_NOT_FOUND)
        after = TABLE.get((consent.state, one.transition))
        if after is None:
            return Not(Reason.CONSENT_TRANSITION_REFUSED)
        consent.state = after
        return self._next()

    def _release(self, one: Release, now: int) -> Result:
        if one.institution == "lender-s":
            return Not(Reason.INSTITUTION_SUSPENDED)
        request = self.requests.get((one.institution, one.request_id))
        if request is None or one.intent_id not in self.open:
            return Not(Reason.INTERNAL)
        consent = self.consents.get(one.consent_id)
        if (
            consent is None
            or consent.subject != one.subject_id
            or consent.terms.controller != one.institution
        ):
            return Not(Reason.CONSENT_ABSENT)
        repeat = request.consent == one.consent_id
        reason = _stands(consent, now, request.used if repeat else None)
        if reason is None and not repeat:
            reason = self._count(one, now)
        if reason is not None:
            return Not(reason)
        if not repeat:
            consent.used.append(now)
            request.consent, request.used = one.consent_id, now
        self._close(one.intent_id)
        return self._next(repeat)

    def _count(self, one: Release, now: int) -> Reason | None:
        recipient = self.counted.setdefault((one.institution, one.rule), [])
        person = self.counted.setdefault((one.institution, one.rule, one.subject_id), [])
        if _in_window(recipient, now, one.recipient_window) >= one.recipient_limit:
            return Reason.RECIPIENT_LIMIT_REACHED
        if _in_window(person, now, one.subject_window) >= one.subject_limit:
            return Reason.SUBJECT_LIMIT_REACHED
        recipient.append(now)
        person.append(now)
        return None


def _in_window(moments: list[int], now: int, seconds: int) -> int:
    return sum(one // seconds == now // seconds for one in moments)


def _stands(consent: Agreement, now: int, own: int | None) -> Reason | None:
    """Why the consent cannot be used, its own first use (of a repeated request) left out."""
    agreed, used = consent.terms, list(consent.used)
    if own is not None:
        used.remove(own)
    if consent.state != "active":
        return STANDING[consent.state]
    if not agreed.valid_from <= now < agreed.valid_until:
        return Reason.CONSENT_EXPIRED
    if agreed.uses is not None and len(used) >= agreed.uses:
        return Reason.CONSENT_USES_SPENT
    frequency = agreed.frequency
    if frequency and _in_window(used, now, frequency.per.seconds) >= frequency.count:
        return Reason.CONSENT_FREQUENCY_SPENT
    return None


class Store:
    """A committer over a copy of a store, with a clock to set."""

    def __init__(self, template: Path, path: Path) -> None:
        shutil.copyfile(template, path)
        self.connection = open_writer(path)
        self.now = START
        self._committer = SqliteCommitter(self.connection, lambda: self.now)

    def commit(self, batch: list[AnyOperation]) -> list[Result]:
        """Commit; then the head, the tiles and the entries must agree."""
        results = self._committer.commit(batch)
        load_log(self.connection)
        return results

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()

    def check(self, model: Model) -> None:
        """The log and the tables are what the model says."""
        entries = [
            event
            for (event,) in self.connection.execute(
                "SELECT event FROM log_entry ORDER BY log_index"
            )
        ]
        added = entries[PREFILL:]
        assert [b"{" + one.split(b",", 1)[1] for one in added] == [e for _, e in model.events]
        times = [one.split(b'"')[3] for one in added]
        assert times == sorted(times)
        assert self.rows("SELECT size, root FROM log_head") == [
            (len(entries), reference_root(entries))
        ]
        assert self.rows("SELECT event_id FROM open_intent ORDER BY 1") == [
            (one,) for one in sorted(model.open)
        ]
        assert self.rows("SELECT id, state, uses, grant_log_index FROM consent ORDER BY 1") == [
            (name, one.state, len(one.used), one.log_index)
            for name, one in sorted(model.consents.items())
        ]
        assert self.rows("SELECT id, body_digest, consent_id FROM request ORDER BY 1") == sorted(
            (f"{institution}|{id_}", one.body, one.consent or None)
            for (institution, id_), one in model.requests.items()
        )


def _check_bounds(model: Model) -> None:
    """Whatever was asked, nothing was used more often than agreed, and no intent ended twice."""
    for consent in model.consents.values():
        agreed = consent.terms
        assert agreed.uses is None or len(consent.used) <= agreed.uses
        for moment in consent.used:
            assert agreed.valid_from <= moment < agreed.valid_until
            if agreed.frequency is not None:
                seconds = agreed.frequency.per.seconds
                assert _in_window(consent.used, moment, seconds) <= agreed.frequency.count
    assert set(model.outcomes.values()) <= {1}
    assert model.open.isdisjoint(model.outcomes)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    migrate(path)
    with closing(open_writer(path)) as connection:
        active, suspended = InstitutionStatus.ACTIVE, InstitutionStatus.SUSPENDED
        write_partners(
            connection,
            [
                Partner(
                    *(one, one, (Role.LENDER,), Jurisdiction.CN),
                    suspended if one == "lender-s" else active,
                )
                for one in INSTITUTIONS
            ],
        )
        committer = SqliteCommitter(connection, lambda: START)
        committer.commit([Append(b'{"v":1}', b"", "") for _ in range(PREFILL)])
    return path


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
@given(story=epochs())
def test_results_do_not_depend_on_the_batches(template: Path, story: list[Epoch]) -> None:
    with TemporaryDirectory() as folder:
        singly = Store(template, Path(folder, "singly.db"))
        batched = Store(template, Path(folder, "batched.db"))
        with closing(singly.connection), closing(batched.connection):
            model = Model()
            for epoch in story:
                singly.now += epoch.seconds
                batched.now = singly.now
                expected = [model.apply(one, singly.now) for one in epoch.operations]
                note(f"{singly.now}: {expected}")
                found = [batched.commit(batch) for batch in epoch.batches()]
                assert [one for batch in found for one in batch] == expected
                assert [singly.commit([one])[0] for one in epoch.operations] == expected
            _check_bounds(model)
            batched.check(model)
            singly.check(model)


def test_the_open_intents_of_a_dead_process_are_closed_once(template: Path, tmp_path: Path) -> None:
    store = Store(template, tmp_path / "store.db")
    with closing(store.connection):
        names = [f"{number:032x}" for number in range(3)]
        store.commit(
            [Intend(b'{"v":1}', subject(0), one, "lender-a", one, bytes(32)) for one in names]
        )
        again = SqliteCommitter(store.connection, lambda: START)
        assert again.abandon_open_intents() == 3
        assert again.abandon_open_intents() == 0
        rows = store.rows(f"SELECT event FROM log_entry WHERE log_index>={PREFILL + 3}")
        said = [msgspec.json.decode(event) for (event,) in rows if isinstance(event, bytes)]
        assert [(one["kind"], one["intent"]) for one in said] == [
            ("ABANDONED", one) for one in names
        ]
        late = Append(b'{"v":1}', subject(0), names[0])
        assert again.commit([late]) == [Done(PREFILL + 6, repeat=True)]
        assert store.rows("SELECT * FROM open_intent") == []


def test_a_log_that_contradicts_itself_is_not_appended_to(template: Path, tmp_path: Path) -> None:
    store = Store(template, tmp_path / "store.db")
    with closing(store.connection):
        store.connection.execute("UPDATE log_entry SET log_index=log_index+1 WHERE log_index=249")
        for _ in range(2):
            with pytest.raises(CorruptLog):
                store.commit([Append(b'{"v":1}', b"", "")])
        assert store.rows("SELECT size FROM log_head") == [(PREFILL,)]
        assert not store.connection.in_transaction
