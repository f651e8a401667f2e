"""Refusals of the privacy accounting.

Owns their types. Refuses detail: how much was missing, or whose cohort was too close, would itself
answer a question about the data, so no error carries a number.
"""


class PrivacyError(Exception):
    """Base of every refusal in this room."""


class BoundsRefused(PrivacyError):
    """A bound, cost or probability is not one that accounting can stand on."""


class BudgetExhausted(PrivacyError):
    """The charge does not fit what is left of a budget, or too many questions were refused."""


class OverlapRefused(PrivacyError):
    """Some combination of cohorts would single out fewer than k people, or cannot be excluded."""
