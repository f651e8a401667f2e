"""Scene: which of a bureau's features tell a lender's good loans from its bad ones.

The features lie at the bureau and the labels at the lender; here both come from one published table
of 1,000 applicants, so that the answer can be compared with the clear text. Neither party could do
that, which is why the comparison is in a scene and not in a command.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.demo_data.loans import key_of, write_labels
from clients.cli.local.demo_scenes.binned_clear_text import clear_feature
from clients.cli.local.demo_scenes.commands import Ran
from clients.cli.local.demo_scenes.scene import Scene
from clients.cli.local.demo_scenes.shown import Shown
from clients.cli.local.demo_scenes.stage import DATASET, FOLDER, KEY_FILE, Stage
from clients.cli.local.home import LENDER_A, PROVIDER
from gateway.domain.aggregate.binning import bin_name
from gateway.domain.aggregate.contract import BinnedFeature, BinningTerms

MODEL: Final = "research.model"
SHOWN_FEATURE: Final = "status_of_existing_checking_account"
_CATEGORIES: Final = ("identity", "account", "loan", "credit_history", "employment", "household")
_TOLERANCE: Final = 1e-9
_COLUMNS: Final = (
    *("--id-type-column", "identity_type", "--id", "identity_key"),
    *("--label", "bad", "--consent", "consent_id"),
)


def play_binned_features(stage: Stage, shown: Shown) -> None:
    """Consents, labels, the job, the comparison; then another person behind a consent."""
    shown.say(
        "A lender knows which loans went bad, the bureau knows the applicants. The labels are "
        "encrypted, the rows aligned without either side showing its list, and only the bins' "
        "sums are opened. Every applicant agreed to it."
    )
    consents = _consented(stage, shown)
    labels = f"{FOLDER}/labels.csv"
    rows = write_labels(Path(labels), consents)
    ran = _bin(stage, labels)
    shown.call(ran.line)
    shown.require(
        "the bins are answered, on as many consents as rows",
        ran.answer.get("consents") == rows == len(consents),
    )
    _compare(stage, ran.answer, shown)
    _other_person(stage, consents, shown)


def _consented(stage: Stage, shown: Shown) -> dict[str, str]:
    """Grant the consent of every applicant; returns the ids by the applicant's number."""
    consents = {one.applicant_no: str(uuid4()) for one in applicants()}
    file = Path(FOLDER) / "consents.jsonl"
    file.write_text("\n".join(_lines(consents)) + "\n", encoding="utf-8")
    ran = stage.run("consent import", LENDER_A, str(file))
    shown.call(ran.line)
    granted = ran.answer.get("granted")
    shown.require(f"{len(consents):,} applicants' consents are granted", granted == len(consents))
    return consents


def _lines(consents: dict[str, str]) -> Iterator[str]:
    now = datetime.now(UTC).replace(microsecond=0)
    terms = {
        "providers": [PROVIDER],
        "datasets": [DATASET],
        "purposes": [MODEL],
        "categories": _CATEGORIES,
        "separate_consents": ["third_party", "sensitive"],
        "evidence_sha256": sha256(b"A signed form, invented.").hexdigest(),
        "valid_from": (now - timedelta(minutes=1)).isoformat(),
        "valid_until": (now + timedelta(days=30)).isoformat(),
    }
    for one in applicants():
        subject = {"type": one.identity_type, "value": key_of(one)}
        own = {"consent_id": consents[one.applicant_no], "subject": subject}
        yield json.dumps(terms | own)


def _bin(stage: Stage, labels: str) -> Ran:
    wanted = ("--labels", labels, "--purpose", MODEL, "--mode", "exact", *_COLUMNS, *KEY_FILE)
    return stage.run("aggregate bin", LENDER_A, DATASET, *wanted)


def _compare(stage: Stage, answer: dict[str, Any], shown: Shown) -> None:
    terms = _terms(stage)
    known = {one.name: one for one in terms.features}
    rows = []
    for one in answer["features"]:
        spans = [(part["first"], part["last"]) for part in one["bins"]]
        clear = clear_feature(known[one["name"]], spans, Decimal(terms.zero_cell))
        value = one["information_value"]
        off = abs(value - clear.information_value)
        rows.append((one["name"], value, clear.information_value, f"{off:.1e}"))
        shown_rows = [(part["rows"], part["events"]) for part in one["bins"]]
        same = shown_rows == [(part.rows, part.events) for part in clear.bins]
        if not same or off > _TOLERANCE:
            shown.require(f"{one['name']} comes to what the clear text does", False)
        if one["name"] == SHOWN_FEATURE:
            _show_bins(known[SHOWN_FEATURE], one["bins"], shown)
    rows.sort(key=lambda row: -float(row[1]))
    shown.table("values", ("feature", "encrypted IV", "clear-text IV", "difference"), rows)
    shown.require(
        f"all {len(rows)} information values are those of the clear text, to {_TOLERANCE:g}",
        len(rows) == len(known),
    )


def _show_bins(feature: BinnedFeature, bins: list[dict[str, Any]], shown: Shown) -> None:
    columns = ("bin", "rows", "events", "woe")
    shown.table(
        "bins",
        columns,
        [
            (
                bin_name(feature, one["first"], one["last"]),
                *(one["rows"], one["events"], round(one["woe"], 4)),
            )
            for one in bins
        ],
    )


def _other_person(stage: Stage, consents: dict[str, str], shown: Shown) -> None:
    """Ask again with the consents of two applicants exchanged."""
    shown.say("The lender asks again, and has one applicant's consent stand for another.")
    first, second, *_ = consents
    exchanged = consents | {first: consents[second], second: consents[first]}
    labels = f"{FOLDER}/labels-exchanged.csv"
    write_labels(Path(labels), exchanged)
    refused = _bin(stage, labels)
    shown.call(refused.line)
    reason = refused.error.get("reason")
    shown.require("it is refused: for that person there is no consent", reason == "CONSENT_ABSENT")


def _terms(stage: Stage) -> BinningTerms:
    # The policies as the gateway has them.
    from gateway.bootstrap.settings import load_policy

    terms = load_policy(stage.home.folder / "policies").aggregates[DATASET].binning
    if terms is None:
        raise LookupError("the dataset's contract has no binning")
    return terms


SCENE = Scene(
    "binned-features",
    "A bureau's features weighed by a lender's labels, equal to the clear text",
    "用贷款机构的标签衡量征信特征：与明文计算一致",
    play_binned_features,
)
