"""The published protos against their baseline: what a client relies on stays as it is.

Owns the flat form of the protos (``protos/baseline.json``) and what counts as a break: a message,
field, enum value, service or method that is gone, or stands for something else than before. What is
added is no break, and is written into the baseline by ``make protos-baseline``.
"""

import importlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)

ROOT: Final = Path(__file__).parents[2]
BASELINE: Final = ROOT / "protos" / "baseline.json"
PACKAGE: Final = "veilgate.v1"
Flat = dict[str, dict[str, str]]


def flatten(files: Iterable[FileDescriptorProto]) -> Flat:
    """Return one entry for everything that has a name or number on the wire or in a client."""
    flat: Flat = {}
    for file in files:
        scope = f".{file.package}"
        for message in file.message_type:
            _message(flat, scope, message, file.name)
        for enum in file.enum_type:
            _enum(flat, scope, enum, file.name)
        for service in file.service:
            _service(flat, scope, service, file.name)
    return flat


def _message(flat: Flat, scope: str, message: DescriptorProto, file: str) -> None:
    name = f"{scope}.{message.name}"
    flat[f"message {name}"] = {"file": file}
    for field in message.field:
        flat[f"field {name} {field.number}"] = _field(message, field)
    for nested in message.nested_type:
        _message(flat, name, nested, file)
    for enum in message.enum_type:
        _enum(flat, name, enum, file)


def _field(message: DescriptorProto, field: FieldDescriptorProto) -> dict[str, str]:
    kind = field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_")
    label = FieldDescriptorProto.Label.Name(field.label).removeprefix("LABEL_")
    facts = {"name": field.name, "type": kind, "label": label}
    if field.proto3_optional:
        facts["presence"] = "explicit"
    elif field.HasField("oneof_index"):
        facts["oneof"] = message.oneof_decl[field.oneof_index].name
    return facts


def _enum(flat: Flat, scope: str, enum: EnumDescriptorProto, file: str) -> None:
    name = f"{scope}.{enum.name}"
    flat[f"enum {name}"] = {"file": file}
    for value in enum.value:
        flat[f"value {name} {value.number}"] = {"name": value.name}


def _service(flat: Flat, scope: str, service: ServiceDescriptorProto, file: str) -> None:
    name = f"{scope}.{service.name}"
    flat[f"service {name}"] = {"file": file}
    for method in service.method:
        flat[f"method {name}.{method.name}"] = {
            "input": method.input_type,
            "output": method.output_type,
            "streams": f"{method.client_streaming:d}{method.server_streaming:d}",
        }


def breaks(before: Flat, now: Flat) -> list[str]:
    """Return a line for each thing that a client of ``before`` would miss or misread."""
    lines = []
    for key, facts in before.items():
        if key not in now:
            lines.append(f"{key} is gone (was {_shown(facts)})")
        elif now[key] != facts:
            lines.append(f"{key} was {_shown(facts)}, is {_shown(now[key])}")
    return lines


def additions(before: Flat, now: Flat) -> list[str]:
    """Return what is new."""
    return [key for key in now if key not in before]


def _shown(facts: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def present_files() -> list[FileDescriptorProto]:
    """Return the descriptors of the generated modules."""
    files = []
    for proto in sorted((ROOT / "protos" / "veilgate" / "v1").glob("*.proto")):
        module = importlib.import_module(f"{PACKAGE}.{proto.stem}_pb2")
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        files.append(file)
    return files


def load_baseline() -> Flat:
    """Return the published state."""
    flat: Flat = json.loads(BASELINE.read_text(encoding="utf-8"))
    return flat


def main(arguments: list[str]) -> int:
    """``check`` or ``update``; both refuse a break."""
    before, now = load_baseline() if BASELINE.exists() else {}, flatten(present_files())
    broken = breaks(before, now)
    new = additions(before, now)
    for line in broken:
        print(f"a break of {PACKAGE}: {line}", file=sys.stderr)
    if broken:
        print("docs/versioning.md says what may change within a version.", file=sys.stderr)
        return 1
    if arguments == ["update"]:
        lines = [f"{json.dumps(key)}: {json.dumps(now[key])}" for key in sorted(now)]
        BASELINE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    elif new:
        print(f"not in the baseline yet: {new[0]}: run make protos-baseline", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
