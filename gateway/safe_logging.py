"""Logging that cannot leak: what went wrong and where, never the text of an exception.

Owns how an unexpected error is written down. An exception's message, its arguments and the local
variables of its frames may hold values of a record; its class and the places in the code do not.
"""

import logging
import sys
import traceback


def log_unexpected(logger: logging.Logger, doing: str, error: BaseException) -> None:
    """Log an error that should not have happened: its class and the code it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    logger.error("unexpected %s while %s at %s", type(error).__name__, doing, places)


def configure_logging(level: str) -> None:
    """Send one line a message to standard error, with time, level and logger."""
    logging.basicConfig(
        level=level,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
    # Its steps are its own affair; what stops it is raised.
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLogger().level))
