"""The JSON Schemas: up to date, true of the shipped documents, false of wrong ones."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from gateway.adapters.policy_files.policy_schemas import KINDS, main, stale_schemas, write_schemas
from gateway.adapters.policy_files.strict_yaml import parse

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "policies"
KIND_OF = {"datasets": "dataset", "masking": "masking", "rules": "rules"}
FILES = sorted([*POLICIES.glob("*.yaml"), *POLICIES.glob("[dmr]*/*.yaml")])


def kind_of(path: Path) -> str:
    return path.stem if path.parent == POLICIES else KIND_OF[path.parent.name]


def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((POLICIES / "schema" / f"{kind}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_document_is_valid_for_both(path: Path) -> None:
    document: Any = parse(path.read_bytes()).plain()
    validator(kind_of(path)).validate(document)
    msgspec.convert(document, KINDS[kind_of(path)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_shipped_document_names_its_schema_for_editors(path: Path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    named = (path.parent / first.removeprefix(prefix)).resolve()
    assert named == (POLICIES / "schema" / f"{kind_of(path)}.schema.json").resolve()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("fault", ["unknown", "version", "missing", "empty"])
def test_a_wrong_document_is_invalid_for_both(path: Path, fault: str) -> None:
    document: Any = parse(path.read_bytes()).plain()
    last = list(document)[-1]
    match fault:
        case "unknown":
            document["comment"] = "x"
        case "version":
            document["version"] = True
        case "missing":
            del document[last]
        case "empty":
            document[last] = type(document[last])()
    assert not validator(kind_of(path)).is_valid(document)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(document, KINDS[kind_of(path)])


def test_the_shipped_schemas_are_those_of_the_types() -> None:
    assert stale_schemas(POLICIES / "schema") == []


def test_check_names_the_stale_file_and_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_schemas(tmp_path / "schema")
    assert main(["--check", "--policies", str(tmp_path)]) == 0
    (tmp_path / "schema/rules.schema.json").write_text("{}")
    assert main(["--check", "--policies", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "rules.schema.json" in message
    assert "python -m gateway.adapters.policy_files.policy_schemas" in message
    assert main(["--policies", str(tmp_path)]) == 0
    assert stale_schemas(tmp_path / "schema") == []


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.adapters.policy_files.policy_schemas", "--check"]
    run = [*command, "--policies", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode == 0
    assert subprocess.run(run, cwd=ROOT, check=False, env=environment).returncode == 1


def test_descriptions_come_from_the_docstrings_without_their_indentation() -> None:
    schema = json.loads((POLICIES / "schema/masking.schema.json").read_text("utf-8"))
    text = schema["$defs"]["MaskFormat"]["description"]
    assert text.startswith("How one kind of value is masked")
    assert "\n    " not in text
