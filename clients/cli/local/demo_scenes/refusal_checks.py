"""What a refusal must say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clients.cli.local.demo_scenes.shown import Shown


def check_refusal(
    error: Mapping[str, Any], reason: str, article: str, shown: Shown
) -> Mapping[str, Any]:
    """Show a denial and check that it is complete; return its decision.

    Raises:
        CheckFailed: it has another reason or article, or lacks a text.
    """
    shown.require(f"the answer is a denial: {reason}", error.get("reason") == reason)
    decision: Mapping[str, Any] = error.get("decision") or {}
    finding: Mapping[str, Any] = next(iter(decision.get("findings") or ()), {})
    shown.pairs(
        reason,
        {
            "rule": decision.get("rule"),
            "article": finding.get("article"),
            "missing": finding.get("element"),
            "why": finding.get("en"),
            "原因": finding.get("zh"),
            "smallest change": decision.get("smallest_change_en"),
            "最小变更": decision.get("smallest_change_zh"),
            "event": error.get("event_id"),
        },
    )
    shown.require("it names the rule", bool(decision.get("rule")))
    shown.require(f"it names the article: {article}", finding.get("article") == article)
    english = (finding.get("en"), decision.get("smallest_change_en"))
    chinese = (finding.get("zh"), decision.get("smallest_change_zh"))
    shown.require("it says why and what would change it, in English", all(map(_latin, english)))
    shown.require("and in Chinese", all(map(_han, chinese)))
    shown.require("it is recorded in the audit log", bool(error.get("event_id")))
    return decision


def _latin(text: object) -> bool:
    return bool(text) and str(text).isascii()


def _han(text: object) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in str(text or ""))
