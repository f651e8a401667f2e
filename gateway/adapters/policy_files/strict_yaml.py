"""A small, bounded part of YAML 1.2: mappings, sequences, and four kinds of scalar.

Owns the reading of one document's bytes into nodes that know their place. Refuses whatever makes a
YAML file mean something other than it shows (anchors, tags, merge keys, duplicate keys, guessed
types, invisible characters) or cost more than its size. Knows nothing of policies.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec
import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
# A rule takes about 12 bytes a node, so 256 KiB of rules stay below this.
MAX_NODES = 25_000
MAX_SCALAR = 2_000
END_MARKER = "..."

# libyaml's parser, some ten times as fast, where PyYAML was built with it (its wheels are).
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# Control characters, other scripts' line ends, byte order mark, soft hyphen, zero-width characters,
# bidirectional overrides (CVE-2021-42574), noncharacters.
_ODD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff\U000e0000-\U000e0fff]"
)

# Core schema, YAML 1.2.2 section 10.3.2, less what people misread: octal, hexadecimal, a plus sign,
# leading zeros, and numbers with a fraction or an exponent, which no policy needs.
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("null", "Null", "NULL", "~")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_STARTS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})")
_NUMBER = re.compile(
    r"[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)

_PLAIN_NODES = (yaml.ScalarEvent, yaml.CollectionStartEvent)

Scalar = str | int | bool | None
Place = tuple[int, int]
"""Line and column, both counted from 1."""
_NO_KEYS: Mapping[str, Place] = MappingProxyType({})


class StrictYamlError(Exception):
    """The bytes are not this part of YAML. ``what`` is wrong at ``place``; ``hint`` mends it."""

    def __init__(self, place: Place, what: str, hint: str) -> None:
        """Take the place, the fault and the next step."""
        super().__init__(f"{place[0]}:{place[1]}: {what}; {hint}")
        self.place, self.what, self.hint = place, what, hint


class Node(msgspec.Struct, frozen=True, gc=False):
    """One value and where it stands. ``keys`` has the places of a mapping's keys."""

    value: "Scalar | list[Node] | dict[str, Node]"
    place: Place
    keys: Mapping[str, Place] = _NO_KEYS

    def plain(self) -> object:
        """Return the value without places: dict, list, str, int, bool or None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def parse(data: bytes) -> Node:
    """Return the one document in ``data``, at most 256 KiB of UTF-8 with LF line ends.

    The document must end with the line ``...``: so a file that was torn while it was written is
    always refused, even where what is left of it would mean something.

    Raises:
        StrictYamlError: at the first fault.
    """
    if len(data) > MAX_BYTES:
        raise StrictYamlError((1, 1), f"larger than {MAX_BYTES} bytes", "split the file")
    text = _decode(data)
    try:
        return _Reader(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise StrictYamlError(place, f"not YAML: {error.problem}", "mend the syntax") from None
    except yaml.YAMLError:
        raise StrictYamlError((1, 1), "not YAML", "mend the syntax") from None


def _decode(data: bytes) -> str:
    """Return the text, or refuse what is not plain UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StrictYamlError((line, 1), "not UTF-8", "save the file as UTF-8") from None
    if odd := _ODD.search(text):
        at = odd.start()
        place = (text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)
        raise StrictYamlError(place, f"the character {_code(odd[0])}", _hint_for(odd[0]))
    return text


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _hint_for(character: str) -> str:
    hints = {"\t": "indent with spaces", "\r": "save the file with LF line ends"}
    return hints.get(character, "remove it: it does not show, or not as what it is")


class _Reader:
    """One pass over the parser's events, counted and bounded before anything is built."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._nodes = 0

    def document(self) -> Node:
        """Return the root of the only document."""
        next(self._events)  # the start of the stream
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise StrictYamlError((1, 1), "an empty file", "write the document, or delete the file")
        if start.version or start.tags:
            raise _fault(start, "a directive", "remove the line that starts with %")
        root = self._node(next(self._events), 0)
        end = next(self._events)
        if not getattr(end, "explicit", False):
            raise _fault(end, "the document does not end", f"add a last line {END_MARKER!r}")
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            raise _fault(after, "a second document", "keep one document a file")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._admit(event)
        if isinstance(event, yaml.ScalarEvent):
            return Node(_scalar(event), _place(event))
        if depth >= MAX_DEPTH:
            raise _fault(event, f"deeper than {MAX_DEPTH} levels", "flatten it")
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(depth + 1), _place(event))
        return self._mapping(_place(event), depth + 1)

    def _admit(self, event: yaml.Event) -> None:
        """Refuse a node that is one too many, or is not written out as what it is."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _fault(event, f"more than {MAX_NODES} nodes", "split the file")
        if not isinstance(event, _PLAIN_NODES) or event.anchor is not None:
            raise _fault(event, "an anchor or alias", "write the value out where it is meant")
        if event.tag is not None:
            raise _fault(event, "an explicit tag", "remove it: the form gives the type")

    def _sequence(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth))
        return items

    def _mapping(self, place: Place, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in entries:
                raise _fault(
                    event, "a duplicate key", f"keep one: the first is on line {keys[key][0]}"
                )
            keys[key] = _place(event)
            entries[key] = self._node(next(self._events), depth)
        return Node(entries, place, keys)

    def _key(self, event: yaml.Event) -> str:
        self._admit(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _fault(event, "a key that is a collection", "use a word as the key")
        if event.value == "<<" and not event.style:
            raise _fault(event, "a merge key", "write the entries out")
        key = _scalar(event)
        if not isinstance(key, str):
            raise _fault(event, "a key that is not a string", "use a word, or quote it")
        return key


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    """Return the scalar's value: a quoted or block scalar is a string, a plain one goes by form."""
    text = event.value
    if len(text) > MAX_SCALAR:
        raise _fault(event, f"a scalar over {MAX_SCALAR} characters", "shorten it")
    # Escapes and block scalars bring in what the text itself may not hold; a line end at the end
    # of a name would pass a pattern that ends in "$".
    if not (text.isascii() and text.isprintable()) and ("\n" in text or _ODD.search(text)):
        raise _fault(event, "a line end or invisible character in a scalar", "use >-, or one line")
    return text if event.style else _plain(event, text)


def _plain(event: yaml.ScalarEvent, text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if not text:
        raise _fault(event, "a key without a value", "write the value, or remove the key")
    if text[0] not in _NUMERIC_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        raise _fault(event, "not a plain decimal integer", "write 12, or quote a string")
    return text


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _fault(event: yaml.Event, what: str, hint: str) -> StrictYamlError:
    return StrictYamlError(_place(event), what, hint)
