"""Requests for re-identification, read only and of one institution at a time."""

from typing import Any, Final

from gateway.adapters.store.reader import StoreReader
from gateway.application.ports.reidentification import Request

_SELECT: Final = (
    "SELECT id, institution_id, requester, purpose, digest, tokens, justification, rule,"
    " requested_at, expires_at, approver, used_index FROM reidentification WHERE institution_id=?"
)


class ReidentificationStore:
    """Implements ``ReidentificationReader``."""

    def __init__(self, reader: StoreReader) -> None:
        """Take a reader of the store."""
        self._reader = reader

    async def find(self, institution: str, request_id: str) -> Request | None:
        """Return the request, or None."""
        rows = await self._reader.rows(f"{_SELECT} AND id=?", (institution, request_id))
        return _request(rows[0]) if rows else None

    async def page(
        self, institution: str, before: tuple[int, str] | None, size: int
    ) -> tuple[Request, ...]:
        """Return requests, the latest first."""
        if before is None:
            rows = await self._reader.rows(
                f"{_SELECT} ORDER BY requested_at DESC, id DESC LIMIT ?", (institution, size)
            )
        else:
            at, request_id = before
            rows = await self._reader.rows(
                f"{_SELECT} AND (requested_at<? OR (requested_at=? AND id<?))"
                " ORDER BY requested_at DESC, id DESC LIMIT ?",
                (institution, at, at, request_id, size),
            )
        return tuple(_request(row) for row in rows)


def _request(values: tuple[Any, ...]) -> Request:
    named = dict(zip(Request.__struct_fields__, values, strict=True))
    named["digest"], named["used"] = bytes(named["digest"]), named["used"] >= 0
    return Request(**named)
