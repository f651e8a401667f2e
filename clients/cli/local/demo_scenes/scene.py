"""A scene, and what came of playing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clients.cli.local.demo_scenes.shown import CheckFailed, Shown
from clients.cli.local.demo_scenes.stage import Stage
from clients.sdk.failure import SdkError
from gateway.crypto.errors import CryptoError


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: a name for programs, a title for people, and its play.

    The play shows and checks; it returns only if all that it claims holds.
    """

    name: str
    title: str
    title_zh: str
    play: Callable[[Stage, Shown], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A played scene. ``failed`` says what did not hold; it is empty if the scene is ok."""

    name: str
    shown: dict[str, Any]
    failed: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """What ``--json`` prints of it."""
        failed = {"failed": self.failed} if self.failed else {}
        return {"name": self.name, "ok": not self.failed, **failed, "shown": self.shown}


def play(scene: Scene, stage: Stage, shown: Shown) -> Outcome:
    """Play a scene; whatever breaks it is its own failure, and the demo can go on."""
    failed = ""
    try:
        scene.play(stage, shown)
        if not shown.document["checked"]:
            failed = "the scene checked nothing"
    except CheckFailed as error:
        failed = f"this does not hold: {error}"
    except (SdkError, CryptoError, OSError) as error:
        failed = str(error)
    except Exception as error:  # noqa: BLE001 - the next scenes are worth seeing all the same
        # Its text may hold a value of a record.
        failed = f"unexpected {type(error).__name__}"
    return Outcome(scene.name, shown.document, failed)
