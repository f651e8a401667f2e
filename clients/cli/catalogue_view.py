"""A dataset and its offers, for people."""

from __future__ import annotations

from clients.cli.decision import print_findings, print_obligations
from clients.cli.output import print_line, print_pairs, print_table
from clients.sdk.models.catalogue import DatasetDescription, PurposeOffer, UseLimit


def print_description(found: DatasetDescription) -> None:
    """Print the dataset, how to name its subjects, its fields, and a line for each purpose."""
    print_pairs(
        (
            ("dataset", found.dataset),
            ("", found.title_en),
            (" ", found.title_zh),
            ("provider", f"{found.provider} ({found.jurisdiction})"),
            ("policy", found.policy_digest),
        )
    )
    _print_identifiers(found)
    fields = [
        (one.field, one.type, one.data_class, one.category, "yes" * one.sensitive, one.meaning_en,
         one.meaning_zh)
        for one in found.fields
    ]  # fmt: skip
    print_table(("field", "type", "class", "category", "sensitive", "meaning", "含义"), fields)
    _print_purposes(found)
    print_line(f"More: veilgate catalogue show {found.dataset} --purpose PURPOSE")


def _print_purposes(found: DatasetDescription) -> None:
    offers = sorted(found.offers, key=lambda one: not one.offered)
    rows = [
        (one.purpose, "yes" if one.offered else _why_not(one), len(one.fields) or None,
         _left(one.per_recipient), ", ".join(one.separate_consents))
        for one in offers
    ]  # fmt: skip
    columns = ("purpose", "offered", "fields", "left of the limit", "separate consents")
    print_table(columns, rows, dim_from=sum(one.offered for one in offers))


def print_offer(offer: PurposeOffer) -> None:
    """Print what one purpose gives, and the consent that it needs."""
    if offer.offered:
        print_line("OFFERED 提供", style="bold green")
    else:
        print_line("NOT OFFERED 不提供", style="bold red")
    print_findings(offer.findings)
    print_pairs(
        (
            ("purpose", offer.purpose),
            ("", offer.label_en),
            (" ", offer.label_zh),
            ("rule", offer.rule),
            ("articles", ", ".join(offer.articles)),
            ("agreement", offer.agreement_id),
            ("lawful bases", ", ".join(offer.lawful_bases)),
            ("separate consents", ", ".join(offer.separate_consents)),
            ("oldest consent", offer.max_age_days and f"{offer.max_age_days} days"),
            ("limit per subject", _limit(offer.per_subject)),
            ("limit per recipient", _limit(offer.per_recipient)),
            ("left of it now", _left(offer.per_recipient)),
        )
    )
    _print_fields(offer)
    print_obligations(offer.obligations)


def _print_identifiers(found: DatasetDescription) -> None:
    rows: list[tuple[str, str]] = []
    for one in found.identifiers:
        rows.append((one.type, one.normalisation_en))
        rows.append(("", one.normalisation_zh))
    if found.by_reference:
        rows.append(("reference", "An oblivious reference that the gateway evaluated."))
        rows.append(("", "经网关计算的不经意引用。"))
    print_table(("identifier", "normal form"), rows)


def _print_fields(offer: PurposeOffer) -> None:
    released = [(one.field, one.operator, one.form_en, one.form_zh) for one in offer.fields]
    withheld = [(name, f"withheld: {why}", "", "") for name, why in offer.withheld.items()]
    if released or withheld:
        columns = ("field", "operator", "how it looks", "形式")
        print_table(columns, [*released, *withheld], dim_from=len(released))


def _why_not(offer: PurposeOffer) -> str:
    return ", ".join(one.reason for one in offer.findings)


def _limit(limit: UseLimit | None) -> str:
    return "" if limit is None else f"{limit.count} per {limit.per}"


def _left(limit: UseLimit | None) -> str:
    return "" if limit is None else f"{limit.left} of {limit.count} this {limit.per}"
