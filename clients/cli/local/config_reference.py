"""``veilgate config reference``: every setting of the gateway, from the types that it reads.

Owns the table of settings, in a terminal, as JSON, and between two marks of docs/operations.md:
``python -m clients.cli.local.config_reference docs/operations.md`` writes it. Refuses to describe
a setting by itself: names, defaults, bounds and words are those of `gateway.config` and
`gateway.provider_config`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from clients.cli.output import JsonOption, print_json, print_table
from gateway.config import SCALARS, Config, TlsConfig
from gateway.provider_config import PROVIDER_KINDS, BreakerConfig

BEGIN: Final = "<!-- settings: made by clients.cli.local.config_reference -->"
END: Final = "<!-- settings end -->"
COLUMNS: Final = ("setting", "default", "values", "environment", "what it is")
_CODE: Final = (0, 1, 3)
"""The columns whose texts are names or values."""
_AS_BELOW: Final = "as below"
_REQUIRED: Final = "(required)"
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print the operator's guide's.")]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; ``table`` is its table in the TOML file, empty for the top level.

    ``default`` and ``environment`` are None where there is none; a setting that is not ``required``
    and has no default is simply not used.
    """

    table: str
    name: str
    required: bool
    default: Any
    values: str
    environment: str | None
    what: str


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="List the gateway's settings.", no_args_is_help=True)
    group.callback()(lambda: None)
    group.command("reference")(reference)
    app.add_typer(group, name="config")


def reference(markdown: MarkdownOption = False, as_json: JsonOption = False) -> None:
    """List every setting with its default, its bounds and its name in the environment."""
    if as_json:
        print_json([asdict(one) for one in settings()])
    elif markdown:
        typer.echo(as_markdown(), nl=False)
    else:
        rows = [(one.table, *_cells(one)) for one in settings()]
        print_table(("table", *COLUMNS), rows)


def settings() -> list[Setting]:
    """Return every setting: the top level first, then each table that may stand below it."""
    kinds = PROVIDER_KINDS
    found = list(_of("", Config))
    found += _of("[tls]", TlsConfig)
    common = set.intersection(*({one.name for one in _of("", kind)} for kind in kinds))
    found += [one for one in _of("[[providers]]", kinds[0]) if one.name in common]
    for kind in kinds:
        table = f'[[providers]], kind = "{kind.__struct_config__.tag}"'
        found += [one for one in _of(table, kind) if one.name not in common]
    found += _of("[providers.breaker]", BreakerConfig)
    return found


def _of(table: str, kind: type[msgspec.Struct]) -> Iterator[Setting]:
    words = _words(kind)
    for field in msgspec.structs.fields(kind):
        environment = f"VEILGATE_{field.encode_name.upper()}"
        yield Setting(
            table,
            field.encode_name,
            field.required,
            _default(field),
            _values(msgspec.inspect.type_info(field.type)),
            environment if kind is Config and field.encode_name in SCALARS else None,
            words[field.name],
        )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.required:
        return None
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return msgspec.to_builtins(field.default)


def _values(kind: msgspec.inspect.Type) -> str:
    match kind:
        case msgspec.inspect.UnionType(types=types):
            known = [one for one in types if not isinstance(one, msgspec.inspect.NoneType)]
            return _values(known[0]) if len(known) == 1 else "a table"
        case msgspec.inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case msgspec.inspect.IntType(ge=low, le=high) if low is not None:
            return f"{low:,} to {high:,}"
        case msgspec.inspect.FloatType(gt=low, le=high):
            return f"more than {low:g}, at most {high:g}"
        case msgspec.inspect.VarTupleType():
            return "tables, one or more"
        case msgspec.inspect.StructType():
            return "a table"
        case msgspec.inspect.DictType():
            return "text by text"
        case msgspec.inspect.StrType():
            return "text"
    raise TypeError(f"no words for {type(kind).__name__}")


def _words(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what stands below each field in the source; a field without words is an error."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("gateway."):
            (source,) = ast.parse(inspect.getsource(one)).body
            found |= _below(source)
    return found


def _below(one: ast.stmt) -> Iterator[tuple[str, str]]:
    body = one.body if isinstance(one, ast.ClassDef) else []
    for field, below in pairwise(body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                yield name, " ".join(text.split())


def _cells(one: Setting) -> tuple[str, ...]:
    default = "" if one.default in (None, "", {}) else str(one.default)
    if isinstance(one.default, dict) and one.default:
        default = _AS_BELOW
    if one.required:
        default = _REQUIRED
    return one.name, default, one.values, one.environment or "", one.what


def as_markdown() -> str:
    """Return a heading and a table for each table of the file."""
    parts: list[str] = []
    for table in dict.fromkeys(one.table for one in settings()):
        rows = [_cells(one) for one in settings() if one.table == table]
        columns = [at for at, _ in enumerate(COLUMNS) if any(row[at] for row in rows)]
        lines = [[COLUMNS[at] for at in columns], ["---"] * len(columns)]
        lines += [[_marked(at, row[at]) for at in columns] for row in rows]
        head = f"`{table}`" if table else "The top level"
        body = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        parts.append(f"### {head}\n\n{body}")
    return "\n".join(parts)


def _marked(column: int, text: str) -> str:
    if text and column in _CODE and text not in (_AS_BELOW, _REQUIRED):
        return f"`{text}`"
    return text.replace("``", "`").replace("|", r"\|").replace("<", r"\<")


def with_settings(page: str) -> str:
    """Return the page with the settings between its marks.

    Raises ``ValueError`` where a mark is missing, twice there or out of order.
    """
    before, found, rest = page.partition(f"{BEGIN}\n")
    _, ended, after = rest.partition(f"{END}\n")
    if not found or not ended or BEGIN in after or END in before + after:
        raise ValueError("the page has no single place for the settings")
    return f"{before}{BEGIN}\n\n{as_markdown()}\n{END}\n{after}"


if __name__ == "__main__":
    _page = Path(sys.argv[1])
    _page.write_text(with_settings(_page.read_text("utf-8")), "utf-8")
