"""Which type names say the same of a span, where corpora and detectors name things differently.

Owns the built-in table. Refuses to chain: A with B and B with C does not make A one with C.
"""

from collections.abc import Iterable

_BUILT_IN: tuple[tuple[str, ...], ...] = (
    ("PERSON", "PER", "NAME", "TITLE"),
    ("LOCATION", "LOC", "GPE"),
    ("ORGANIZATION", "ORG", "ORGANISATION", "CN_ORGANIZATION", "COMPANY"),
    ("CN_MOBILE_NUMBER", "PHONE_NUMBER"),
    ("CN_LANDLINE_NUMBER", "PHONE_NUMBER"),
    ("CN_MOBILE_NUMBER", "CN_LANDLINE_NUMBER"),
    ("CN_BANK_CARD", "CREDIT_CARD"),
    ("CN_BANK_CARD", "CN_BANK_ACCOUNT"),
    ("CN_BANK_ACCOUNT", "US_BANK_NUMBER"),
    ("US_BANK_NUMBER", "UK_BANK_NUMBER", "ACCOUNT_ID", "BANK_ACCOUNT", "UK_BANK_ACCOUNT"),
    ("CN_RESIDENT_ID", "CN_RESIDENCE_PERMIT", "CN_FOREIGN_RESIDENT_ID", "CN_ID_CARD"),
    ("CN_RESIDENT_ID", "CN_DRIVER_LICENSE", "CN_SOCIAL_SECURITY_NUMBER"),
    ("CN_RESIDENT_ID", "CN_MEDICAL_INSURANCE", "CN_HOUSING_FUND_NUMBER"),
    ("CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_TAX_NUMBER", "CN_BUSINESS_LICENSE"),
    ("CN_ADDRESS", "STREET_ADDRESS", "US_ADDRESS", "ADDRESS", "LOCATION_ADDRESS"),
    ("CN_ADDRESS", "LOCATION"),
    ("STREET_ADDRESS", "LOCATION"),
    ("DATE_OF_BIRTH", "DATE_TIME", "DATE"),
    ("US_ZIP_CODE", "ZIP_CODE", "CN_POSTCODE", "UK_POSTCODE", "POSTCODE"),
    ("CN_PASSPORT", "PASSPORT", "US_PASSPORT", "UK_PASSPORT"),
    ("URL", "DOMAIN_NAME"),
    ("WECHAT_ID", "CN_WECHAT_ID"),
    ("QQ_NUMBER", "CN_QQ_NUMBER"),
    ("ALIPAY_ID", "CN_ALIPAY_ID"),
    ("ALIPAY_ID", "CN_MOBILE_NUMBER"),
    ("ALIPAY_ID", "EMAIL_ADDRESS"),
    ("WECHAT_ID", "CN_MOBILE_NUMBER"),
    ("CN_CONTRACT_NUMBER", "CN_LOAN_NUMBER", "LOAN_NUMBER", "CONTRACT_NUMBER", "ACCOUNT_ID"),
    ("COORDINATES", "COORDINATE", "GPS", "LATITUDE_LONGITUDE"),
    ("SWIFT_CODE", "BIC_CODE", "SWIFT_BIC"),
    ("IBAN_CODE", "IBAN"),
    ("EMAIL_ADDRESS", "EMAIL"),
    ("SECRET", "PASSWORD", "USER_NAME"),
)


class Equivalences:
    """The built-in table and more pairs; every type is one with itself."""

    def __init__(self, more: Iterable[Iterable[str]] = ()) -> None:
        self._others: dict[str, set[str]] = {}
        for group in (*_BUILT_IN, *more):
            names = frozenset(group)
            for name in names:
                self._others.setdefault(name, set()).update(names)

    def same(self, one: str, other: str) -> bool:
        """Say whether two type names stand for the same thing."""
        return one == other or other in self._others.get(one, ())

    def canonical(self, found: str, labelled: frozenset[str]) -> str:
        """Return the corpus's name for what a detector calls ``found``; its own where it has none.

        Of several the first by name, so that the figures do not depend on the corpus's order.
        """
        if found in labelled:
            return found
        return next((one for one in sorted(labelled) if self.same(found, one)), found)
