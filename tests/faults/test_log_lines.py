"""What the gateway logs of an error that it did not expect: class and place, never its text."""

import asyncio
import logging
import sys
from collections.abc import Iterator

import pytest

from gateway.safe_logging import configure_logging, log_loop_error

VALUE = "110105195711230018"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def _raise() -> None:
    raise ValueError(VALUE)


def test_an_exception_that_a_library_logs_is_shown_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("DEBUG")
    try:
        _raise()
    except ValueError:
        logging.getLogger("library").exception("a call failed")
    logging.getLogger("library").error("nothing was raised", exc_info=sys.exc_info())
    written = capsys.readouterr().err
    assert VALUE not in written
    assert "ValueError at _raise:" in written


async def test_what_nobody_catches_on_the_loop_is_shown_without_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("DEBUG")
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)
    loop.call_soon(lambda _: _raise(), VALUE)
    loop.call_exception_handler({"message": f"a task over {VALUE} was destroyed"})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    written = capsys.readouterr().err
    assert VALUE not in written
    assert "unexpected ValueError" in written
    assert "an error without an exception" in written
