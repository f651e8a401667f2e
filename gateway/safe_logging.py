"""Logging that cannot leak: what went wrong and where, never the text of an exception.

Owns how an unexpected error is written down. An exception's message, its arguments and the local
variables of its frames may hold values of a record; its class and the places in the code do not.
"""

import asyncio
import logging
import sys
import traceback
from types import TracebackType
from typing import Any, Final

_LOG: Final = logging.getLogger(__name__)


def log_unexpected(logger: logging.Logger, doing: str, error: BaseException) -> None:
    """Log an error that should not have happened: its class and the code it came through."""
    where = _places(error.__traceback__)
    logger.error("unexpected %s while %s at %s", type(error).__name__, doing, where)


def log_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # noqa: ARG001
    """Log what nobody on the event loop caught; its own message quotes the arguments of calls."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        log_unexpected(_LOG, "running the event loop", error)
    else:
        _LOG.error("the event loop reports an error without an exception")


class _WithoutValues(logging.Formatter):
    """Writes an exception that a library logs as its class and places."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        kind, _, frames = ei
        return f"{getattr(kind, '__name__', 'no exception')} at {_places(frames)}"


def _places(frames: TracebackType | None) -> str:
    last = traceback.extract_tb(frames)[-6:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(last))


def configure_logging(level: str) -> None:
    """Send one line a message to standard error, with time, level and logger."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutValues("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # A log call that cannot be formatted would have its arguments printed.
    logging.raiseExceptions = False
    # Its steps are its own affair; what stops it is raised.
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLogger().level))
