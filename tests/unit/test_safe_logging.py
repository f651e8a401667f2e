"""Logging that cannot leak: whatever an exception carries, a line has its class and places only."""

import asyncio
import io
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.safe_logging import log_loop_error, log_unexpected

SECRET = "13800138000 Zhang Wei"


def _raised(secret: str) -> BaseException:
    """An exception whose message, cause, notes and frames hold the secret."""

    def inner(value: str) -> None:
        try:
            int(value + "x")
        except ValueError as cause:
            error = KeyError(value, {"name": value})
            error.add_note(value)
            raise error from cause

    try:
        inner(secret)
    except KeyError as error:
        return error
    raise AssertionError


def test_an_unexpected_error_is_its_class_and_its_places(caplog: pytest.LogCaptureFixture) -> None:
    log_unexpected(logging.getLogger("test"), "committing", _raised(SECRET))
    (record,) = caplog.records
    text = record.getMessage()
    assert record.levelno == logging.ERROR
    assert text.startswith("unexpected KeyError while committing at inner:")
    assert " < _raised:" in text
    assert record.exc_info is None
    assert SECRET not in text


@given(st.text(st.characters(codec="ascii", categories=["Lu"]), min_size=12))
def test_no_secret_comes_through(secret: str) -> None:
    written = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(written))
    log_unexpected(logger, "serving", _raised(secret))
    assert written.getvalue().startswith("unexpected KeyError")
    assert secret not in written.getvalue()


def test_an_error_without_a_traceback_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    log_unexpected(logging.getLogger("test"), "serving", ValueError(SECRET))
    assert "unexpected ValueError while serving" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("exception", [_raised(SECRET), None])
def test_the_loops_own_message_is_left_out(
    caplog: pytest.LogCaptureFixture, exception: BaseException | None
) -> None:
    context: dict[str, Any] = {"message": f"Exception in callback f({SECRET!r})"}
    if exception is not None:
        context["exception"] = exception
    loop = asyncio.new_event_loop()
    try:
        log_loop_error(loop, context)
    finally:
        loop.close()
    (record,) = caplog.records
    assert SECRET not in record.getMessage()
    assert ("KeyError" in record.getMessage()) == (exception is not None)


PROGRAM = """
import logging, sys
from gateway.safe_logging import configure_logging
configure_logging(sys.argv[1])
log = logging.getLogger("some.library")
def inner(value):
    raise ValueError(value)
try:
    try:
        inner(sys.argv[2])
    except ValueError as error:
        raise RuntimeError(sys.argv[2]) from error
except RuntimeError:
    log.exception("it failed")
log.error("nothing raised", exc_info=True)
log.debug("a detail")
logging.getLogger("alembic.runtime").info("a step")
logging.getLogger("alembic.runtime").warning("a warning")
"""


def _lines(level: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, level, SECRET], capture_output=True, text=True, check=True
    )
    assert run.stdout == ""
    assert SECRET not in run.stderr
    return run.stderr.splitlines()


def test_what_a_library_logs_has_no_message_of_an_exception() -> None:
    lines = _lines("INFO")
    first = next(at for at, line in enumerate(lines) if line.endswith("some.library it failed"))
    assert " ERROR " in lines[first]
    assert lines[first + 1].startswith("RuntimeError at <module>:")
    assert "no exception at" in lines[first + 3]
    assert not any("a detail" in line or "a step" in line for line in lines)
    assert any("a warning" in line for line in lines)


def test_debug_shows_details_and_no_more_of_an_exception() -> None:
    lines = _lines("DEBUG")
    assert any("a detail" in line for line in lines)
    assert not any("a step" in line for line in lines)
