"""``pii scan``: where personal data stands, file by file.

Owns what is printed: a line a finding, or the answers line by line where JSON lines are asked for.
Refuses to print values unless ``--show`` or the JSON lines form asks for them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from clients.cli.local.pii.options import (
    DEFAULT_THRESHOLD,
    ByLineOption,
    ColumnsOption,
    DelimiterOption,
    EncodingOption,
    EntitiesOption,
    FilesArgument,
    FormatOption,
    HeaderOption,
    JobsOption,
    LanguageOption,
    OutOption,
    QuietOption,
    TextOption,
    ThresholdOption,
    inputs,
    require_language,
    shape,
    wanted,
)
from clients.cli.output import FAILED, JsonOption, failures_reported

if TYPE_CHECKING:
    from clients.cli.local.pii.flow import Opened, Summary
    from gateway.application.ports.detection import Wanted

FOUND: Final = 3
ShowOption = Annotated[bool, typer.Option("--show", help="Print values as they are.")]
FailOption = Annotated[
    bool, typer.Option("--fail-on-findings", help="Status 3 where anything is found.")
]


def scan(
    files: FilesArgument = None,
    text: TextOption = None,
    format_: FormatOption = "",
    columns: ColumnsOption = None,
    encoding: EncodingOption = "utf-8",
    delimiter: DelimiterOption = "",
    header: HeaderOption = True,
    by_line: ByLineOption = False,
    language: LanguageOption = "auto",
    entities: EntitiesOption = None,
    threshold: ThresholdOption = DEFAULT_THRESHOLD,
    jobs: JobsOption = None,
    show: ShowOption = False,
    fail_on_findings: FailOption = False,
    out: OutOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say where personal data stands: file, line, column, type, score.

    With `--format jsonl` each line gives a line: entities and the masked text. Status 1: something
    could not be looked through; 3: something was found, with --fail-on-findings.
    """
    with failures_reported(as_json):
        from clients.cli.local.pii.flow import Summary, opened, require_other, target

        require_language(language)
        read_as = shape(format_, columns, encoding, delimiter, header, by_line)
        sought, names = wanted(entities, threshold), inputs(files, text)
        require_other(out, names)
        summary = Summary()
        plan = _Plan(sought, show, as_json, format_ == "jsonl" and not as_json, jobs, quiet)
        with target(out) as output:
            plan.begin(output)
            for name in names:
                with opened(name, read_as, text) as source:
                    plan.write(output, source, summary)
            plan.end(output, summary)
    _end(summary, quiet or as_json, fail_on_findings)


def _end(summary: Summary, quiet: bool, fail_on_findings: bool) -> None:
    if not quiet:
        from clients.cli.local.pii.summary import print_summary

        print_summary(summary, as_json=False)
    if summary.tally.failed:
        raise typer.Exit(FAILED)
    if fail_on_findings and summary.tally.found:
        raise typer.Exit(FOUND)


class _Plan:
    """How one scan writes what it finds; the JSON document is written as it grows."""

    def __init__(
        self, sought: Wanted, show: bool, as_json: bool, lines: bool, jobs: int | None, quiet: bool
    ) -> None:
        self._sought = sought
        self._show = show
        self._as_json = as_json
        self._lines = lines
        self._jobs = jobs
        self._quiet = quiet or as_json
        self._any = False

    def begin(self, output: BinaryIO) -> None:
        if self._as_json:
            output.write(b'{"findings": [')

    def write(self, output: BinaryIO, source: Opened, summary: Summary) -> None:
        for part in self._parts(source, summary):
            output.write(self._joined(part) if self._as_json else part)
            if output is sys.stdout.buffer:
                output.flush()

    def _parts(self, source: Opened, summary: Summary) -> Iterator[bytes]:
        from clients.cli.local.pii.findings import FindingsView
        from clients.cli.local.pii.flow import run
        from clients.cli.local.pii.order import MaskedView, Order
        from clients.cli.local.pii.pool import cores

        findings = FindingsView(source.name, self._show, self._as_json)
        view = MaskedView() if self._lines else findings
        order = Order(source.form, self._sought, view)
        return run(source, order, self._jobs or cores(), summary, self._quiet)

    def _joined(self, part: bytes) -> bytes:
        rows = part.splitlines()
        if not rows:
            return b""
        lead = b",\n" if self._any else b"\n"
        self._any = True
        return lead + b",\n".join(rows)

    def end(self, output: BinaryIO, summary: Summary) -> None:
        if self._as_json:
            import json

            from clients.cli.local.pii.summary import summary_document

            document = json.dumps(summary_document(summary))
            output.write(f'\n], "summary": {document}}}\n'.encode())
