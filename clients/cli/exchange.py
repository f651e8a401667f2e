"""The record path's commands: ``get`` and ``explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from clients.cli.decision import print_decision, print_obligations
from clients.cli.output import (
    JsonOption,
    failures_reported,
    print_json,
    print_line,
    print_pairs,
    print_table,
)
from clients.cli.profile import ProfileOption, TimeoutOption, open_client
from clients.cli.subject import (
    SubjectFileOption,
    SubjectOption,
    SubjectTypeOption,
    read_subject,
)
from clients.sdk.client import DEFAULT_TIMEOUT
from clients.sdk.models.common import Explanation, Record

DatasetOption = Annotated[str, typer.Option("--dataset", help="Such as credit.applicant.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="Such as credit.underwriting.")]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option("--field", help="A wanted field; repeat it. None: all that may be released."),
]
ConsentOption = Annotated[str, typer.Option("--consent", help="Only this consent counts.")]
RequestIdOption = Annotated[
    str | None,
    typer.Option(help="A UUID. Ask again with the same one: it costs no second use."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("get")(get)
    app.command("explain")(explain)


def get(
    dataset: DatasetOption,
    purpose: PurposeOption,
    fields: FieldsOption = None,
    consent: ConsentOption = "",
    subject_type: SubjectTypeOption = "",
    subject_file: SubjectFileOption = None,
    subject: SubjectOption = "",
    request_id: RequestIdOption = None,
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get one record, as far as the decision releases it; counted and recorded."""
    with failures_reported(as_json):
        who = read_subject(subject, subject_type, subject_file)
        with open_client(profile) as client:
            record = client.get_record(
                who.type,
                who.value,
                purpose,
                dataset,
                fields or (),
                consent_id=consent,
                request_id=request_id,
                timeout=timeout,
            )
        print_json(record) if as_json else _print_record(record)


def explain(
    dataset: DatasetOption,
    purpose: PurposeOption,
    fields: FieldsOption = None,
    consent: ConsentOption = "",
    subject_type: SubjectTypeOption = "",
    subject_file: SubjectFileOption = None,
    subject: SubjectOption = "",
    timeout: TimeoutOption = DEFAULT_TIMEOUT,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what `get` would be allowed now, and why; no provider is asked. Status 0 either way."""
    with failures_reported(as_json):
        who = read_subject(subject, subject_type, subject_file)
        with open_client(profile) as client:
            explanation = client.explain_access(
                who.type,
                who.value,
                purpose,
                dataset,
                fields or (),
                consent_id=consent,
                timeout=timeout,
            )
        print_json(explanation) if as_json else _print_explanation(explanation)


def _print_record(record: Record) -> None:
    rows = [(name, value, record.operators[name]) for name, value in record.fields.items()]
    withheld = [(name, "", f"withheld: {why}") for name, why in record.withheld.items()]
    print_table(("field", "value", "operator"), [*rows, *withheld], dim_from=len(rows))
    print_obligations(record.obligations)
    print_pairs(
        (
            ("rule", record.rule),
            ("consent", record.consent_id),
            ("event", f"{record.event_id} at log index {record.log_index}"),
            ("request id", record.request_id),
        )
    )
    if record.repeat:
        print_line("This request was released before; no second use was counted.")


def _print_explanation(explanation: Explanation) -> None:
    print_decision(explanation.decision)
    rows = list(explanation.released.items())
    withheld = [(name, f"withheld: {why}") for name, why in explanation.withheld.items()]
    if rows or withheld:
        if not explanation.decision.allow:
            print_line("Once nothing of that is missing, the rule would release:")
        print_table(("field", "operator"), [*rows, *withheld], dim_from=len(rows))
    print_obligations(explanation.obligations)
