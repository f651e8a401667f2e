"""The table of every refusal, for the integration guide, from the very statuses that are sent.

Owns the table's form and its place between two marks. Refuses to add a word: code, sentence and
RetryInfo are read from the status of each reason, the rest is the catalogue of texts.
``python -m gateway.servicers.error_reference docs/integration.md`` writes it.
"""

import sys
from pathlib import Path
from typing import Any, Final

from google.rpc import error_details_pb2, status_pb2

from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.texts import finding_text, smallest_change
from gateway.servicers.status import reason_status

BEGIN: Final = "<!-- errors: made by gateway.servicers.error_reference -->"
END: Final = "<!-- errors end -->"
_HEAD: Final = ("reason", "code", "meaning", "what to do", "again")
_DETAILS_KEY: Final = "grpc-status-details-bin"


def error_table() -> str:
    """Return the table in Markdown, a row for each reason, in the order of the proto."""
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, ErrorReason)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_table(page: str) -> str:
    """Return the page with the table between its marks.

    Raises ``ValueError`` where a mark is missing, twice there or out of order.
    """
    before, found, rest = page.partition(f"{BEGIN}\n")
    _, ended, after = rest.partition(f"{END}\n")
    if not found or not ended or BEGIN in after or END in before + after:
        raise ValueError("the page has no single place for the table")
    return f"{before}{BEGIN}\n{error_table()}{END}\n{after}"


def _row(reason: ErrorReason) -> tuple[str, ...]:
    status = reason_status(reason)
    finding = Finding(reason)
    return (
        f"`{reason.value}`",
        status.code.name,
        finding_text(finding).en,
        smallest_change([finding]).en,
        _again(status),
    )


def _again(status: Any) -> str:
    """Return when the same request may be sent again, by the RetryInfo that it carries."""
    (packed,) = (value for key, value in status.trailing_metadata if key == _DETAILS_KEY)
    retry = error_details_pb2.RetryInfo()
    for detail in status_pb2.Status.FromString(packed).details:
        if detail.Unpack(retry):
            return f"after {retry.retry_delay.seconds} s"
    return "no"


def main(path: Path) -> None:
    """Write the table into a page."""
    path.write_text(with_table(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
