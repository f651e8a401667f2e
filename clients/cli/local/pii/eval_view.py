"""What an evaluation looks like: tables for people, one document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from clients.cli.output import print_line, print_table

if TYPE_CHECKING:
    from gateway.detection.evaluation.evaluate import Outcome, OwnOutcome
    from gateway.detection.evaluation.scoring import Counts, Scores

_COLUMNS: Final = (
    *("entity", "marked", "recall", "covering", "precision"),
    *("F1", "F2", "found", "touching", "stray"),
)


def evaluation_document(
    own: OwnOutcome, others: Iterable[Outcome], threshold: float
) -> dict[str, Any]:
    """The whole evaluation as one document."""
    parts = own.contributions.by_recogniser
    document: dict[str, Any] = {
        "threshold": threshold,
        "detectors": [_outcome(one) for one in (own.at[threshold], *others)],
        "recognisers": {name: asdict(parts[name]) for name in sorted(parts)},
    }
    if len(own.at) > 1:
        document["sweep"] = [
            {"threshold": at, **_scores(own.at[at].overall)} for at in sorted(own.at)
        ]
    return document


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "seconds": round(outcome.seconds, 3),
        "texts_per_second": _rate(outcome),
        **_scores(outcome.overall),
        "entities": _entities(outcome.overall),
        "groups": {
            name: {**_scores(one), "entities": _entities(one)}
            for name, one in sorted(outcome.by_group.items())
        },
    }


def _entities(scores: Scores) -> dict[str, dict[str, Any]]:
    return {name: _counts(one) for name, one in sorted(scores.by_entity.items())}


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        "texts": scores.texts,
        "failed": scores.failed,
        "false_positives_per_100_texts": _rounded(scores.strays_per_100),
        "texts_with_false_positive": scores.texts_with_stray,
        **_counts(scores.total),
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "marked": counts.marked,
        "exact": counts.exact,
        "covered": counts.covered,
        "found": counts.found,
        "touching": counts.touching,
        "stray": counts.stray,
        "recall": _rounded(counts.recall),
        "covering_recall": _rounded(counts.covering_recall),
        "precision": _rounded(counts.precision),
        "touching_precision": _rounded(counts.touching_precision),
        "f1": _rounded(counts.f(1)),
        "f2": _rounded(counts.f(2)),
    }


def print_evaluation(
    own: OwnOutcome, others: Iterable[Outcome], threshold: float, groups: bool
) -> None:
    """Print the tables: per entity, per group, per recogniser, and the curve."""
    for outcome in (own.at[threshold], *others):
        _print_outcome(outcome, groups)
    parts = own.contributions.by_recogniser
    if parts:
        rows = [(name, one.found, one.only, one.wrong) for name, one in sorted(parts.items())]
        print_table(("recogniser", "found", "only it", "wrong"), rows)
    if len(own.at) > 1:
        curve = {f"{at:g}": own.at[at].overall.total for at in sorted(own.at)}
        print_table(("threshold", *_COLUMNS[1:]), _rows(curve))


def _print_outcome(outcome: Outcome, groups: bool) -> None:
    scores = outcome.overall
    print_line(f"{outcome.name}: {scores.texts} texts, {_rate(outcome):,.0f} a second", "bold")
    if scores.failed:
        print_line(f"{scores.failed} texts were given up; their marks count as missed", "red")
    print_table(_COLUMNS, _rows({**dict(sorted(scores.by_entity.items())), "all": scores.total}))
    rows = [
        (
            *(name, one.texts, one.total.marked, _shown(one.total.recall)),
            *(_shown(one.total.covering_recall), _shown(one.total.precision)),
            *(_shown(one.strays_per_100, 2), one.texts_with_stray),
        )
        for name, one in (*sorted(outcome.by_group.items()), ("all", scores))
    ]
    columns = ("group", "texts", "marked", "recall", "covering", "precision")
    print_table((*columns, "stray in 100 texts", "texts with stray"), rows)
    if groups:
        for name, one in sorted(outcome.by_group.items()):
            print_line(f"group {name}", "bold")
            print_table(_COLUMNS, _rows(dict(sorted(one.by_entity.items()))))


def _rows(counted: Mapping[str, Counts]) -> list[tuple[object, ...]]:
    return [
        (
            *(name, one.marked, _shown(one.recall), _shown(one.covering_recall)),
            *(_shown(one.precision), _shown(one.f(1)), _shown(one.f(2))),
            *(one.found, one.touching, one.stray),
        )
        for name, one in counted.items()
    ]


def _rate(outcome: Outcome) -> float:
    return round(outcome.overall.texts / outcome.seconds, 1) if outcome.seconds else 0.0


def _shown(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
