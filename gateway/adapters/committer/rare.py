"""The committer's rare operations: each reads and writes its own few rows.

Owns which function does which. A step gives a value, and its event is queued (every change is in
the log); or it says itself how it ended: not at all, as a repeat, or beside the log (checkpoints).
"""

from collections.abc import Callable
from typing import Any, Final

from gateway.adapters.committer.aggregates.steps import AGGREGATE_STEPS, PLACED_AGGREGATE_STEPS
from gateway.adapters.committer.checkpoint_steps import CHECKPOINT_STEPS
from gateway.adapters.committer.directory_steps import DIRECTORY_STEPS
from gateway.adapters.committer.messages import Done, Instead, Not, Rare, Result, TakeQuota
from gateway.adapters.committer.reidentification_steps import REIDENTIFICATION_STEPS
from gateway.adapters.committer.sql import Sql
from gateway.domain.reasons import ErrorReason

Outcome = Result | Instead | int
Step = Callable[[Sql, Any, int], Outcome]
"""(transaction, operation, now in ms): a value to hand back once it is in the log, or a refusal."""


def take_quota(sql: Sql, one: TakeQuota, now_ms: int) -> Result | int:
    """Take an amount out of a window's quota, or nothing; return what is left."""
    window = now_ms // 1000 // one.window_s
    rows = sql.all("SELECT use_window, uses FROM usage WHERE scope=?", (one.scope,))
    used = rows[0][1] if rows and rows[0][0] == window else 0
    if used + one.amount > one.limit:
        return Not(ErrorReason.REFERENCE_QUOTA_SPENT)
    sql.run(
        "INSERT INTO usage(scope, use_window, uses) VALUES (?,?,?) ON CONFLICT (scope) DO UPDATE "
        "SET use_window=excluded.use_window, uses=excluded.uses",
        (one.scope, window, used + one.amount),
    )
    return int(one.limit - used - one.amount)


PlacedStep = Callable[[Sql, Any, int, int], Outcome]
"""(transaction, operation, now in ms, log index that its event will have): as ``Step``."""

STEPS: Final[dict[type[Rare], Step]] = {
    TakeQuota: take_quota,
    **CHECKPOINT_STEPS,
    **AGGREGATE_STEPS,
}
PLACED_STEPS: Final[dict[type[Rare], PlacedStep]] = {
    **DIRECTORY_STEPS,
    **REIDENTIFICATION_STEPS,
    **PLACED_AGGREGATE_STEPS,
}
"""Of operations that keep the place of their event, so that a repeat can name it."""


def apply_rare(sql: Sql, one: Rare, index: int, now_ms: int, events: list[bytes]) -> Result:
    """Apply one operation; ``index`` is the place that its event gets in the log."""
    kind = type(one)
    if kind in PLACED_STEPS:
        outcome: Outcome = PLACED_STEPS[kind](sql, one, now_ms, index)
    else:
        outcome = STEPS[kind](sql, one, now_ms)
    if isinstance(outcome, Instead):
        events.append(outcome.event)
        return outcome.result
    if not isinstance(outcome, int):
        return outcome
    events.append(one.event)
    return Done(index, value=outcome)
