"""Names that may not occur: each is a door that this design keeps shut."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.source_tree import ROOT, files, python_files

# Both pickle and its kin run what they read.
UNSAFE_MODULES = frozenset(
    {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}
)
# Of PyYAML only the event parser is used: every loader builds values by YAML 1.1's guesses.
YAML_LOADERS = re.compile(r"(safe_|full_|unsafe_)?load(_all)?")
# Written in pieces, so that this file does not hold what it looks for.
ADDRESSES = re.compile(
    r"py[p]i\.(?:org|python)|pythonh[o]sted|[/.]simple[/]|(?:index|registry)[-_]url *[=:] *.?http"
    r"|regis[t]ry\.npm|(?:^|[^.\w])/(?:home|root|work|farm|Users|opt)/",
    re.MULTILINE,
)


def names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that is defined, used, imported or looked up by a string constant."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (name, other or "")
            case ast.Constant(value=str(name)) if name.isidentifier():
                yield name


def decrypting(source: str) -> list[str]:
    return [name for name in names(ast.parse(source)) if "decrypt" in name.lower()]


def unsafe_loading(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=aliases):
                found += [one.name for one in aliases if one.name.split(".")[0] in UNSAFE_MODULES]
            case ast.ImportFrom(module=str(module), names=aliases):
                if module.split(".")[0] in UNSAFE_MODULES:
                    found.append(module)
                elif module == "yaml":
                    found += [one.name for one in aliases if YAML_LOADERS.fullmatch(one.name)]
            case ast.Attribute(value=ast.Name(id="yaml"), attr=name) if YAML_LOADERS.fullmatch(
                name
            ):
                found.append(f"yaml.{name}")
            case ast.keyword(arg="be_secure", value=value) if not _is_true(value):
                found.append("be_secure")
    return found


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_nothing_of_the_gateway_but_its_cryptography_decrypts() -> None:
    outside = [
        path for path in python_files("gateway") if "gateway/crypto/" not in relative(path) + "/"
    ]
    assert {relative(p): n for p in outside if (n := decrypting(p.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "key.decrypt(x)",
        "def raw_decrypt(): ...",
        "from phe import decrypt_all",
        "getattr(key, 'decrypt')",
        "class Decryptor: ...",
        "open_it = key.raw_decrypt",
    ],
)
def test_a_decrypting_name_would_be_seen(source: str) -> None:
    assert decrypting(source)
    assert not decrypting('"""Nothing here can decrypt."""\nencrypt(x)')


def test_nothing_loads_what_can_run_and_every_transport_is_secure() -> None:
    paths = python_files("gateway", "clients")
    assert {relative(p): n for p in paths if (n := unsafe_loading(p.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as p",
        "from pickle import loads",
        "import xml, shelve",
        "yaml.safe_load(text)",
        "yaml.load(text, Loader=X)",
        "from yaml import safe_load_all",
        "channel(be_secure=False)",
        "channel(be_secure=flag)",
    ],
)
def test_unsafe_loading_would_be_seen(source: str) -> None:
    assert unsafe_loading(source)
    assert not unsafe_loading(
        "import json, yaml\nyaml.parse(text)\njson.load(file)\nf(be_secure=True)"
    )


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    found = {}
    for path in files():
        hit = ADDRESSES.search(path.read_text("utf-8", errors="replace"))
        if hit:
            found[relative(path)] = hit[0]
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://py" + "pi.org/project/x",
        "--index" + "-url=https://example.com",
        "https://example.com/" + "simple/",
        "cd /" + "root/project",
        'path = "/' + 'home/ann/x"',
    ],
)
def test_an_address_would_be_seen(text: str) -> None:
    assert ADDRESSES.search(text)
    assert not ADDRESSES.search("gateway/work/x https://example.com/home/ ./opt/ ~/.config")
