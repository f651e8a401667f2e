"""Some 300 hostile policy files: one at a time among the shipped ones, each refused by name.

What a file costs is bounded by size, nodes and depth before anything is built from it, so the
timeout here is a bound on a hang, not a measurement.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.policy_files.strict_yaml import parse
from gateway.adapters.policy_files.yaml_policies import PolicyFileError, read_policies

pytestmark = pytest.mark.timeout(5)

SHIPPED = Path(__file__).parents[2] / "policies"
FILES = ("purposes.yaml", "datasets/credit.applicant.yaml", "masking/tight.v1.yaml",
         "rules/credit.yaml", "rules/research.yaml")  # fmt: skip
DOCUMENTS: dict[str, Any] = {f: parse((SHIPPED / f).read_bytes()).plain() for f in FILES}
RULES = (SHIPPED / "rules/credit.yaml").read_bytes()
Step = str | int
Case = tuple[str, str, bytes]
"""A name, the file that is replaced, and its hostile bytes."""


def emit(value: object, doubled: tuple[Step, ...] | None = None, at: tuple[Step, ...] = ()) -> str:
    """Return JSON, with the first entry of the mapping at ``doubled`` written twice."""
    if isinstance(value, dict):
        entries = [f"{json.dumps(k)}: {emit(v, doubled, (*at, k))}" for k, v in value.items()]
        return "{" + ", ".join(entries[:1] * (at == doubled) + entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(emit(v, doubled, (*at, i)) for i, v in enumerate(value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def document(text: str) -> bytes:
    return f"{text}\n...\n".encode()


def places(value: object, at: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], object]]:
    """Yield every value below and with its path."""
    yield at, value
    inner = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else inner:
        yield from places(part, (*at, key))


def one_of_each_shape(path: str) -> list[tuple[tuple[Step, ...], object]]:
    """Return the first place of each shape: indices count as one, names of fields and masks too."""
    shapes: dict[object, tuple[tuple[Step, ...], object]] = {}
    for at, value in places(DOCUMENTS[path]):
        free = [i for i, step in enumerate(at) if step in ("release", "masks")]
        kind = value.get("operator") if isinstance(value, dict) else None
        shape = tuple("*" if isinstance(s, int) or i - 1 in free else s for i, s in enumerate(at))
        shapes.setdefault((shape, kind), (at, value))
    return list(shapes.values())


def changed(path: str, at: tuple[Step, ...], value: object) -> bytes:
    """Return the document with another value at one place."""
    if not at:
        return document(json.dumps(value))
    root = json.loads(json.dumps(DOCUMENTS[path]))
    inner = root
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return document(json.dumps(root, ensure_ascii=False))


def duplicate_keys() -> Iterator[Case]:
    for path in FILES:
        for at, value in one_of_each_shape(path):
            if isinstance(value, dict):
                yield f"duplicate{at}", path, document(emit(DOCUMENTS[path], at))


def unknown_fields() -> Iterator[Case]:
    for path in FILES:
        for at, value in one_of_each_shape(path):
            if isinstance(value, dict):
                yield f"unknown{at}", path, changed(path, at, {**value, "x-comment": "x"})


def wrong_types() -> Iterator[Case]:
    for path in FILES:
        for at, _ in one_of_each_shape(path):
            yield f"wrong type{at}", path, changed(path, at, [[]])


def emptied() -> Iterator[Case]:
    for path in FILES:
        for at, value in one_of_each_shape(path):
            if isinstance(value, str):
                yield f"emptied{at}", path, changed(path, at, "")


def torn() -> Iterator[Case]:
    for path in sorted(p.relative_to(SHIPPED).as_posix() for p in SHIPPED.glob("**/*.yaml")):
        data = (SHIPPED / path).read_bytes()
        line_ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
        evenly = range(0, len(data) - 5, max(1, len(data) // 6))
        # The last lines are the dangerous ones: what is left without them still means something.
        for end in sorted({*evenly, *line_ends[-6:-1]}):
            yield f"torn {path} at {end}", path, data[:end]


def bombs() -> Iterator[Case]:
    laughs = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    texts = {
        "billion laughs": f"a0: &a0 [ha, ha]\n{laughs}",
        "self reference": "a: &a [*a]\n",
        "deep flow sequences": "[" * 200_000,
        "deep flow mappings": "{a: " * 60_000,
        "deep closed": "[" * 50_000 + "]" * 50_000,
        "deep block sequences": "- " * 120_000,
        "deep block mappings": "".join(" " * i + "a:\n" for i in range(700)),
        "deep keys": "? " * 120_000,
        "just too deep": "[" * 17 + "]" * 17,
        "many items": "- a\n" * 65_000,
        "many flow items": "[" + "a," * 130_000 + "]",
        "many empty items": "[" + "[]," * 80_000 + "]",
        "many keys": "".join(f"k{i}: 1\n" for i in range(20_000)),
        "many documents": "--- a\n" * 40_000,
        "huge plain scalar": "a" * 260_000,
        "huge spread scalar": "a\n" * 130_000,
        "huge quoted scalar": '"' + "\\n" * 130_000 + '"',
        "huge literal": "a: |\n" + " x\n" * 87_000,
        "huge key": "a" * 250_000 + ": 1\n",
        "huge integer": "version: " + "9" * 250_000,
        "many comments": "#\n" * 130_000,
        "many tags": "!a " * 80_000,
        "many directives": "%YAML 1.2\n" * 26_000,
        "over the size": "#" * (256 * 1024) + "\n",
    }
    for name, text in texts.items():
        yield name, "rules/credit.yaml", document(text)


def other_yaml() -> Iterator[Case]:
    """Valid YAML that is not this part of it, each a small change to a file that is accepted."""
    text = RULES.decode()
    first = "    consent:\n      lawful_bases: [consent]\n"
    edits = {
        "anchor": ("[lender]", "&l [lender]"),
        "alias": ("article: PIPL 24", "article: *a"),
        "merge key": (first, "    <<: {consent: {lawful_bases: [consent]}}\n"),
        "merge key of a consent": (first, f"{first}      <<: {{max_age_days: 1}}\n"),
        "python object": ("version: 1", "version: !!python/object/apply:os.getpid []"),
        "python name": ("version: 1", "version: !!python/name:os.system"),
        "string tag": ("version: 1", 'version: !!int "1"'),
        "non-specific tag": ("[lender]", "! [lender]"),
        "binary tag": ("id: no_onward_provision", "id: !!binary bm8="),
        "set tag": ("release:", "release: !!set"),
        "tag directive": ("version: 1", "%TAG ! !x\n---\nversion: 1"),
        "version directive": ("version: 1", "%YAML 1.1\n---\nversion: 1"),
        "second document": ("version: 1", "a: 1\n---\nversion: 1"),
        "document after the end": ("...\n", "...\n---\nversion: 1\n...\n"),
        "text after the end": ("...\n", "...\nversion: 1\n"),
        "no end": ("...\n", ""),
        "integer key": ("    limits:", "    1: x\n    limits:"),
        "boolean key": ("    limits:", "    true: x\n    limits:"),
        "null key": ("    limits:", "    ~: x\n    limits:"),
        "sequence key": ("    limits:", "    ? [a]\n    : x\n    limits:"),
        "octal": ("count: 20", "count: 024"),
        "octal of 1.2": ("count: 20", "count: 0o24"),
        "hexadecimal": ("count: 20", "count: 0x14"),
        "sexagesimal": ("count: 20", "count: 1:20"),
        "underscores": ("count: 20", "count: 2_0"),
        "float": ("count: 20", "count: 20.0"),
        "exponent": ("count: 20", "count: 2e1"),
        "infinity": ("count: 20", "count: .inf"),
        "not a number": ("count: 20", "count: .nan"),
        "plus": ("count: 20", "count: +20"),
        "negative": ("count: 20", "count: -20"),
        "string for an integer": ("count: 20", 'count: "20"'),
        "boolean for an integer": ("count: 20", "count: true"),
        "empty value": ("max_age_days: 90", "max_age_days:"),
        "timestamp": ("max_age_days: 90", "max_age_days: 2026-01-01"),
        "tab to indent": ("    limits:", "\tlimits:"),
        "tab between": ("version: 1", "version:\t1"),
        "carriage returns": ("\n", "\r\n"),
        "lone carriage return": ("version: 1", "version: 1\r"),
        "NUL": ("version: 1", "version: 1\0"),
        "escaped NUL": ("id: underwriting-applicant", 'id: "underwriting\\0"'),
        "line end in a name": ("id: underwriting-applicant", 'id: "underwriting\\n"'),
        "literal for a name": ("id: underwriting-applicant", "id: |\n      underwriting"),
        "bell": ("# What", "# \x07What"),
        "byte order mark": ("# yaml", "\ufeff# yaml"),
        "zero-width space": ("id: underwriting", "id: under\u200bwriting"),
        "bidirectional override": ("# What", "# \u202eWhat"),
        "escaped override": ("en: A lender", 'en: "\\u202eA lender"\n      de: "A lender'),
        "next line": ("version: 1", "version: 1\x85"),
        "line separator": ("# What", "# \u2028effect: forbid"),
        "no-break space for a space": ("    limits:", "    limits\xa0:"),
        "look-alike letter": ("    dataset:", "    d\u0430taset:"),
        "full-width colon": ("version: 1", "version：1"),
        "unclosed quote": ("version: 1", "version: '1"),
        "unclosed sequence": ("[lender]", "[lender"),
        "bad indent": ("    limits:", "   limits:"),
    }  # fmt: skip
    for name, (old, new) in edits.items():
        assert old in text, name
        yield name, "rules/credit.yaml", text.replace(old, new).encode()


def other_bytes() -> Iterator[Case]:
    text = RULES.decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "utf-8-sig"):
        yield encoding, "rules/credit.yaml", text.encode(encoding)
    for name, data in {
        "nothing": b"",
        "line end": b"\n",
        "end only": b"...\n",
        "start only": b"---\n",
        "start and end": b"---\n...\n",
        "null": b"null\n...\n",
        "string": b"rules\n...\n",
        "sequence": b"[]\n...\n",
        "empty mapping": b"{}\n...\n",
        "overlong": RULES.replace(b"version", b"\xc1\xb6ersion"),
        "lone surrogate": RULES.replace(b"# What", b"# \xed\xa0\x80"),
        "cut character": RULES.replace("贷".encode(), "贷".encode()[:2]),
        "0xff": b"\xff" * 100,
        "ELF": b"\x7fELF\x02\x01\x01" + bytes(64),
        "zip": b"PK\x03\x04" + bytes(64),
        "overwritten with NUL": RULES[:2000] + bytes(len(RULES) - 2000),
    }.items():
        yield name, "rules/credit.yaml", data


CASES = [
    *duplicate_keys(), *unknown_fields(), *wrong_types(), *emptied(), *torn(), *bombs(),
    *other_yaml(), *other_bytes(),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("set") / "policies"))


def test_there_are_at_least_two_hundred() -> None:
    assert len(CASES) >= 200
    assert len({(path, data) for _, path, data in CASES}) >= 200


@pytest.mark.parametrize("path", FILES)
def test_the_files_are_accepted_before_they_are_made_hostile(folder: Path, path: str) -> None:
    before = (folder / path).read_bytes()
    try:
        (folder / path).write_bytes(document(emit(DOCUMENTS[path])))
        assert read_policies(folder).documents == read_policies(SHIPPED).documents
    finally:
        (folder / path).write_bytes(before)


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_a_hostile_file_is_refused_by_name(folder: Path, case: Case) -> None:
    _, path, data = case
    before = (folder / path).read_bytes()
    try:
        (folder / path).write_bytes(data)
        with pytest.raises(PolicyFileError) as caught:
            read_policies(folder)
    finally:
        (folder / path).write_bytes(before)
    assert caught.value.path == path
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)
