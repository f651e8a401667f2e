"""What the clients may take from the gateway, read from the source.

The import contracts say the same of modules; this also sees an import inside a function.
"""

import ast

import pytest

from support.source_tree import ROOT, python_files

# Who asks or answers aggregates computes what follows from a question by itself.
AGGREGATES = (
    "gateway.crypto",
    "gateway.domain.aggregate",
    "gateway.domain.privacy",
    "gateway.domain.policy.document_base",
)
# Folder of the clients, and the packages of the gateway that it may import; the first match counts.
ALLOWED = (
    ("clients/cli/local/", ("gateway",)),
    ("clients/agent/", (*AGGREGATES, "gateway.domain.policy")),
    ("clients/keyholder/", AGGREGATES),
    ("clients/cli/aggregate/", AGGREGATES),
    ("clients/", ("gateway.crypto",)),
)
LAZY_ONLY = "gateway.bootstrap"


def gateway_imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return {name for name in found if _within(name, "gateway")}


def eager_imports(tree: ast.Module) -> set[str]:
    """Return what is imported as soon as the module is: everything outside functions."""
    bodies = [ast.Module([node], []) for node in tree.body if not _is_function(node)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bodies.remove(next(body for body in bodies if body.body[0] is node))
            bodies += [ast.Module([one], []) for one in node.body if not _is_function(one)]
    return set().union(*(gateway_imports(body) for body in bodies))


def breaches(path: str, source: str) -> list[str]:
    allowed = next(packages for folder, packages in ALLOWED if path.startswith(folder))
    tree = ast.parse(source)
    found = [
        name
        for name in gateway_imports(tree)
        if not any(_within(name, package) for package in allowed)
    ]
    return sorted(found + [n for n in eager_imports(tree) if _within(n, LAZY_ONLY)])


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def test_the_clients_take_only_what_they_may() -> None:
    found = {}
    for path in python_files("clients"):
        name = path.relative_to(ROOT).as_posix()
        if wrong := breaches(name, path.read_text("utf-8")):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("clients/sdk/x.py", "import gateway.domain.reasons"),
        ("clients/sdk/x.py", "from gateway import domain"),
        ("clients/sdk/x.py", "def f():\n    from gateway.config import Config"),
        ("clients/cli/x.py", "from gateway.bootstrap import start"),
        ("clients/agent/x.py", "from gateway.domain.consent import Consent"),
        ("clients/cli/local/x.py", "from gateway.bootstrap import start"),
        ("clients/cli/local/x.py", "if fast:\n    import gateway.bootstrap"),
        ("clients/cli/local/x.py", "class A:\n    import gateway.bootstrap"),
        ("clients/sdk/x.py", "from gateway.cryptography import x"),
    ],
)
def test_a_breach_would_be_seen(path: str, source: str) -> None:
    assert breaches(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("clients/sdk/x.py", "from gateway.crypto import dsse\nimport json\nfrom . import gateway"),
        ("clients/agent/x.py", "from gateway.domain.policy.documents import Rule"),
        ("clients/cli/local/x.py", "def f():\n    from gateway.bootstrap import start"),
        ("clients/cli/local/x.py", "from gateway.adapters.policy_files.yaml_policies import load"),
    ],
)
def test_what_is_allowed_is_no_breach(path: str, source: str) -> None:
    assert breaches(path, source) == []
