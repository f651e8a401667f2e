"""The texts about consents, in English and Chinese.

Square brackets hold what is printed only where the finding names an element. A change that only
others can make names them instead of a text.
"""

from gateway.domain.reasons import ErrorReason
from gateway.domain.texts_form import Entry, Template

_R = ErrorReason

CONSENT_ENTRIES = {
    _R.CONSENT_ABSENT: Entry(
        Template(
            "There is no consent of this person for your institution.",
            "没有该个人对贵机构的同意记录。",
        ),
        Template(
            "Obtain the person's consent for your institution and register it.",
            "请取得该个人对贵机构的同意并登记。",
        ),
    ),
    _R.CONSENT_PAUSED: Entry(
        Template("The consent is paused.", "该同意已被暂停。"),
        Template("Have the consent resumed.", "请先恢复该同意。"),
    ),
    _R.CONSENT_REVOKED: Entry(
        Template("The consent was withdrawn.", "该同意已被撤回。"),
        Template(
            "Ask the person for a new consent; a withdrawn one stays withdrawn.",
            "请重新征得该个人的同意；已撤回的同意不可恢复。",
        ),
    ),
    _R.CONSENT_EXPIRED: Entry(
        Template("The consent has expired.", "该同意已过有效期。"),
        Template(
            "Obtain a new consent in place of the expired one.",
            "请取得新的同意以替代已过期的同意。",
        ),
    ),
    _R.CONSENT_NOT_YET_VALID: Entry(
        Template("The consent is not valid yet.", "该同意尚未生效。"),
        Template("Wait until the consent begins.", "请等待该同意生效。"),
    ),
    _R.CONSENT_TOO_OLD: Entry(
        Template(
            "The consent is older than the sharing rule accepts.",
            "该同意的时间已超过共享规则可接受的期限。",
        ),
        Template("Have the person renew the consent.", "请由该个人重新确认同意。"),
    ),
    _R.CONSENT_PURPOSE_MISSING: Entry(
        Template(
            "The consent does not cover the purpose[ {element}].",
            "该同意未涵盖所述目的[（{element}）]。",
        ),
        Template(
            "Obtain a consent that names the purpose[ {element}].",
            "请取得载明该目的[（{element}）]的同意。",
        ),
    ),
    _R.CONSENT_DATASET_MISSING: Entry(
        Template(
            "The consent does not name the dataset[ {element}].",
            "该同意未载明所述数据集[（{element}）]。",
        ),
        Template(
            "Obtain a consent that names the dataset[ {element}].",
            "请取得载明该数据集[（{element}）]的同意。",
        ),
    ),
    _R.CONSENT_PROVIDER_MISSING: Entry(
        Template(
            "The consent does not name the data provider[ {element}].",
            "该同意未载明数据提供方[（{element}）]。",
        ),
        Template(
            "Obtain a consent that names the data provider[ {element}].",
            "请取得载明该数据提供方[（{element}）]的同意。",
        ),
    ),
    _R.CONSENT_BASIS_NOT_ACCEPTED: Entry(
        Template(
            "The sharing rule does not accept the lawful basis of the agreement[: {element}].",
            "共享规则不接受该处理依据[：{element}]。",
        ),
        Template(
            "Obtain an agreement on a lawful basis that the sharing rule accepts.",
            "请基于共享规则接受的合法性基础重新取得授权。",
        ),
    ),
    _R.CONSENT_SEPARATE_MISSING: Entry(
        Template(
            "The separate consent is missing[ for {element}].",
            "缺少单独同意[：{element}]。",
        ),
        Template(
            "Obtain the person's separate consent[ for {element}].",
            "请就此取得该个人的单独同意[：{element}]。",
        ),
    ),
    _R.CONSENT_FIELDS_MISSING: Entry(
        Template(
            "The consent covers none of the requested fields.", "该同意未涵盖所请求的任何字段。"
        ),
        Template(
            "Obtain a consent that names the requested fields or their categories.",
            "请取得载明所请求字段或其类别的同意。",
        ),
    ),
    _R.CONSENT_USES_SPENT: Entry(
        Template("All uses of the consent are spent.", "该同意的使用次数已用完。"),
        Template("Obtain a new consent with further uses.", "请取得含有新使用次数的同意。"),
    ),
    _R.CONSENT_FREQUENCY_SPENT: Entry(
        Template(
            "The uses of the consent in this period are spent.",
            "该同意在本周期内的使用次数已用完。",
        ),
        Template("Wait for the next period of the consent.", "请等待该同意的下一个使用周期。"),
    ),
    _R.CONSENT_NOT_FOUND: Entry(
        Template("Your institution has no such consent.", "贵机构没有此项同意。"),
        Template("Check the consent id.", "请核对同意编号。"),
    ),
    _R.CONSENT_ALREADY_EXISTS: Entry(
        Template(
            "This consent id was registered before with other content.",
            "该同意编号已以其他内容登记。",
        ),
        Template("Register the consent under a new id.", "请使用新的编号登记该同意。"),
    ),
    _R.CONSENT_TRANSITION_REFUSED: Entry(
        Template(
            "The consent's present state does not allow this step[: {element}].",
            "该同意的当前状态不允许此操作[：{element}]。",
        ),
        Template(
            "Look up the consent's state and take a step that it allows.",
            "请查询该同意的状态，并选择其允许的操作。",
        ),
    ),
    _R.CONSENT_SIGNATURE_INVALID: Entry(
        Template(
            "The consent has no valid signature of the collecting institution.",
            "该同意没有采集机构的有效签名。",
        ),
        Template(
            "Sign the consent with the registered signing key of the collecting institution.",
            "请使用采集机构已登记的签名密钥对该同意签名。",
        ),
    ),
}
