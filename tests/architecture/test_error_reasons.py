"""The reasons of the domain are those on the wire."""

from collections.abc import Iterable

from gateway.domain.reasons import ErrorReason
from veilgate.v1 import error_reason_pb2

PREFIX = "ERROR_REASON_"


def wire_reasons(names: Iterable[str]) -> set[str]:
    assert all(name.startswith(PREFIX) for name in names)
    return {name.removeprefix(PREFIX) for name in names} - {"UNSPECIFIED"}


def test_both_lists_are_equal() -> None:
    on_the_wire = wire_reasons(error_reason_pb2.ErrorReason.keys())
    assert on_the_wire == {reason.name for reason in ErrorReason}
    assert on_the_wire == {reason.value for reason in ErrorReason}
    assert len(on_the_wire) > 40


def test_a_difference_would_be_seen() -> None:
    assert wire_reasons(["ERROR_REASON_UNSPECIFIED", "ERROR_REASON_NEW"]) == {"NEW"}
    assert "NEW" not in ErrorReason.__members__
