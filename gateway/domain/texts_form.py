"""What the catalogue of texts is made of, and the words that are not tied to one reason.

Owns the form of an entry, who is named where the caller can change nothing, and the plain words
for terms of the policy language.
"""

from enum import Enum, auto
from typing import NamedTuple

from gateway.domain.citations import Localized
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent


class Template(NamedTuple):
    """A sentence in both languages, with optional parts."""

    en: str
    zh: str


class Authority(Enum):
    """Who can change what the caller cannot."""

    STEWARD = auto()
    OPERATOR = auto()


class Entry(NamedTuple):
    """What is said of one reason: what stands in the way, and what would help."""

    finding: Template
    change: Template | Authority


AUTHORITIES = {
    Authority.STEWARD: Localized(
        "Nothing in the request can change this: only the data steward can, in the sharing rules.",
        "请求方自身无法改变此结果：只有数据管理员可以修改共享规则。",
    ),
    Authority.OPERATOR: Localized(
        "Nothing in the request can change this: only the operator of the gateway can.",
        "请求方自身无法改变此结果：请联系网关运营方处理。",
    ),
}

OTHER_PURPOSES = Localized(
    "Or ask for a purpose that is allowed now: {element}.",
    "或者改用当前允许的目的：{element}。",
)

WORDS: dict[str, Localized] = {
    SeparateConsent.THIRD_PARTY: Localized("provision to a third party", "向第三方提供"),
    SeparateConsent.SENSITIVE: Localized("sensitive personal information", "处理敏感个人信息"),
    SeparateConsent.CROSS_BORDER: Localized("transfer across the border", "向境外提供"),
    LawfulBasis.CONSENT: Localized("consent", "个人同意"),
    LawfulBasis.CONTRACT: Localized("a contract", "订立或履行合同"),
    LawfulBasis.LEGAL_OBLIGATION: Localized("a legal obligation", "履行法定职责或义务"),
    LawfulBasis.PUBLIC_EMERGENCY: Localized("a public emergency", "应对突发公共事件"),
    LawfulBasis.PUBLIC_INTEREST: Localized("the public interest", "公共利益"),
    LawfulBasis.PUBLISHED_DATA: Localized("published data", "已公开的个人信息"),
    LawfulBasis.OTHER_LAW: Localized("another law", "其他法律规定"),
}
"""Words of the policy language that a reader may not know, put before the word itself."""
