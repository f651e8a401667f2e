"""What happens inside one transaction of the committer, on any engine.

Owns the order: rare operations first, so that a suspension in a batch holds for the releases beside
it; then the rows of the others are read, the rules applied, and all of it written with the log.
Nothing here begins or ends a transaction.
"""

from collections.abc import Callable

from gateway.adapters.committer.batch import Batch
from gateway.adapters.committer.log import LogState, append_events, stamped
from gateway.adapters.committer.messages import AnyOperation, Rare, Result
from gateway.adapters.committer.rare import apply_rare
from gateway.adapters.committer.rows import ask_rows, write_changes
from gateway.adapters.committer.sql import Sql


def apply(
    sql: Sql,
    head: Callable[[], LogState],
    operations: list[AnyOperation],
    clock_ms: Callable[[], int],
    owner: int,
) -> tuple[list[Result], LogState]:
    """Return a result for each operation and the log's state, which hold once it commits.

    ``head`` gives the log's state, once nobody else can move it.
    """
    rare = any(isinstance(one, Rare) for one in operations)
    frequent = [one for one in operations if not isinstance(one, Rare)]
    asked = ask_rows(sql, frequent) if frequent and not rare else None
    log = head()
    time_ms, size = max(clock_ms(), log.last_time_ms), log.edge.size
    results, events = dict[int, Result](), list[bytes]()
    for at, one in enumerate(operations):
        if isinstance(one, Rare):
            results[at] = apply_rare(sql, one, size + len(events), time_ms, events)
    if frequent:
        rows = (asked or ask_rows(sql, frequent))()
        batch = Batch(rows, size + len(events), time_ms // 1000)
        applied = iter([batch.apply(one) for one in frequent])
        for at, one in enumerate(operations):
            if not isinstance(one, Rare):
                results[at] = next(applied)
        write_changes(sql, batch, owner)
        events += batch.changes.events
    if events:
        log = append_events(sql, log, stamped(events, time_ms), time_ms)
    return [results[at] for at in range(len(operations))], log
