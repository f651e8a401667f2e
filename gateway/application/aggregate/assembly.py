"""The aggregate path put together: use cases over their ports.

Owns which step gets which port. Knows no adapter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gateway.application.aggregate.admission import Admission
from gateway.application.aggregate.ask import Ask
from gateway.application.aggregate.binning import Binnings
from gateway.application.aggregate.binning_begin import BinningBegin
from gateway.application.aggregate.binning_steps import BinningSteps
from gateway.application.aggregate.bound_rows import RowBinder
from gateway.application.aggregate.drive import Drive, Waits
from gateway.application.aggregate.finish import Finish
from gateway.application.aggregate.kinds import Kind
from gateway.application.aggregate.messages import Messages
from gateway.application.aggregate.orders import Orders
from gateway.application.aggregate.reads import Reads
from gateway.application.aggregate.rounds import Bounds, Rounds
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import (
    AggregateLedger,
    AggregateReader,
    Combiner,
    StatementChecker,
)
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.application.ports.log import LogReader
from gateway.application.publish_checkpoint import PublishCheckpoint


@dataclass(frozen=True)
class Ports:
    """What the path stands on. ``clock`` gives Unix seconds; ``stopping`` is set at the end."""

    policy: PolicyInForce
    ledger: AggregateLedger
    reader: AggregateReader
    statements: StatementChecker
    combiner: Combiner
    tree: ContributionTree
    log: LogReader
    publish: PublishCheckpoint
    stopping: asyncio.Event
    clock: Callable[[], float]


class Limits(msgspec.Struct, frozen=True):
    """How long is waited, and what rounds may take."""

    waits: Waits = Waits()
    bounds: Bounds = Bounds()


@dataclass(frozen=True)
class Aggregates:
    """The use cases."""

    ask: Ask
    orders: Orders
    messages: Messages
    reads: Reads
    rounds: Rounds
    admission: Admission
    binnings: Binnings


def assemble(
    ports: Ports, kinds: tuple[Kind, ...], limits: Limits, binder: RowBinder
) -> Aggregates:
    """Return the use cases over the ports, for these kinds of question."""
    policy, ledger, statements = ports.policy, ports.ledger, ports.statements
    rounds = Rounds(limits.bounds, ports.clock)
    admission = Admission(
        *(policy, kinds, statements, ports.reader, ports.combiner, ports.clock),
    )
    finish = Finish(
        *(policy, ledger, ports.reader, ports.combiner, ports.tree, statements),
        *(ports.log, ports.publish),
    )
    drive = Drive(ledger, statements, finish, limits.waits, ports.clock)
    upload_s = limits.waits.contribution_s
    steps = BinningSteps(
        *(ledger, ports.reader, statements, ports.combiner, finish, ports.clock),
        *(limits.waits.ready_s, limits.waits.contribution_s),
    )
    begin = BinningBegin(admission, rounds, steps, binder, ports.clock)
    return Aggregates(
        ask=Ask(admission, rounds, drive, finish, ledger, ports.reader, ports.tree, ports.stopping),
        orders=Orders(
            *(policy, rounds, statements, ports.tree, ports.stopping, ports.clock),
            *(ledger.forget_contributions,),
        ),
        messages=Messages(rounds, statements, ledger, ports.combiner, upload_s),
        reads=Reads(policy, ports.reader, ledger, admission),
        rounds=rounds,
        admission=admission,
        binnings=Binnings(
            *(admission, begin, steps, ports.tree, ports.stopping),
        ),
    )
