"""Each stage of the record path is made in one place, so that none can be made up on the way."""

import ast

import pytest

from support.source_tree import ROOT, python_files

MAKERS = {
    "Received": {"gateway/servicers/exchange.py"},
    "Authenticated": {"gateway/servicers/exchange.py"},
    "Resolved": {"gateway/adapters/store/subject_store.py"},
    "Intended": {"gateway/adapters/committer/ledger.py"},
    "RawRecord": {"gateway/application/get_record.py"},
    "SafeRecord": {"gateway/application/protect_record.py"},
    "Released": {"gateway/adapters/committer/ledger.py"},
}


def made(source: str) -> set[str]:
    """The stages that a source builds: by name, by attribute, or by replacing parts of one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            found.add(name)
    return found & set(MAKERS)


@pytest.mark.parametrize("stage", MAKERS)
def test_a_stage_is_made_in_its_place_alone(stage: str) -> None:
    places = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("gateway")
        if stage in made(path.read_text(encoding="utf-8"))
    }
    assert places == MAKERS[stage]


def test_a_stage_made_elsewhere_is_seen() -> None:
    assert made("def f(safe): return Released(safe, 'x', 1, False, b'')") == {"Released"}
    assert made("from d import stages\nstages.Intended(1)") == {"Intended"}
    assert made("x: Released = y") == set()
