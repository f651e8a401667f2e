"""Which recognisers run, and the cheap test that says a text cannot hold what one looks for.

To add a recogniser, write its file and add its line here. A gate may only refuse texts in which
the recogniser could not find anything.
"""

from collections.abc import Callable
from dataclasses import dataclass

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognisers.cn_bank_card import CnBankCardRecogniser
from gateway.detection.recognisers.cn_mobile_number import CnMobileNumberRecogniser
from gateway.detection.recognisers.cn_resident_id import CnResidentIdRecogniser
from gateway.detection.recognisers.credit_card import StrictCreditCardRecogniser
from gateway.detection.recognisers.email_address import OfflineEmailRecogniser
from gateway.detection.recognisers.phone_number import LEAST_DIGITS, NarrowPhoneRecogniser
from gateway.detection.recognisers.us_ssn import StrictUsSsnRecogniser


@dataclass(frozen=True, slots=True)
class TextProfile:
    """What the gates look at: the ASCII digits of a folded text, and whether it has an @."""

    digits: int
    has_at: bool

    @classmethod
    def of(cls, folded: str) -> "TextProfile":
        """Count once for all gates."""
        return cls(sum(map(folded.count, "0123456789")), "@" in folded)


@dataclass(frozen=True, slots=True)
class GatedRecogniser:
    """A recogniser, and whether a text of some profile has to be shown to it.

    `reads_the_rest` is for a slow one: what others found with good evidence is blanked for it.
    """

    recogniser: EntityRecognizer
    applies: Callable[[TextProfile], bool]
    reads_the_rest: bool = False


def _digits(least: int) -> Callable[[TextProfile], bool]:
    return lambda profile: profile.digits >= least


def load_recognisers() -> tuple[GatedRecogniser, ...]:
    """Construct the first set: identity, mobile and card numbers, SSN, e-mail, phone."""
    return (
        GatedRecogniser(CnResidentIdRecogniser(), _digits(17)),
        GatedRecogniser(CnMobileNumberRecogniser(), _digits(11)),
        GatedRecogniser(CnBankCardRecogniser(), _digits(13)),
        GatedRecogniser(StrictCreditCardRecogniser(), _digits(12)),
        GatedRecogniser(StrictUsSsnRecogniser(), _digits(9)),
        GatedRecogniser(OfflineEmailRecogniser(), lambda profile: profile.has_at),
        GatedRecogniser(NarrowPhoneRecogniser(), _digits(LEAST_DIGITS), reads_the_rest=True),
    )
