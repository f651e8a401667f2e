"""How an article is cited to a reader: "PIPL 23" in full, in English and Chinese.

Owns the names of the laws. A citation of another form, or of a law that is not listed, is shown as
it stands in the policy: it is the steward's text.
"""

import re

import msgspec


class Localized(msgspec.Struct, frozen=True):
    """One text in both languages of the product."""

    en: str
    zh: str


_LAWS = {
    "PIPL": Localized("Personal Information Protection Law", "个人信息保护法"),
    "Credit Industry Regulation": Localized("Credit Industry Regulation", "征信业管理条例"),
    "Network Data Security Regulation": Localized(
        "Network Data Security Management Regulation", "网络数据安全管理条例"
    ),
}
_CITATION = re.compile(
    r"(?P<law>.+) (?P<article>[1-9]\d{0,2})(?:\((?P<item>[1-9]\d?)\))?", re.ASCII
)
_DIGITS = "零一二三四五六七八九"


def cite(citation: str) -> Localized:
    """Return ``citation`` ("PIPL 13", "PIPL 13(2)") with the law's name and the article."""
    match = _CITATION.fullmatch(citation)
    law = _LAWS.get(match["law"]) if match else None
    if match is None or law is None:
        return Localized(citation, citation)
    article, item = match["article"], match["item"]
    return Localized(
        en=f"{law.en}, article {article}" + (f"({item})" if item else ""),
        zh=f"{law.zh}第{chinese_numeral(int(article))}条"
        + (f"第{chinese_numeral(int(item))}项" if item else ""),
    )


def chinese_numeral(number: int) -> str:
    """Return ``number`` as the articles of a law are counted: 10 十, 23 二十三, 101 一百零一.

    Raises ``ValueError`` for numbers below 1 or above 999.
    """
    if not 1 <= number <= 999:
        raise ValueError("articles are counted from 1 to 999")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        # Ten alone is 十, after a hundred 一十.
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")
