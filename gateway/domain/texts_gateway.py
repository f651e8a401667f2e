"""The texts about everything but consents, in English and Chinese.

Square brackets hold what is printed only where the finding names an element. A change that only
others can make names them instead of a text.
"""

from gateway.domain.reasons import ErrorReason
from gateway.domain.texts_form import Authority, Entry, Template

_R = ErrorReason
_STEWARD, _OPERATOR = Authority.STEWARD, Authority.OPERATOR

_REQUEST = {
    _R.INVALID_FIELD: Entry(
        Template(
            "A field of the request is missing or malformed[: {element}].",
            "请求中有字段缺失或格式不正确[：{element}]。",
        ),
        Template(
            "Correct the field[ {element}] and send the request again.",
            "请更正该字段[（{element}）]后重新发送请求。",
        ),
    ),
    _R.UNDECODABLE_REQUEST: Entry(
        Template("The bytes of the request cannot be read.", "无法解读请求的内容。"),
        Template(
            "Send the request in the published message format.", "请按公布的消息格式发送请求。"
        ),
    ),
    _R.REQUEST_ID_REUSED: Entry(
        Template(
            "This request id was used before for another request.", "该请求编号已用于另一个请求。"
        ),
        Template("Send the request under a new request id.", "请使用新的请求编号重新发送。"),
    ),
    _R.RATE_LIMITED: Entry(
        Template("There were too many calls in a short time.", "短时间内调用次数过多。"),
        Template("Wait a little and call less often.", "请稍候再试，并降低调用频率。"),
    ),
    _R.DEADLINE_EXCEEDED: Entry(
        Template("The time that the caller allowed has run out.", "已超过调用方设定的时限。"),
        Template("Allow more time for the call.", "请为该调用设定更长的时限。"),
    ),
    _R.NOT_AUTHENTICATED: Entry(
        Template(
            "The caller showed no certificate that the gateway accepts.",
            "调用方未出示网关认可的证书。",
        ),
        Template("Connect with your institution's certificate.", "请使用本机构的证书建立连接。"),
    ),
    _R.CERTIFICATE_UNKNOWN: Entry(
        Template(
            "The certificate is not registered for the institution that it names.",
            "该证书未登记在其所示机构名下。",
        ),
        Template(
            "Use a registered certificate, or have the operator of the gateway register this one.",
            "请使用已登记的证书，或请网关运营方登记该证书。",
        ),
    ),
    _R.INSTITUTION_SUSPENDED: Entry(
        Template("The institution is suspended.", "该机构已被暂停使用。"), _OPERATOR
    ),
    _R.ROLE_MISSING: Entry(
        Template(
            "The institution lacks the role that this call needs[: {element}].",
            "该机构不具备此项调用所需的角色[：{element}]。",
        ),
        _OPERATOR,
    ),
}

_POLICY = {
    _R.PURPOSE_UNKNOWN: Entry(
        Template("The purpose is not in the list of purposes.", "所述目的不在目的清单中。"),
        Template("Name a purpose of the list of purposes.", "请选用目的清单中的目的。"),
    ),
    _R.DATASET_UNKNOWN: Entry(
        Template("The dataset is not in the catalogue.", "所述数据集不在目录中。"),
        Template("Name a dataset of the catalogue.", "请选用目录中的数据集。"),
    ),
    _R.FIELD_UNKNOWN: Entry(
        Template("A requested field is not in the dataset.", "所请求的字段不属于该数据集。"),
        Template("Ask only for fields of the dataset.", "请只请求该数据集所含的字段。"),
    ),
    _R.RULE_FORBIDS: Entry(
        Template(
            "A sharing rule[, {element},] forbids this release.",
            "共享规则[（{element}）]禁止此项提供。",
        ),
        _STEWARD,
    ),
    _R.NO_RULE_PERMITS: Entry(
        Template(
            "No sharing rule permits this dataset for the purpose[ {element}].",
            "没有共享规则允许为该目的[（{element}）]提供此数据集。",
        ),
        _STEWARD,
    ),
    _R.RECIPIENT_NOT_PERMITTED: Entry(
        Template(
            "The sharing rules for the purpose[ {element}] do not name your institution.",
            "针对该目的[（{element}）]的共享规则未包含贵机构。",
        ),
        _STEWARD,
    ),
    _R.RULES_AMBIGUOUS: Entry(
        Template(
            "Several sharing rules[ ({element})] apply at once, so none of them counts.",
            "同时有多条共享规则[（{element}）]适用，因此均不生效。",
        ),
        _STEWARD,
    ),
    _R.NOTHING_TO_RELEASE: Entry(
        Template(
            "The sharing rule releases none of the requested fields.",
            "共享规则不允许提供所请求的任何字段。",
        ),
        Template(
            "Ask for fields that the sharing rule releases.", "请改为请求共享规则允许提供的字段。"
        ),
    ),
    _R.POLICY_ERROR: Entry(
        Template("The sharing rules could not be evaluated.", "共享规则无法正常评估。"), _STEWARD
    ),
    _R.SUBJECT_LIMIT_REACHED: Entry(
        Template(
            "The rule's limit of releases about this person to your institution is reached.",
            "就该个人向贵机构提供的次数已达规则上限。",
        ),
        Template(
            "Wait for the next counting period of the limit for this person.",
            "请等待该个人次数上限的下一个计数周期。",
        ),
    ),
    _R.RECIPIENT_LIMIT_REACHED: Entry(
        Template(
            "The rule's limit of releases to your institution is reached.",
            "向贵机构提供的总次数已达规则上限。",
        ),
        Template(
            "Wait for the next counting period of your institution's limit.",
            "请等待贵机构次数上限的下一个计数周期。",
        ),
    ),
}

_BEHIND = {
    _R.STORE_UNAVAILABLE: Entry(
        Template(
            "The gateway cannot write its log at the moment; nothing was released.",
            "网关暂时无法写入日志；未提供任何数据。",
        ),
        Template("Try again when the gateway can write its log.", "请待网关日志恢复后重试。"),
    ),
    _R.PROVIDER_UNAVAILABLE: Entry(
        Template("The data provider does not answer.", "数据提供方没有响应。"),
        Template("Try again when the data provider answers.", "请待数据提供方恢复后重试。"),
    ),
    _R.PROVIDER_TIMEOUT: Entry(
        Template("The data provider did not answer in time.", "数据提供方未在时限内响应。"),
        Template("Try again later, with more time.", "请稍后以更长的时限重试。"),
    ),
    _R.PROVIDER_ANSWER_INVALID: Entry(
        Template(
            "The data provider's answer breaks its contract.", "数据提供方的响应不符合数据约定。"
        ),
        _OPERATOR,
    ),
    _R.RECORD_NOT_FOUND: Entry(
        Template(
            "The data provider holds no record of this person.", "数据提供方没有该个人的记录。"
        ),
        Template("Check the identifier and the dataset.", "请核对身份标识与数据集。"),
    ),
    _R.LOG_ENTRY_NOT_FOUND: Entry(
        Template("The log has no such entry or size.", "日志中没有此条目或此长度。"),
        Template("Ask within the log's latest checkpoint.", "请在日志的最新检查点范围内查询。"),
    ),
    _R.INTERNAL: Entry(
        Template(
            "The gateway made an error; nothing was released.", "网关内部出错；未提供任何数据。"
        ),
        _OPERATOR,
    ),
}

GATEWAY_ENTRIES = {**_REQUEST, **_POLICY, **_BEHIND}
