"""The steward's commands: ``policy check`` and ``policy explain``, on this machine's files.

Owns which folder is read and how its faults are told. Refuses to change a policy. What a policy
says is in `policy_view`, a hypothetical consent in `hypothetical`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

import gateway
from clients.cli.local.hypothetical import Supposition, hypothetical_consent, with_agreement
from clients.cli.local.policy_view import (
    RuleView,
    decision_view,
    print_view,
    rule_view,
    withheld_view,
)
from clients.cli.output import (
    FAILED,
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_line,
    print_pairs,
)
from clients.sdk.vocabulary import word_of
from gateway.adapters.policy_files.yaml_policies import PolicyBundle, PolicyFileError, read_policies
from gateway.domain.institution import Principal
from gateway.domain.policy.checks import PolicyError
from gateway.domain.policy.compile import CompiledPolicy, compile_policies
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Ask
from gateway.domain.vocabulary import Jurisdiction, Role

ANY_INSTITUTION = "any-institution"

Words = list[str] | None
PoliciesOption = Annotated[
    Path | None,
    typer.Option(
        "--policies", help="The policy folder; ./policies, else the packaged one, if left out."
    ),
]
RoleOption = Annotated[Words, typer.Option("--role", help="The recipient's role; repeat it.")]
InstitutionOption = Annotated[str, typer.Option("--institution", help="The recipient's id.")]
JurisdictionOption = Annotated[str, typer.Option("--jurisdiction", help="The recipient's.")]
ConsentFileOption = Annotated[
    Path | None, typer.Option("--consent", help="A consent draft (JSON) to suppose.")
]
ConsentPurposeOption = Annotated[
    Words, typer.Option("--consent-purpose", help="Suppose a consent for it; repeat it.")
]
SeparateOption = Annotated[
    Words, typer.Option("--separate", help="A separate consent it holds; repeat it.")
]
CategoryOption = Annotated[Words, typer.Option("--category", help="It covers; repeat it.")]
FieldOption = Annotated[Words, typer.Option("--field", help="A wanted field; none means all.")]


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(help="Check and explain policies on this machine.", no_args_is_help=True)
    group.command("check")(check)
    group.command("explain")(explain)
    app.add_typer(group, name="policy")


def check(policies: PoliciesOption = None, as_json: JsonOption = False) -> None:
    """Load and compile the policies; say what they hold, or where the first fault is."""
    with failures_reported(as_json):
        bundle, compiled = _load(policies or default_folder(), as_json)
        counts = _counts(bundle, compiled)
        if as_json:
            print_json({"ok": True, **counts})
            return
        print_line("OK", style="bold green")
        print_pairs(list(counts.items()))


def explain(
    dataset: Annotated[str, typer.Option("--dataset")],
    purpose: Annotated[str, typer.Option("--purpose")],
    roles: RoleOption = None,
    institution: InstitutionOption = ANY_INSTITUTION,
    jurisdiction: JurisdictionOption = "CN",
    fields: FieldOption = None,
    consent: ConsentFileOption = None,
    consent_purposes: ConsentPurposeOption = None,
    separate: SeparateOption = None,
    categories: CategoryOption = None,
    policies: PoliciesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rule for a recipient and purpose, and what a consent must hold.

    With --consent, or --consent-purpose and the like, decide under that hypothetical consent.
    """
    with failures_reported(as_json):
        if not roles and institution == ANY_INSTITUTION:
            raise UsageError("no recipient is named", "Give --role, --institution, or both.")
        held = frozenset(word_of(Role, role) for role in roles or ())
        where = word_of(Jurisdiction, jurisdiction)
        principal = Principal(institution, "steward", held, where)
        _, policy = _load(policies or default_folder(), as_json)
        ask = Ask(purpose, dataset, frozenset(fields or ()))
        now = int(time.time())
        words = (tuple(one or ()) for one in (consent_purposes, separate, categories))
        supposed = hypothetical_consent(Supposition(consent, *words), policy, ask, principal, now)
        decision = decide(policy, with_agreement(principal, policy, ask, now), ask, supposed, now)
        view = RuleView(
            ask=ask,
            principal=principal,
            rule=rule_view(policy, principal, ask, decision.rule),
            decision=decision_view(policy, decision, supposed=bool(supposed)),
            withheld=withheld_view(decision),
        )
        print_json(view) if as_json else print_view(view)


def default_folder() -> Path:
    """``./policies`` where there is one, otherwise the folder beside the gateway's package."""
    own = Path("policies")
    return own if own.is_dir() else Path(gateway.__file__).parent.parent / "policies"


def _load(folder: Path, as_json: bool) -> tuple[PolicyBundle, CompiledPolicy]:
    try:
        bundle = read_policies(folder)
        return bundle, compile_policies(bundle.documents, bundle.digest)
    except PolicyFileError as error:
        place = {"path": error.path, "line": error.line, "column": error.column}
        spots = [str(folder / error.path), *(str(one) for one in (error.line, error.column) if one)]
        _tell_fault(":".join(spots), error.what, error.next_step, place, as_json)
        raise typer.Exit(FAILED) from error
    except PolicyError as error:
        place = {"path": error.where, "line": None, "column": None}
        next_step = "correct what is named; each file is sound by itself"
        _tell_fault(error.where, error.what, next_step, place, as_json)
        raise typer.Exit(FAILED) from error


def _tell_fault(
    where: str, what: str, next_step: str, place: dict[str, str | int | None], as_json: bool
) -> None:
    note(f"error: {where}: {what}")
    note(f"next: {next_step}")
    if as_json:
        print_json({"ok": False, **place, "what": what, "next": next_step})


def _counts(bundle: PolicyBundle, compiled: CompiledPolicy) -> dict[str, int | str]:
    documents = bundle.documents
    return {
        "purposes": len(documents.purposes.purposes),
        "datasets": len(documents.datasets),
        "fields": sum(len(one.fields) for one in documents.datasets),
        "rules": sum(len(one.rules) for one in documents.rules),
        "cells": len(compiled.permits.keys() | compiled.forbids.keys()),
        "files": len(bundle.files),
        "digest": bundle.digest,
    }
