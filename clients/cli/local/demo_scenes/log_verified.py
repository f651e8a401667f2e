"""Scene 5: the audit log of all that is verified offline, and a change of one byte is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from clients.cli.local.demo_scenes.commands import Ran, run_command
from clients.cli.local.demo_scenes.record_checks import Row, check_absent
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import CheckFailed, Shown
from clients.cli.local.demo_scenes.stage import FOLDER, Stage
from gateway.crypto.tiles import TILE_WIDTH, entries_path, iter_bundle, tile_width

EXPORT = f"{FOLDER}/log"
CHANGED = f"{FOLDER}/log-changed"
_LONG = 8
"""Characters of a value that no text holds by chance."""


def play_log_verified(stage: Stage, shown: Shown) -> None:
    """Export, stop the gateway, verify, look at an event, change a byte, verify again."""
    exported = stage.run("audit export", "auditor", "--out", EXPORT)
    shown.call(exported.line)
    shown.require("the auditor has the whole log in a folder", exported.status == 0)
    stopped = stage.gateway.stop() == 0 and not stage.gateway.running
    shown.require("the gateway is stopped: from here on there are only files", stopped)
    verified = _verify(stage, EXPORT, shown)
    size = exported.answer["size"]
    whole = verified.status == 0 and verified.answer["ok"] and verified.answer["size"] == size
    shown.require(f"all {size} entries are under the signed root", whole)
    if not stage.release:
        raise CheckFailed("the first scene released something to look for")
    index = int(stage.release["log_index"])
    bundle = bundle_of(index, size)
    entry = entry_of((Path(EXPORT) / bundle).read_bytes(), index)
    shown.say("\nWhat the auditor sees of the first release:")
    shown.pairs("release", json.loads(entry))
    check_event(json.loads(entry), stage.release, shown)
    check_absent(stage.chinese.held, entry.decode(), "the event", shown)
    shutil.copytree(EXPORT, CHANGED)
    change_one_byte(Path(CHANGED) / bundle, entry)
    shown.say("\nIn a copy, one byte of that entry is changed:")
    found = _verify(stage, CHANGED, shown)
    named = (found.status, found.answer.get("first_bad_entry")) == (1, index)
    shown.require(f"the verifier names the entry: {index}", named)
    shown.pairs("mismatch", {"path": found.answer["path"], "what": found.answer["what"]})
    shown.require("and the export itself still verifies", _verify(stage, EXPORT).status == 0)


def check_event(event: dict[str, Any], release: dict[str, Any], shown: Shown) -> None:
    """The event is that of this release: its fields by name and operator, and no value.

    Raises:
        CheckFailed: it says anything else.
    """
    shown.require("the event is that of the release", event.get("id") == release["event_id"])
    released = {f"{name}:{how}" for name, how in release["operators"].items()}
    withheld = {f"{name}:{why}" for name, why in release["withheld"].items()}
    said = set(event.get("released", ())), {one.lower() for one in event.get("withheld", ())}
    shown.require("it names each field and its operator", said == (released, withheld))
    shown.require("and holds none of the released values", not values_in(event, release["fields"]))
    commitment = str(event.get("record", ""))
    shown.require("a commitment of 32 bytes stands in their place", len(commitment) == 64)


def values_in(event: dict[str, Any], values: Row) -> list[str]:
    """The fields whose released value is a value of the event, or within one of its texts."""
    texts = [one for part in event.values() for one in (part if isinstance(part, list) else [part])]
    words = [one for one in texts if isinstance(one, str)]
    return [
        field
        for field, value in values.items()
        if value is not None and any(_says(word, str(value)) for word in words)
    ]


def _says(word: str, value: str) -> bool:
    # A short value, such as "4", is in any text by chance.
    return word == value or (len(value) >= _LONG and value in word)


def bundle_of(index: int, size: int) -> str:
    """The path of the file that holds an entry, in an export of ``size`` entries."""
    number = index // TILE_WIDTH
    return entries_path(number, tile_width(0, number, size))


def entry_of(bundle: bytes, index: int) -> bytes:
    """The bytes of one entry."""
    return list(iter_bundle(bundle))[index % TILE_WIDTH]


def change_one_byte(bundle: Path, entry: bytes) -> None:
    """Flip one bit in the middle of an entry."""
    content = bytearray(bundle.read_bytes())
    content[content.index(entry) + len(entry) // 2] ^= 1
    bundle.write_bytes(content)


def _verify(stage: Stage, folder: str, shown: Shown | None = None) -> Ran:
    ran = run_command("audit", "verify", folder, "--key", stage.home.log_verifier_key)
    if shown:
        shown.call(ran.line)
    return ran


SCENE = Scene(
    "log-verified",
    "The audit log is verified offline; a change of one byte is named",
    "离线验证审计日志，改动一个字节即可定位",
    play_log_verified,
)
