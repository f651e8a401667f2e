"""``pii mask``: the same file with its personal data masked.

Owns what a masked file is: of the input's form, every text in its place. Refuses to leave a text
that was not looked through, and a file that is not whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clients.cli.local.pii.options import (
    ByLineOption,
    ColumnsOption,
    DelimiterOption,
    EncodingOption,
    EntitiesOption,
    FormatOption,
    HeaderOption,
    JobsOption,
    LanguageOption,
    OutOption,
    QuietOption,
    TextOption,
    inputs,
    require_language,
    shape,
)
from clients.cli.local.pii.profile import (
    KeysOption,
    MaskThresholdOption,
    PoliciesOption,
    ProfileOption,
    PurposeOption,
    RecipientOption,
    masking_plan,
    sought_by,
)
from clients.cli.output import FAILED, JsonOption, UsageError, failures_reported, print_json

if TYPE_CHECKING:
    from clients.cli.local.pii.flow import Opened, Summary
    from clients.cli.local.pii.order import Order

FileArgument = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="A file; standard input if none.")
]


def mask(
    file: FileArgument = None,
    text: TextOption = None,
    format_: FormatOption = "",
    columns: ColumnsOption = None,
    encoding: EncodingOption = "utf-8",
    delimiter: DelimiterOption = "",
    header: HeaderOption = True,
    by_line: ByLineOption = False,
    language: LanguageOption = "auto",
    entities: EntitiesOption = None,
    threshold: MaskThresholdOption = None,
    profile: ProfileOption = None,
    policies: PoliciesOption = None,
    keys: KeysOption = None,
    recipient: RecipientOption = "",
    purpose: PurposeOption = "",
    jobs: JobsOption = None,
    out: OutOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the input with its personal data masked; by type, or as a masking profile says.

    Status 1: a text could not be looked through; `<WITHHELD>`, or an error line, stands for it.
    """
    with failures_reported(as_json):
        from clients.cli.local.pii.flow import Summary, opened, require_other
        from clients.cli.local.pii.order import Order

        require_language(language)
        read_as = shape(format_, columns, encoding, delimiter, header, by_line)
        (name,) = inputs([file] if file else None, text)
        plan = masking_plan(profile, policies, keys, recipient, purpose)
        require_other(out, [name])
        summary = Summary()
        with opened(name, read_as, text) as source:
            order = Order(source.form, sought_by(plan, entities, threshold), masking=plan)
            _write(source, order, jobs, summary, out, quiet or as_json)
    _end(summary, out, quiet, as_json)


def _end(summary: Summary, out: Path | None, quiet: bool, as_json: bool) -> None:
    from clients.cli.local.pii.summary import print_summary, summary_document

    if as_json and out:
        print_json(summary_document(summary))
    elif not quiet:
        print_summary(summary, as_json)
    if summary.tally.failed:
        raise typer.Exit(FAILED)


def _write(
    source: Opened, order: Order, jobs: int | None, summary: Summary, out: Path | None, quiet: bool
) -> None:
    from clients.cli.local.pii.flow import parted, run, scratch, target
    from clients.cli.local.pii.pool import cores

    if source.parquet is not None and out is None:
        raise UsageError("Parquet is written to a file", "Name one with --out.")
    parts = run(source, order, jobs or cores(), summary, quiet)
    if source.parquet is None or out is None:
        with target(out) as output:
            output.write(source.mark)
            for part in parts:
                output.write(part)
                if out is None:
                    output.flush()
        return
    with parted(out) as whole, scratch(out, "rows") as rows:
        with rows.open("wb") as stream:
            stream.writelines(parts)
        source.parquet.write(rows, whole)
