"""How an identifier is brought to its normal form, in English and Chinese.

Owns what ``subject.normalise`` does, in words, so that an integrator can do the same before an
identifier is blinded: two forms of one number would be two persons.
"""

from gateway.domain.citations import Localized
from gateway.domain.vocabulary import IdentifierType

NORMALISATION = {
    IdentifierType.CN_RESIDENT_ID: Localized(
        "Unicode NFKC; spaces, hyphens, dashes and dots dropped; upper case. Then 17 digits and"
        " the check character, 0 to 9 or X, which must be right (GB 11643-1999).",
        "按 Unicode NFKC 规范化，去除空格、连字符、破折号和点，转为大写；"
        "结果为 17 位数字加 1 位校验码（0 至 9 或 X），且校验码必须正确（GB 11643-1999）。",
    ),
    IdentifierType.US_SSN: Localized(
        "Unicode NFKC; spaces, hyphens, dashes and dots dropped. Then 9 digits; area 000 or 666,"
        " group 00 and serial 0000 are refused, as they were never issued.",
        "按 Unicode NFKC 规范化，去除空格、连字符、破折号和点；"
        "结果为 9 位数字；区号 000 或 666、组号 00、序号 0000 从未签发，不予接受。",
    ),
}
"""One text for each type of identifier."""
