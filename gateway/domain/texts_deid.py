"""The texts about free text and re-identification, in English and Chinese.

Square brackets hold what is printed only where the finding names an element.
"""

from gateway.domain.reasons import ErrorReason
from gateway.domain.texts_form import Entry, Template

_R = ErrorReason

DEID_ENTRIES = {
    _R.DETECTION_FAILED: Entry(
        Template(
            "The text could not be looked through whole, so nothing of it is given back.",
            "该文本未能完整检测，因此不予返回。",
        ),
        Template(
            "Try again; if it fails again, send it in shorter parts.",
            "请重试；若仍失败，请分段发送。",
        ),
    ),
    _R.MASKING_PROFILE_UNKNOWN: Entry(
        Template(
            "The policy has no masking profile of this name[: {element}].",
            "策略中没有该名称的脱敏方案[：{element}]。",
        ),
        Template(
            "Name a profile of the policy, or leave it empty.",
            "请使用策略中的脱敏方案名称，或留空。",
        ),
    ),
    _R.REIDENTIFICATION_NOT_PERMITTED: Entry(
        Template(
            "No rule lets you have these tokens opened for this purpose[: {element}].",
            "没有规则允许贵方为该目的还原这些令牌[：{element}]。",
        ),
        Template(
            "Ask the data steward for a rule in reidentification.yaml.",
            "请联系数据管理员在 reidentification.yaml 中设置规则。",
        ),
    ),
    _R.REIDENTIFICATION_NOT_FOUND: Entry(
        Template(
            "Your institution has no such request.",
            "贵机构没有该还原申请。",
        ),
        Template(
            "Make the request first, under the same institution.",
            "请先以同一机构提出申请。",
        ),
    ),
    _R.REIDENTIFICATION_NOT_APPROVED: Entry(
        Template(
            "Nobody has approved the request yet.",
            "该申请尚未获得批准。",
        ),
        Template(
            "Have a second person of your institution approve it.",
            "请由贵机构的另一人批准。",
        ),
    ),
    _R.REIDENTIFICATION_SPENT: Entry(
        Template(
            "The request was used, or its time is over.",
            "该申请已被使用或已过期。",
        ),
        Template(
            "Make a new request.",
            "请重新提出申请。",
        ),
    ),
    _R.TOKEN_REFUSED: Entry(
        Template(
            "A token was altered, or was not made for you and this purpose.",
            "某个令牌已被改动，或并非为贵方及该目的生成。",
        ),
        Template(
            "Send tokens as the gateway wrote them, with the purpose that they were made for.",
            "请原样发送网关生成的令牌，并使用生成时的目的。",
        ),
    ),
    _R.SECOND_PERSON_NEEDED: Entry(
        Template(
            "The approval must come from a second person whom the rule names.",
            "批准须由规则指定的另一人作出。",
        ),
        Template(
            "Call with the certificate of a workload that the rule lists as approver.",
            "请使用规则所列批准人的证书调用。",
        ),
    ),
    _R.REIDENTIFICATION_ALREADY_EXISTS: Entry(
        Template(
            "This request id stands for other tokens or another purpose.",
            "该申请编号已用于其他令牌或目的。",
        ),
        Template(
            "Choose a new request id.",
            "请换用新的申请编号。",
        ),
    ),
}
