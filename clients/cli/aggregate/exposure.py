"""``aggregate exposure``: what one consenting person owes over all contributors of a dataset.

Owns the options and the order in which they are used: the kept answer first, then a question that
is under way, then a new one. Refuses to take the person's identifier on the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.aggregate.ask import stages_shown
from clients.cli.aggregate.exposure_view import exposure_document, print_exposure
from clients.cli.aggregate.secret import KeyFileOption, new_secret, secret_by
from clients.cli.output import JsonOption, failures_reported, note, print_json, warn
from clients.cli.profile import ProfileOption, load_profile
from clients.cli.subject import SubjectFileOption, SubjectTypeOption, read_subject
from clients.keyholder.exposure.answer import ExposureAnswer
from clients.keyholder.exposure.asking import Exposures
from clients.keyholder.exposure.calls import ExposureClient
from clients.keyholder.exposure.question import OpenExposure, Wish
from clients.keyholder.exposure.store import Shelf
from clients.keyholder.identity import identity_of
from clients.keyholder.keys.sealing import Secret
from clients.sdk.client import VeilgateClient

DatasetArgument = Annotated[str, typer.Argument(metavar="DATASET")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="What for, by the contract.")]
ConsentOption = Annotated[
    str, typer.Option("--consent", metavar="CONSENT_ID", help="The person's consent to it.")
]


def add_exposure(group: typer.Typer) -> None:
    """Add the command."""
    group.command("exposure")(exposure)


def exposure(
    dataset: DatasetArgument,
    purpose: PurposeOption,
    consent: ConsentOption,
    subject_type: SubjectTypeOption = "",
    subject_file: SubjectFileOption = None,
    key_file: KeyFileOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask what one consenting person owes, over all contributors, and open the answer.

    How many have an open loan, the total outstanding, the worst days past due: nobody learns who.
    There is one answer a consent and snapshot; asked again, the kept one is shown.
    """
    with failures_reported(as_json), _opened(profile) as exposures:
        who = read_subject("", subject_type, subject_file)
        wish = Wish(dataset, purpose, consent, who)
        answer, is_kept = _answer(exposures, wish, key_file, as_json)
        if as_json:
            print_json(exposure_document(answer, is_kept))
            return
        print_exposure(answer, is_kept)


@contextmanager
def _opened(profile: Path | None) -> Iterator[Exposures]:
    own = load_profile(profile)
    identity, evaluates = identity_of(own), own.reference_key is not None
    if not evaluates:
        warn("no `reference_key` is pinned: whom the tags name is the gateway's word alone")
    with ExposureClient(own) as client, VeilgateClient(own) as people:
        yield Exposures(identity, client, people, evaluates)


def _answer(
    exposures: Exposures, wish: Wish, key_file: Path | None, as_json: bool
) -> tuple[ExposureAnswer, bool]:
    contract = exposures.contract(wish)
    shelf, stored = exposures.shelf(wish, contract), secret_by(key_file)
    kept = exposures.kept(wish, shelf, stored)
    if kept is not None:
        return kept, True
    pending = exposures.pending(wish, shelf, stored)
    if pending is not None:
        opened, secret = pending.opened, stored(pending.sealed_by)
    else:
        secret = new_secret(key_file)
        opened = exposures.prepare(wish, contract, shelf, secret)
    return _ask(exposures, opened, wish, shelf, secret, as_json), False


def _ask(
    exposures: Exposures,
    opened: OpenExposure,
    wish: Wish,
    shelf: Shelf,
    secret: Secret,
    as_json: bool,
) -> ExposureAnswer:
    try:
        with stages_shown(as_json) as on_stage:
            verified = exposures.ask(opened, shelf, on_stage)
    except BaseException:
        if shelf.rounds.state(opened.id) == "open":
            note("The question is kept: the same command goes on with it.")
        raise
    return exposures.open(verified, wish, shelf, secret)
