"""The sentences of a consent receipt, in both languages.

Owns the texts that are the same for every consent, and the rights that the Personal Information
Protection Law gives. Refuses texts with anything of a consent in them but institutions' ids.
"""

from typing import Final

from gateway.domain.citations import Localized
from gateway.domain.receipt import PrivacyRight
from gateway.domain.vocabulary import SeparateConsent

SEPARATE_ARTICLES: Final = {
    SeparateConsent.THIRD_PARTY: "PIPL 23",
    SeparateConsent.SENSITIVE: "PIPL 29",
    SeparateConsent.CROSS_BORDER: "PIPL 39",
}

PROCESSING: Final = Localized(
    "Each release is decided by purpose, masked field by field and recorded in the audit log.",
    "每次提供均按处理目的审批，逐字段脱敏，并记入审计日志。",
)

PIPL_RIGHTS: Final = tuple(
    PrivacyRight(Localized(en, zh), article)
    for article, en, zh in (
        (
            "PIPL 15",
            "To withdraw consent; what was done before the withdrawal stays lawful.",
            "撤回同意；撤回不影响撤回前基于同意已进行的处理活动的效力。",
        ),
        (
            "PIPL 24",
            "To have a decision made by automated means alone explained, and to refuse it.",
            "对仅通过自动化决策方式作出的决定，要求说明并有权拒绝。",
        ),
        (
            "PIPL 44",
            "To know about the processing and decide on it, to restrict or refuse it.",
            "对个人信息的处理享有知情权、决定权，有权限制或者拒绝他人处理。",
        ),
        ("PIPL 45", "To consult, copy and transfer the information.", "查阅、复制和转移个人信息。"),
        ("PIPL 46", "To have it corrected and completed.", "要求更正、补充个人信息。"),
        ("PIPL 47", "To have it deleted.", "要求删除个人信息。"),
        ("PIPL 48", "To have the rules of processing explained.", "要求解释说明处理规则。"),
    )
)


def collection_method(collector: str) -> Localized:
    """Return who asked the subject, and how the gateway knows."""
    return Localized(
        f"Asked by {collector}, which keeps the evidence and signed the terms.",
        f"由 {collector} 征得同意；其保存证据并对条款签名。",
    )


def withdrawal_method(collector: str, controller: str) -> Localized:
    """Return whom the subject tells that it withdraws."""
    en = collector if collector == controller else f"{collector} or {controller}"
    zh = collector if collector == controller else f"{collector} 或 {controller}"
    return Localized(
        f"Tell {en}, which withdraws it at the gateway; nothing is released from then on.",
        f"告知 {zh}，由其在网关办理撤回；自此不再提供任何信息。",
    )
