"""A policy's decision for people, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from clients.cli.output import print_line, print_pairs, print_table
from clients.sdk.models.common import DecisionDetail, Finding, Obligation


def print_decision(decision: DecisionDetail) -> None:
    """Print the verdict, its rule and articles, what is missing and the smallest change."""
    if decision.allow:
        print_line("ALLOWED 允许", style="bold green")
    else:
        print_line("DENIED 拒绝", style="bold red")
    print_pairs((("rule", decision.rule), ("articles", ", ".join(decision.articles))))
    print_findings(decision.findings)
    print_pairs(
        (
            ("smallest change", decision.smallest_change_en),
            ("最小变更", decision.smallest_change_zh),
            ("allowed purposes", ", ".join(decision.allowed_purposes)),
        )
    )


def print_findings(findings: Sequence[Finding]) -> None:
    """Print what stands in the way, the first finding first; nothing if nothing does."""
    if not findings:
        return
    columns = ("reason", "missing or wrong", "article", "in words")
    rows = []
    for one in findings:
        rows.append((one.reason, one.element, one.article, one.en))
        rows.append(("", "", "", one.zh))
    print_table(columns, rows)


def print_obligations(obligations: Sequence[Obligation]) -> None:
    """Print what the recipient must do; nothing if nothing."""
    if obligations:
        rows = [(one.id, one.article, one.days) for one in obligations]
        print_table(("obligation", "article", "days"), rows)
