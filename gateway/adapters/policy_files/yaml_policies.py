"""Policy documents from YAML files, strictly.

Owns the way from a folder to ``PolicyDocuments``: bytes, nodes, types. Raises at the first fault
and never returns a part of a set. What documents mean together is the compiler's business; keeping
the last good set when a reload fails is the caller's.
"""

import re
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from gateway.adapters.policy_files.policy_folder import (
    AGGREGATES,
    PURPOSES,
    REIDENTIFICATION,
    WITNESSES,
    PolicyFile,
    PolicyFileError,
    digest,
    read_folder,
)
from gateway.adapters.policy_files.strict_yaml import Node, Place, StrictYamlError, parse
from gateway.adapters.policy_files.witness_keys import require_witness_keys
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.policy.documents import (
    DatasetDocument,
    Document,
    MaskingDocument,
    PolicyDocuments,
    PurposesDocument,
    RulesDocument,
    WitnessesDocument,
)
from gateway.domain.policy.reidentification import ReidentificationDocument

__all__ = ["PolicyBundle", "PolicyFileError", "read_policies"]

_D = TypeVar("_D", bound=Document)
_AT = re.compile(r" - at (?P<key>`key` in )?`(?P<path>\$[^`]*)`$")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_HINT = "compare with the document's schema in schema/, which an editor completes from"


class PolicyBundle(msgspec.Struct, frozen=True):
    """A read set: the typed documents, the SHA-256 of the files they came from, and their paths."""

    documents: PolicyDocuments
    digest: str
    files: tuple[str, ...]


def read_policies(folder: Path) -> PolicyBundle:
    """Return every policy document under ``folder``, in the order of the sorted paths.

    Raises:
        PolicyFileError: the first file that is refused, with its place and the next step.
    """
    files = read_folder(folder)
    documents = PolicyDocuments(
        purposes=_only(PURPOSES, files, PurposesDocument)[0],
        datasets=_only("datasets/", files, DatasetDocument),
        masking=_only("masking/", files, MaskingDocument),
        rules=_only("rules/", files, RulesDocument),
        witnesses=next(iter(_only(WITNESSES, files, WitnessesDocument)), None),
        reidentification=next(iter(_only(REIDENTIFICATION, files, ReidentificationDocument)), None),
        aggregates=_only(f"{AGGREGATES}/", files, AggregateContract),
    )
    if documents.witnesses is not None:
        require_witness_keys(WITNESSES, documents.witnesses)
    return PolicyBundle(documents, digest(files), tuple(file.path for file in files))


def _only(start: str, files: tuple[PolicyFile, ...], kind: type[_D]) -> tuple[_D, ...]:
    return tuple(_typed(file, kind) for file in files if file.path.startswith(start))


def _typed(file: PolicyFile, kind: type[_D]) -> _D:
    """Return one file as its type, or raise with the place of the first fault."""
    try:
        root = parse(file.data)
    except StrictYamlError as error:
        raise PolicyFileError(file.path, error.what, error.hint, error.place) from None
    plain = root.plain()
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        message = str(error)
        what = _AT.sub("", message)[:200]
        place = _locate(root, plain, kind, message)
        raise PolicyFileError(file.path, what, _HINT, place) from None


def _locate(root: Node, plain: object, kind: type[Document], message: str) -> Place:
    """Return the place that msgspec's message speaks of.

    msgspec ends a message with the JSON path of the value, where the entries of a mapping with
    free keys are all called ``[...]``.
    """
    at = _AT.search(message)
    node, value = root, plain
    for step in _STEP.finditer(at["path"] if at else ""):
        key = step["key"] or step["index"]
        if key == "...":
            key = _first_bad_key(plain, value, kind, message)
        node, value = _child(node, value, key)
    if at and at["key"]:
        return node.keys.get(_first_bad_key(plain, value, kind, message), node.place)
    unknown = _UNKNOWN.match(message[: at.start()] if at else message)
    return node.keys.get(unknown["key"], node.place) if unknown else node.place


def _child(node: Node, value: object, key: str) -> tuple[Node, object]:
    """Return the entry ``key`` of a node and of its plain value, or both as they are."""
    if isinstance(node.value, dict) and key in node.value:
        return node.value[key], cast("dict[str, object]", value)[key]
    if isinstance(node.value, list) and key.isdigit() and int(key) < len(node.value):
        return node.value[int(key)], cast("list[object]", value)[int(key)]
    return node, value


def _first_bad_key(plain: object, value: object, kind: type[Document], message: str) -> str:
    """Return the first key of the mapping ``value`` (inside ``plain``) that gives ``message``.

    Entries are read in order, so a prefix of them gives the message exactly if it has that key:
    a binary search over prefixes finds it.
    """
    if not isinstance(value, dict) or not value:
        return ""
    entries = list(value.items())
    low, high = 1, len(entries)
    while low < high:
        middle = (low + high) // 2
        value.clear()
        value.update(entries[:middle])
        low, high = (low, middle) if _fails(plain, kind, message) else (middle + 1, high)
    value.clear()
    value.update(entries)
    return str(entries[low - 1][0])


def _fails(plain: object, kind: type[Document], message: str) -> bool:
    try:
        msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        return str(error) == message
    return False
