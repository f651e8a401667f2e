"""The options of masking by a profile: which one, of which policies, with whose keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clients.cli.local.pii.options import DEFAULT_THRESHOLD, Words, wanted
from clients.cli.output import UsageError

if TYPE_CHECKING:
    from clients.cli.local.pii.order import MaskingPlan
    from gateway.application.ports.detection import Wanted

ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="A masking profile; by type if left out.")
]
PoliciesOption = Annotated[
    Path | None,
    typer.Option("--policies", help="Its policy folder; ./policies, else the packaged one."),
]
KeysOption = Annotated[
    Path | None, typer.Option("--keys", help="A folder of a gateway's keys, for keyed operators.")
]
RecipientOption = Annotated[str, typer.Option("--recipient", help="For whom keyed values are.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="For what keyed values are.")]
MaskThresholdOption = Annotated[
    float | None,
    typer.Option("--threshold", min=0.0, max=1.0, help="The least score; the profile's, else 0.5."),
]


def masking_plan(
    profile: str | None, policies: Path | None, keys: Path | None, recipient: str, purpose: str
) -> MaskingPlan | None:
    """The plan that workers compile; None where no profile is named.

    Raises:
        UsageError: the profile, its policies or the keys cannot be used.
    """
    if profile is None:
        if policies or keys or recipient or purpose:
            raise UsageError("no profile is named", "Name one with --profile.")
        return None
    from clients.cli.local.pii.order import KeyPlan, MaskingPlan
    from clients.cli.local.policy import default_folder

    if keys and not (recipient and purpose):
        raise UsageError(
            "keys are given, and not for whom and what", "Add --recipient and --purpose."
        )
    key_plan = KeyPlan(str(keys), recipient, purpose) if keys else None
    plan = MaskingPlan(str(policies or default_folder()), profile, key_plan)
    _require_usable(plan)
    return plan


def _require_usable(plan: MaskingPlan) -> None:
    from clients.cli.local.pii.masker import Masker, ProfileMissing
    from gateway.adapters.keys.keyring import KeyFileError
    from gateway.adapters.policy_files.yaml_policies import PolicyFileError
    from gateway.domain.policy.checks import PolicyError

    try:
        Masker(plan)
    except ProfileMissing as error:
        raise UsageError(f"no profile is called {plan.profile}", f"Name one of: {error}.") from None
    except (PolicyFileError, PolicyError) as error:
        raise UsageError(
            f"the policies are not sound: {error}", "Run `veilgate policy check` on them."
        ) from error
    except (KeyFileError, OSError) as error:
        raise UsageError(f"the keys cannot be used: {error}", "Name a folder of keys.") from error


def sought_by(plan: MaskingPlan | None, entities: Words, threshold: float | None) -> Wanted:
    """What is looked for: as the options say, else as the profile, else everything from 0.5."""
    if plan is None:
        return wanted(entities, DEFAULT_THRESHOLD if threshold is None else threshold)
    from clients.cli.local.pii.masker import text_plan
    from gateway.application.ports.detection import Wanted

    text = text_plan(plan)
    if threshold is None:
        base = Wanted(text.entities, text.threshold, dict(text.thresholds))
    else:
        base = Wanted(text.entities, threshold)
    types = wanted(entities, base.threshold).entities
    return base if types is None else Wanted(types, base.threshold, base.thresholds)
