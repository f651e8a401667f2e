"""The toolchains of the client examples: what each needs, and whether this machine has it.

Owns the question, the way to an example's two scripts, and how each generator of code spells the
names of the protos. Refuses to install or to fetch anything: what is not at hand is named, and its
example is not run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from support.source_tree import ROOT

EXAMPLES: Final = ROOT / "clients" / "examples"
NODE_MODULES: Final = "VEILGATE_EXAMPLES_NODE_MODULES"
_BUILD_S: Final = 110
_RUN_S: Final = 60
_DEBIAN_GO: Final = Path("/usr/share/gocode")
_GO_PACKAGES: Final = (
    "github.com/BurntSushi/toml",
    "github.com/google/uuid",
    "google.golang.org/genproto/googleapis/rpc/errdetails",
    "google.golang.org/grpc",
    "google.golang.org/protobuf",
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One language: the commands that its example needs, the oldest version of the first, files."""

    language: str
    commands: tuple[str, ...]
    version: tuple[str, int, int]
    """A switch of the first command that prints its version, and the least major and minor."""
    files: Callable[[], tuple[Path, ...]]
    suffix: str = ""
    wire_names: Callable[[str], set[str]] = field(default=lambda source: set())
    """Names of the protos, as the protos spell them, that a source uses; ``file/Message`` where
    the language's generated code is divided by file."""

    @property
    def folder(self) -> Path:
        """Where the example's sources and scripts are."""
        return EXAMPLES / self.language

    @property
    def source(self) -> str:
        """The example's whole source."""
        files = sorted(self.folder.glob(f"*{self.suffix}"))
        return "\n".join(path.read_text("utf-8") for path in files)

    def missing(self) -> list[str]:
        """What this machine lacks to compile and run the example; empty where it lacks nothing."""
        lacking = [name for name in self.commands if shutil.which(name) is None]
        if lacking:
            return lacking
        if not self._is_new_enough():
            return [f"{self.commands[0]} {self.version[1]}.{self.version[2]}"]
        return [str(path) for path in self.files() if not path.exists()]

    def build(self, out: Path) -> None:
        """Compile the example into ``out``; fails with what the compiler printed."""
        done = _run([self.folder / "build.sh", out], {}, _BUILD_S)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, out: Path, *words: str | Path, **environment: str) -> Answer:
        """Run what ``build`` made with the words as its command line."""
        done = _run([self.folder / "run.sh", out, *words], environment, _RUN_S)
        return Answer(done.returncode, done.stdout, done.stderr)

    def _is_new_enough(self) -> bool:
        switch, *least = self.version
        printed = _run([self.commands[0], switch], {}, _RUN_S)
        found = re.search(r"(\d+)\.(\d+)", printed.stdout + printed.stderr)
        return found is not None and [int(found[1]), int(found[2])] >= least


@dataclass(frozen=True, slots=True)
class Answer:
    """How a run of an example ended, and what it printed."""

    status: int
    out: str
    err: str


def at_hand() -> tuple[Toolchain, ...]:
    """The toolchains that this machine has."""
    return tuple(one for one in TOOLCHAINS if not one.missing())


def node_modules() -> Path:
    """The folder with the TypeScript example's packages, whether it is there or not."""
    return Path(os.environ.get(NODE_MODULES, EXAMPLES / "typescript" / "node_modules"))


def _go_files() -> tuple[Path, ...]:
    libraries = Path(os.environ.get("GO_LIBS", _DEBIAN_GO)) / "src"
    return (*(libraries / name for name in _GO_PACKAGES), _protoc_includes())


def _java_files() -> tuple[Path, ...]:
    printed = _run([EXAMPLES / "java" / "class_path.sh"], {}, _RUN_S).stdout
    return (*(Path(jar) for jar in printed.strip().split(":")), _protoc_includes())


def _typescript_files() -> tuple[Path, ...]:
    return tuple(node_modules() / ".bin" / name for name in ("tsc", "protoc-gen-ts_proto"))


def _protoc_includes() -> Path:
    """A proto that protoc finds beside itself, where it is installed whole."""
    protoc = shutil.which("protoc") or "protoc"
    return Path(protoc).resolve().parents[1] / "include/google/protobuf/timestamp.proto"


def _run(
    command: list[str | Path], environment: Mapping[str, str], limit_s: int
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=limit_s,
    )


def _go_names(source: str) -> set[str]:
    found = _qualified(source) | _fields(r"\.Get(\w+)\(\)", source)
    for name in re.findall(r"(?:wire|errdetails)\.(?:New)?([A-Z]\w+)", source):
        outer, _, inner = name.removesuffix("Client").partition("_")
        found |= {outer, inner if inner.isupper() else _snake(inner)} - {""}
    for keys in re.findall(r"wire\.\w+\{([^{}]*)\}", source):
        found |= _fields(r"(\w+):", keys)
    return found | set(re.findall(r"gateway\.(\w+)", source))


def _java_names(source: str) -> set[str]:
    found = _qualified(source) | set(re.findall(r"IdentifierType\.(\w+)", source))
    for file, name in re.findall(r"import veilgate\.v1\.(?:(\w+)\.)?(\w+);", source):
        bare = re.sub(r"(Grpc|BlockingStub)$", "", name)
        found.add(bare if file in ("", f"{bare}Grpc") else f"{_snake(file)}/{bare}")
    found |= set(re.findall(r"import com\.google\.rpc\.(\w+);", source))
    found |= _fields(r"\.(?:get|set|has)([A-Z]\w*?)(?:List)?\(", source)
    calls = re.findall(r"limited\(gateway\)\s*\.(\w+)\(", source)
    # Of gRPC, of the language, of every generated class, and what looks like a field but is a call.
    others = {"status", "code", "or_default", "default_instance", "record"}
    return found - others | _methods(calls)


def _typescript_names(source: str) -> set[str]:
    found = _qualified(source) | set(re.findall(r"IdentifierType\.(\w+)", source))
    imports = re.compile(r'import \{([^}]*)\} from "\./(?:veilgate/v1|google/rpc)/(\w+)\.js";')
    for names, file in imports.findall(source):
        for name in re.findall(r"\w+", names):
            bare = re.sub(r"(ToJSON|(?<=Service)Client)$", "", name)
            found.add(f"{file}/{bare[0].upper()}{bare[1:]}")
    body = re.sub(r"^import [^;]*;", "", source, flags=re.MULTILINE)
    found |= _fields(r"\b(?:record|decision|retry|delay|info|one|value)\??\.(\w+)", body)
    for keys in re.findall(r"\{ ([a-z]\w*(?:, [a-z]\w*)*) \}", body):
        found |= _fields(r"(\w+)", keys)
    for keys in re.findall(r"fromPartial\(\{([^}]*)\}\)", body):
        found |= _fields(r"(\w+):", keys)
    # `code` is gRPC's.
    return found - {"code"} | _methods(re.findall(r"gateway\.(\w+)\.bind", source))


def _qualified(source: str) -> set[str]:
    return set(re.findall(r"(?:google\.rpc|veilgate\.v1)\.([A-Z]\w+)\b(?![.;])", source))


def _fields(pattern: str, source: str) -> set[str]:
    return {_snake(name) for name in re.findall(pattern, source)}


def _methods(names: list[str]) -> set[str]:
    return {name[0].upper() + name[1:] for name in names}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


TOOLCHAINS: Final = (
    Toolchain(
        language="go",
        commands=("go", "protoc", "protoc-gen-go", "protoc-gen-go-grpc"),
        version=("version", 1, 18),
        files=_go_files,
        suffix=".go",
        wire_names=_go_names,
    ),
    Toolchain(
        language="java",
        commands=("javac", "java", "protoc", "grpc_java_plugin"),
        version=("-version", 17, 0),
        files=_java_files,
        suffix=".java",
        wire_names=_java_names,
    ),
    Toolchain(
        language="typescript",
        commands=("node",),
        version=("--version", 20, 0),
        files=_typescript_files,
        suffix=".ts",
        wire_names=_typescript_names,
    ),
)
