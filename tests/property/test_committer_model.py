"""The committer against a naive model: the same results however operations are cut into batches.

The log is compared with the tree of RFC 9162, section 2.1.1, over the events that the model says
there are, and head, tiles and entries with each other after each commit.
"""

import shutil
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings

from gateway.adapters.committer_messages import AnyOperation, Append, Done, Intend, Result
from gateway.adapters.directory_store import Partner, write_partners
from gateway.adapters.migrate import migrate
from gateway.adapters.sqlite_committer import SqliteCommitter
from gateway.adapters.sqlite_log import CorruptLog, load_log
from gateway.adapters.sqlite_store import open_writer
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role
from support.committer_model import PREFILL, Model, check_bounds
from support.committer_operations import INSTITUTIONS, START, Epoch, epochs, subject
from support.crypto_log import reference_root


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
            check_bounds(model)
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
