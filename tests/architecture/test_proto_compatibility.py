"""Changes of the protos that would break a client are caught, each class; additions are not."""

from collections.abc import Callable

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from support import proto_compatibility as compat

Mutation = Callable[[dict[str, FileDescriptorProto]], object]


def _files() -> dict[str, FileDescriptorProto]:
    return {file.name.split("/")[-1]: file for file in compat.present_files()}


def _message(files: dict[str, FileDescriptorProto], file: str, name: str) -> DescriptorProto:
    return next(one for one in files[file].message_type if one.name == name)


def _renamed(files: dict[str, FileDescriptorProto]) -> None:
    _message(files, "exchange.proto", "GetRecordRequest").field[2].name = "data_set"


def _renumbered(files: dict[str, FileDescriptorProto]) -> None:
    _message(files, "exchange.proto", "GetRecordRequest").field[2].number = 40


def _retyped(files: dict[str, FileDescriptorProto]) -> None:
    field = _message(files, "exchange.proto", "GetRecordRequest").field[2]
    field.type = FieldDescriptorProto.TYPE_BYTES


def _repeated(files: dict[str, FileDescriptorProto]) -> None:
    field = _message(files, "exchange.proto", "GetRecordRequest").field[2]
    field.label = FieldDescriptorProto.LABEL_REPEATED


def _out_of_its_oneof(files: dict[str, FileDescriptorProto]) -> None:
    _message(files, "exchange.proto", "ReleasedField").field[2].ClearField("oneof_index")


def _without_presence(files: dict[str, FileDescriptorProto]) -> None:
    uses = next(
        one
        for one in _message(files, "consent.proto", "ConsentArtefact").field
        if one.name == "uses"
    )
    uses.proto3_optional = False


def _field_removed(files: dict[str, FileDescriptorProto]) -> None:
    del _message(files, "exchange.proto", "GetRecordRequest").field[2]


def _message_moved(files: dict[str, FileDescriptorProto]) -> None:
    moved = files["consent.proto"].message_type.pop()
    files["audit.proto"].message_type.append(moved)


def _enum_value_renamed(files: dict[str, FileDescriptorProto]) -> None:
    files["consent.proto"].enum_type[0].value[1].name = "LAWFUL_BASIS_AGREED"


def _enum_value_removed(files: dict[str, FileDescriptorProto]) -> None:
    del files["error_reason.proto"].enum_type[0].value[5]


def _method_removed(files: dict[str, FileDescriptorProto]) -> None:
    del files["exchange.proto"].service[0].method[1]


def _method_streams(files: dict[str, FileDescriptorProto]) -> None:
    files["exchange.proto"].service[0].method[1].server_streaming = True


def _method_answers_otherwise(files: dict[str, FileDescriptorProto]) -> None:
    files["exchange.proto"].service[0].method[1].output_type = ".veilgate.v1.GetRecordResponse"


def _package_moved(files: dict[str, FileDescriptorProto]) -> None:
    files["audit.proto"].package = "veilgate.v2"


BREAKS: list[Mutation] = [
    _renamed,
    _renumbered,
    _retyped,
    _repeated,
    _out_of_its_oneof,
    _without_presence,
    _field_removed,
    _message_moved,
    _enum_value_renamed,
    _enum_value_removed,
    _method_removed,
    _method_streams,
    _method_answers_otherwise,
    _package_moved,
]


def test_the_protos_keep_what_was_published() -> None:
    now = compat.flatten(compat.present_files())
    before = compat.load_baseline()
    assert compat.breaks(before, now) == []
    assert compat.additions(before, now) == []
    assert len(before) > 300


@pytest.mark.parametrize("mutation", BREAKS, ids=lambda one: one.__name__.strip("_"))
def test_each_class_of_break_is_named(mutation: Mutation) -> None:
    before = compat.flatten(compat.present_files())
    files = _files()
    mutation(files)
    found = compat.breaks(before, compat.flatten(files.values()))
    assert found
    kinds = ("field", "value", "method", "message", "enum", "service")
    assert all(line.startswith(kinds) for line in found)


def test_additions_are_allowed_and_named() -> None:
    before = compat.flatten(compat.present_files())
    files = _files()
    _message(files, "exchange.proto", "GetRecordRequest").field.add(
        name="new", number=100, type=FieldDescriptorProto.TYPE_STRING, label=1
    )
    files["consent.proto"].enum_type[0].value.add(name="LAWFUL_BASIS_NEW", number=50)
    files["exchange.proto"].service[0].method.add(
        name="New", input_type=".veilgate.v1.X", output_type=".veilgate.v1.Y"
    )
    now = compat.flatten(files.values())
    assert compat.breaks(before, now) == []
    assert sorted(compat.additions(before, now)) == [
        "field .veilgate.v1.GetRecordRequest 100",
        "method .veilgate.v1.ExchangeService.New",
        "value .veilgate.v1.LawfulBasis 50",
    ]
