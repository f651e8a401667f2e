"""What underwriting gets of a raw applicant, worked out a second time from the policy's text.

Owns an expectation that shares no code with the gateway, so that both must be wrong in the same way
to agree. Refuses to be general: it knows the demo's applicants and one rule.
"""

from __future__ import annotations

import re
from itertools import pairwise

from clients.cli.local.demo_data.dataset import Applicant
from clients.sdk.models.common import Record

KEPT = (
    "market",
    "identity_type",
    "status_of_existing_checking_account",
    "credit_history",
    "purpose",
    "savings_account_and_bonds",
    "present_employment_since",
    "installment_rate_in_percentage_of_disposable_income",
    "other_debtors_or_guarantors",
    "present_residence_since",
    "property",
    "age_in_years",
    "other_installment_plans",
    "housing",
    "number_of_existing_credits_at_this_bank",
    "job",
    "number_of_people_being_liable_to_provide_maintenance_for",
    "telephone",
)
"""Fields that underwriting releases as they are."""
NEVER_WHOLE = ("applicant_no", "identity_number", "name", "phone", "bank_card", "address")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _band(value: int, edges: list[int]) -> str:
    """Half-open bands, written down here a second time."""
    if value < edges[0]:
        return f"<{edges[0]}"
    for low, high in pairwise(edges):
        if low <= value < high:
            return f"{low}-{high}"
    return f">={edges[-1]}"


def _district(address: str) -> str:
    """The district of one of the demo's addresses: up to 区, or city and state."""
    if chinese := re.match(r".+?区(?!.*区.*路)", address):
        return chinese[0]
    _, city, state_and_zip = address.split(", ")
    return f"{city}, {state_and_zip.split()[0]}"


def expected_fields(raw: Applicant) -> dict[str, object]:
    """What underwriting gets of a raw applicant, from the policy's text and not its code."""
    number, phone = re.sub(r"\W", "", raw.identity_number), _digits(raw.phone)
    amounts = [1000, 2000, 3000, 5000, 7500, 10000, 15000]
    return {
        "identity_number": number[0] + "*" * (len(number) - 2) + number[-1],
        "name": raw.name[0] + "**",
        "date_of_birth": raw.date_of_birth[:4],
        "phone": phone[:3] + "*" * (len(phone) - 7) + phone[-4:],
        "bank_card": "*" * 12 + raw.bank_card[-4:],
        "address": _district(raw.address),
        "duration_in_month": _band(raw.duration_in_month, [12, 24, 36, 48]),
        "credit_amount": _band(raw.credit_amount, amounts),
        **{name: getattr(raw, name) for name in KEPT},
    }


def assert_no_raw_value(record: Record, raw: Applicant) -> None:
    """None of the direct identifiers, nor the remark's own values, stand anywhere in the record."""
    shown = [str(value) for value in record.fields.values()]
    assert raw.card_cvn not in shown
    for name in NEVER_WHOLE:
        value = getattr(raw, name)
        for text in shown:
            assert value not in text, name
            assert len(_digits(value)) < 8 or _digits(value) not in _digits(text), name
