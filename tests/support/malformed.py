"""Malformed requests as tables: a change to a good message, and the path that must be named.

Owns the changes and the look of the refusal they must get.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from support.refusals import Refusal

LONG = "a" * 5_000
A_UUID = "3f0e6a52-9c1d-4b7e-8a55-d2c4e6f80a1b"
Change = Callable[[Any], object]


def set_field(name: str, *values: object) -> list[tuple[str, Change]]:
    """A change a value, to the field of a dotted name, which is also the path to be named."""
    *parents, leaf = name.split(".")

    def change(value: object) -> Change:
        def apply(message: Any) -> None:
            target = message
            for parent in parents:
                target = getattr(target, parent)
            setattr(target, leaf, value)

        return apply

    return [(name, change(value)) for value in values]


def set_list(name: str, path: str, *values: object) -> tuple[str, Change]:
    def apply(message: Any) -> None:
        del getattr(message, name)[:]
        getattr(message, name).extend(values)

    return path, apply


def cleared(name: str, path: str = "") -> tuple[str, Change]:
    return path or name, lambda message: message.ClearField(name)


BAD_UUIDS = (
    "",
    "1",
    A_UUID.upper(),
    A_UUID.replace("-", ""),
    A_UUID + "\n",
    "{" + A_UUID + "}",
    "g" * 36,
    "\u0661" * 36,
    LONG,
)
BAD_NAMES = ("", ".", "Credit", "a..b", "a b", "a\x00b", "a\n", "\u200bcredit", "信用", LONG)


def assert_names_the_field(refusal: Refusal, path: str) -> None:
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.reason == "INVALID_FIELD"
    assert list(refusal.bad) == [path]
    assert refusal.bad[path]


def cases(changes: list[tuple[str, Change]]) -> list[object]:
    return [
        pytest.param(path, change, id=f"{number}-{path}")
        for number, (path, change) in enumerate(changes)
    ]
