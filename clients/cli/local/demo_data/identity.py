"""What the demo knows of who an applicant is: the type, and what makes it consistent.

Owns the invariants of a made-up identity. Refuses one that does not say it is synthetic.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .check_digits import luhn_digit, mod_11_2_character
from .errors import DemoDataError

Market = Literal["CN", "US"]
IdentityType = Literal["CN_RESIDENT_ID", "US_SSN"]

# Area 900 to 999 was never issued as an SSN, and an ITIN's group starts at 50 (IRS, SSA).
_UNISSUED_SSN = re.compile(r"9\d{2}-(?!00)[0-4]\d-(?!0000)\d{4}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A made-up person; `date_of_birth` is ISO 8601, `card_cvn` is class C3 (JR/T 0171-2020).

    The CVN exists to prove that it is never asked for nor released.

    Raises:
        DemoDataError: the row is not marked synthetic, its market and identity type disagree, or
            its identity or card number is ill-formed.
    """

    applicant_no: str
    market: Market
    identity_type: IdentityType
    identity_number: str
    name: str
    date_of_birth: str
    phone: str
    bank_card: str
    card_cvn: str
    address: str
    remark: str
    synthetic: Literal[1]

    def __post_init__(self) -> None:
        """Check what ties the values of one identity together."""
        if self.synthetic != 1:
            raise DemoDataError("an identity of the demo must be marked synthetic")
        self._require_birth_date()
        if self.bank_card[-1:] != luhn_digit(self.bank_card[:-1]):
            raise DemoDataError("bank_card fails its check digit")
        match self.market, self.identity_type:
            case "CN", "CN_RESIDENT_ID":
                self._require_resident_id()
            case "US", "US_SSN":
                self._require_unissued_ssn()
            case _:
                raise DemoDataError("market and identity_type disagree")

    def _require_birth_date(self) -> None:
        try:
            date.fromisoformat(self.date_of_birth)
        except ValueError:
            # The cause is dropped because its text repeats the value.
            raise DemoDataError("date_of_birth is not an ISO 8601 date") from None

    def _require_resident_id(self) -> None:
        body, check = self.identity_number[:-1], self.identity_number[-1:]
        if len(body) != 17 or check != mod_11_2_character(body):
            raise DemoDataError("identity_number fails its check character")
        if body[6:14] != self.date_of_birth.replace("-", ""):
            raise DemoDataError("identity_number and date_of_birth disagree")

    def _require_unissued_ssn(self) -> None:
        if not _UNISSUED_SSN.fullmatch(self.identity_number):
            raise DemoDataError("identity_number is not in the never-issued range")
