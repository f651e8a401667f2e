"""Short files, short functions, and a docstring that opens each module."""

import ast
from pathlib import Path

import pytest

from support.source_tree import ROOT, python_files

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def breaches(source: str) -> list[str]:
    found = []
    lines = len(source.splitlines())
    if lines > MAX_FILE_LINES:
        found.append(f"has {lines} lines")
    tree = ast.parse(source)
    if not ast.get_docstring(tree):
        found.append("has no module docstring")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > MAX_FUNCTION_LINES:
                found.append(f"{node.name} has {size} lines")
    return found


@pytest.mark.parametrize(
    "path", python_files("gateway", "clients"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_house_rules_hold(path: Path) -> None:
    assert breaches(path.read_text(encoding="utf-8")) == []


def test_a_breach_would_be_seen() -> None:
    doc = '"""What it owns."""\n'
    short = "def f():\n" + "    g()\n" * 39
    assert breaches(doc + short) == []
    assert breaches(doc + short + "    g()\n") == ["f has 41 lines"]
    assert breaches(doc + "async " + short + "    g()\n") == ["f has 41 lines"]
    assert breaches(doc + "x = 1\n" * 299) == []
    assert breaches(doc + "x = 1\n" * 300) == ["has 301 lines"]
    assert breaches("x = 1\n") == ["has no module docstring"]
