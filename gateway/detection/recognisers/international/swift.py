"""SWIFT_CODE: business identifier codes of banks.

Source: ISO 9362 (four letters or digits of the party, the country, two of the place, three of the
branch), ISO 3166-1 for the countries. A word of eight capitals has the same form: it needs a label.
"""

from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, WEAK
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.international.labelled import Labelled
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Pattern

_COUNTRIES = codes(
    "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BQ BR BS BT "
    "BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID "
    "IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT "
    "LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI "
    "NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE "
    "SG SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US "
    "UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_PARTIES = codes(
    "PART ABNA ABOC ANZB BARC BBVA BCIT BKCH BKID BNPA BOFA BOFM BOTK BSCH CHAS CITI CMBC "
    "CMCI COBA COMM CRES CTBA DABA DBSS DEUT ESSE EVER FJIB GEBA HAND HBUK HDFC HSBC HSCB "
    "HXBK ICBK ICIC INGB IRVT KRED LOYD MHBC MIDL MINS MSBC NATA NDEA NOSC NWBK OCBC PCBC "
    "PNBP PSBC RABO RBOS ROYC SBIN SCBL SMBC SOGE SPDB SWED SZDB TDOM UBSW UNCR UOVB WFBI "
    "WPAC"
)
"""Of some large banks: what begins so is hardly a word."""
_SHAPE = "[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"


class SwiftCodeRecogniser(Labelled):
    """Finds the codes in capitals, of eight or eleven places."""

    ENTITIES = ("SWIFT_CODE",)
    GATES = (f"(?:^|[^0-9A-Za-z_]){_SHAPE}(?:[^0-9A-Za-z_]|$)", f"(?:SWIFT|BIC|swift|bic){_SHAPE}")
    CONTEXT: ClassVar = {
        "SWIFT_CODE": (
            "swift",
            "swift code",
            "bic",
            "swift/bic",
            "bic code",
            "swiftcode",
            "bank identifier",
            "business identifier",
            "国际代码",
            "银行国际代码",
            "swift代码",
        )
    }
    TOPICS = ("SWIFT_CODE",)
    PATTERN = Pattern(_SHAPE)
    FORM = "bank, country, place, branch"
    ALONE = WEAK

    def takes(self, text: str) -> bool:
        """Say whether there is such a country."""
        return text[4:6] in _COUNTRIES

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score; without a label a digit in the place or a head office speaks for it."""
        if label:
            return super().score(text, checked, label)
        return POSSIBLE if text[:4] in _PARTIES or not text[6:8].isalpha() else WEAK
