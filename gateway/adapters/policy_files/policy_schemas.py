"""The JSON Schemas of the policy documents, for editors: generated from the types.

Owns ``policies/schema/*.schema.json`` (draft 2020-12). A schema helps while a steward types; the
loader alone decides, and it refuses more (a schema cannot say that bands ascend). Run this module
to write them (``make schemas``), with ``--check`` to compare only.
"""

import argparse
import inspect
import json
import sys
from pathlib import Path

import msgspec

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.policy.documents import (
    DatasetDocument,
    Document,
    MaskingDocument,
    PurposesDocument,
    RulesDocument,
    WitnessesDocument,
)
from gateway.domain.policy.reidentification import ReidentificationDocument

KINDS: dict[str, type[Document]] = {
    "purposes": PurposesDocument,
    "dataset": DatasetDocument,
    "masking": MaskingDocument,
    "rules": RulesDocument,
    "witnesses": WitnessesDocument,
    "reidentification": ReidentificationDocument,
    "aggregate": AggregateContract,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_COMMAND = "python -m gateway.adapters.policy_files.policy_schemas"


def schema_text(kind: type[Document]) -> str:
    """Return one type's schema as JSON text, the same on every run."""
    schema = {"$schema": _DIALECT, **msgspec.json.schema(kind)}
    return json.dumps(_tidy(schema), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write_schemas(folder: Path) -> None:
    """Write every schema into ``folder``, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in KINDS.items():
        _file(folder, name).write_text(schema_text(kind), encoding="utf-8", newline="\n")


def stale_schemas(folder: Path) -> list[Path]:
    """Return the schema files in ``folder`` that are missing or differ from the types."""
    return [
        path
        for name, kind in KINDS.items()
        if not (path := _file(folder, name)).is_file()
        or path.read_text(encoding="utf-8") != schema_text(kind)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or with ``--check`` return 1 if one is out of date."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="JSON Schemas of policy documents")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--policies", type=Path, default=Path("policies"), metavar="DIR")
    options = parser.parse_args(arguments)
    folder = options.policies / "schema"
    if not options.check:
        write_schemas(folder)
        return 0
    stale = stale_schemas(folder)
    for path in stale:
        sys.stderr.write(f"{path} is out of date: run {_COMMAND}\n")
    return 1 if stale else 0


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.schema.json"


def _tidy(part: object) -> object:
    """Return the schema with the docstrings' indentation removed."""
    if isinstance(part, dict):
        return {key: _tidy(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_tidy(value) for value in part]
    return inspect.cleandoc(part) if isinstance(part, str) else part


if __name__ == "__main__":
    sys.exit(main())
