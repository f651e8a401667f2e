"""``aggregate ask``: a question about a cohort, from its price to its figures.

Owns the options and the display of the stages. Refuses to begin a round that its own rules would
not let it finish: key and contract are looked at before anything is charged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.aggregate.charts import write_chart
from clients.cli.aggregate.open import open_keyholder
from clients.cli.aggregate.preview import print_preview
from clients.cli.aggregate.secret import KeyFileOption, secret_by
from clients.cli.aggregate.view import print_answer
from clients.cli.output import JsonOption, UsageError, failures_reported, note, print_json
from clients.cli.profile import ProfileOption
from clients.keyholder.answers import CohortAnswer
from clients.keyholder.calls import Stage
from clients.keyholder.expected import preview
from clients.keyholder.keyholder import Keyholder, OnStage
from clients.keyholder.keys.sealing import AskSecret
from clients.keyholder.rounds import OpenQuestion
from clients.keyholder.wanted import Figure, Kind, Wanted, conditions, micro_rho, quantile

Measures = list[str] | None
DatasetArgument = Annotated[str, typer.Argument(metavar="DATASET")]
WhereOption = Annotated[
    Measures, typer.Option("--where", help="dimension=value; repeat it: any of one dimension's.")
]
GroupOption = Annotated[Measures, typer.Option("--group-by", help="A dimension; repeat it.")]
SumOption = Annotated[Measures, typer.Option("--sum", help="A measure; repeat it.")]
MeanOption = Annotated[Measures, typer.Option("--mean", help="A measure; repeat it.")]
VarianceOption = Annotated[Measures, typer.Option("--variance", help="A measure; repeat it.")]
DeviationOption = Annotated[Measures, typer.Option("--deviation", help="A measure; repeat it.")]
HistogramOption = Annotated[Measures, typer.Option("--histogram", help="A measure; repeat it.")]
QuantileOption = Annotated[
    Measures, typer.Option("--quantile", help="measure:share, such as amount:0.5; repeat it.")
]
CostOption = Annotated[str, typer.Option("--cost", help="What to pay, in rho, such as 0.05.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="What for, by the contract.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show cost, budget left and expected errors; ask nobody.")
]
KeyOption = Annotated[
    str, typer.Option("--key", help="The beginning of a key's id; the newest if left out.")
]
PngOption = Annotated[Path | None, typer.Option("--png", help="Draw the answer to this new file.")]
ResumeOption = Annotated[
    str, typer.Option("--resume", help="A round's id: send its stored question once more.")
]


@dataclass(frozen=True)
class Output:
    """Where an answer goes, and what opens it."""

    secret: AskSecret
    png: Path | None
    as_json: bool


def add_ask(group: typer.Typer) -> None:
    """Add the command."""
    group.command("ask")(ask)


def ask(
    dataset: DatasetArgument,
    purpose: PurposeOption = "",
    cost: CostOption = "",
    where: WhereOption = None,
    group_by: GroupOption = None,
    sums: SumOption = None,
    means: MeanOption = None,
    variances: VarianceOption = None,
    deviations: DeviationOption = None,
    histograms: HistogramOption = None,
    quantiles: QuantileOption = None,
    dry_run: DryRunOption = False,
    resume: ResumeOption = "",
    key: KeyOption = "",
    key_file: KeyFileOption = None,
    png: PngOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for statistics of a cohort over all contributors of a dataset, and open the answer.

    People are counted always. What is asked is charged, whether it is answered or not.
    """
    output = Output(secret_by(key_file), png, as_json)
    with failures_reported(as_json), open_keyholder(profile) as keyholder:
        _require_new(png)
        if resume:
            _resume(keyholder, resume, dataset, output)
            return
        plain = (sums, means, variances, deviations, histograms)
        wanted = _wanted(dataset, purpose, cost, where, group_by, _figures(plain, quantiles))
        if dry_run:
            _preview(keyholder, wanted, as_json)
            return
        _ask(keyholder, wanted, key, output)


def _figures(plain: tuple[Measures, ...], quantiles: Measures) -> tuple[Figure, ...]:
    kinds: tuple[Kind, ...] = ("sum", "mean", "variance", "deviation", "histogram")
    found = [
        Figure(kind, one)
        for kind, names in zip(kinds, plain, strict=True)
        for one in dict.fromkeys(names or ())
    ]
    return (*found, *dict.fromkeys(quantile(one) for one in quantiles or ()))


def _wanted(
    dataset: str,
    purpose: str,
    cost: str,
    where: Measures,
    group_by: Measures,
    figures: tuple[Figure, ...],
) -> Wanted:
    if not purpose or not cost:
        raise UsageError("a question has a purpose and a cost", "Give --purpose and --cost.")
    return Wanted(
        dataset=dataset,
        purpose=purpose,
        cost=micro_rho(cost),
        where=conditions(where or ()),
        group_by=tuple(group_by or ()),
        figures=figures,
    )


def _preview(keyholder: Keyholder, wanted: Wanted, as_json: bool) -> None:
    contract, view = keyholder.contract(wanted.dataset)
    shown = preview(keyholder.draft(wanted, contract), view.budget)
    if as_json:
        print_json(shown)
        return
    print_preview(shown)


def _ask(keyholder: Keyholder, wanted: Wanted, key: str, output: Output) -> None:
    contract, view = keyholder.contract(wanted.dataset)
    planned = keyholder.draft(wanted, contract)
    if wanted.cost > view.budget.left:
        raise UsageError(
            "the budget does not cover the question",
            "See `veilgate aggregate budget`; --dry-run shows what is left after a question.",
        )
    head = keyholder.keys.choose(planned.plan.scheme, key)
    # A key that does not open is found out before anything is charged.
    keyholder.keys.open(head.id, output.secret)
    if keyholder.keys.registration(head.id) is None:
        keyholder.register(head)
    _finish(keyholder, keyholder.sign(planned, head), output)


def _resume(keyholder: Keyholder, identity: str, dataset: str, output: Output) -> None:
    opened = keyholder.rounds.get(identity)
    if opened.question.dataset != dataset:
        raise UsageError("the round is about another dataset", "See `veilgate aggregate rounds`.")
    _finish(keyholder, opened, output)


def _finish(keyholder: Keyholder, opened: OpenQuestion, output: Output) -> None:
    try:
        with stages_shown(output.as_json) as on_stage:
            verified = keyholder.ask(opened, on_stage)
    except BaseException:
        if keyholder.rounds.state(opened.id) == "open":
            note(f"The question is kept: go on with --resume {opened.id}")
        raise
    answer = keyholder.open(verified, output.secret)
    _print(answer, output)


def _print(answer: CohortAnswer, output: Output) -> None:
    if output.png is not None:
        write_chart(output.png, answer)
    if output.as_json:
        print_json(answer)
        return
    print_answer(answer)


def _require_new(png: Path | None) -> None:
    if png is not None and png.exists():
        raise UsageError(f"{png} is there already", "Name a new file.")


@contextmanager
def stages_shown(as_json: bool) -> Iterator[OnStage]:
    """Show how far the round is, on standard error, where a person looks at it."""
    # Few commands need it, and it costs every other one its import.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    hidden = as_json or not console.is_terminal
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=hidden) as bar:
        tasks = {"asked": bar.add_task("asked")}

        def show(stage: Stage) -> None:
            count = f" {stage.done} of {stage.of}" if stage.of else ""
            if stage.name not in tasks:
                for task in tasks.values():
                    bar.stop_task(task)
                tasks[stage.name] = bar.add_task(stage.name)
            bar.update(tasks[stage.name], description=f"{stage.name}{count}")

        yield show
