"""Lines of code, which hold capitals and unknown words and no name of a person.

Owns the generated lines and those of Python's own library (PSF licence; read where training runs,
not shipped). Refuses comments and prose, which do name people.
"""

import ast
import random
import re
import string
import zlib
from pathlib import Path

from gateway.detection.names.training.english_corpora import Labelled
from gateway.detection.names.training.english_lists import listed, templates

_CODE = re.compile(r"\w\(|\w\[| = |==|:$|^import |^from .* import|^return|\{|\w\.\w")
_SENTENCE = re.compile(r"(?<=[.:]) +")
_SLOT = re.compile(r"\{([vnomlkwij])\}")


def code(chance: random.Random) -> Labelled:
    """Return a generated line."""
    noun, other, more = (chance.choice(listed("nouns")) for _ in range(3))
    values = {
        "v": chance.choice(listed("verbs")),
        "n": noun,
        "o": other,
        "m": more,
        "l": noun.lower(),
        "k": other.lower(),
        "w": chance.choice(listed("org_words")),
        "i": str(chance.randint(1, 99)),
        "j": str(chance.randint(1, 999)),
    }
    line = chance.choice(templates("code"))
    return Labelled(_SLOT.sub(lambda slot: values[slot.group(1)], line), ())


def standard_prose(many: int, seed: int) -> list[Labelled]:
    """Return sentences of the docstrings in the same modules: English that names nobody.

    The docstrings of modules are left out: they thank people.
    """
    found: set[str] = set()
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8", "replace"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = " ".join((ast.get_docstring(node) or "").split())
                found.update(one for one in _SENTENCE.split(text) if 30 < len(one) < 200)
    chance = random.Random(seed)  # noqa: S311 - text, not secrets
    return [Labelled(one, ()) for one in chance.sample(sorted(found), many)]


def _modules() -> list[Path]:
    folder = Path(string.__file__).parent
    return [
        path
        for path in sorted([*folder.glob("*.py"), *folder.glob("[a-j]*/*.py")])
        if zlib.crc32(path.name.encode()) % 4 and "packages" not in str(path)
    ]


def standard_library(many: int, seed: int) -> list[Labelled]:
    """Return lines of code of Python's own modules; comments and prose are left out.

    Every fourth module is left for tests.
    """
    found: list[str] = []
    for path in _modules():
        found += [one.strip() for one in path.read_text("utf-8", "replace").splitlines()]
    code = sorted(
        {one for one in found if len(one) > 12 and _CODE.search(one) and one[0] not in "#'\""}
    )
    chance = random.Random(seed)  # noqa: S311 - text, not secrets
    return [Labelled(one, ()) for one in chance.sample(code, many)]
