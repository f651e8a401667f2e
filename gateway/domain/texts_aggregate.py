"""The texts about encrypted aggregates, in English and Chinese.

Owns the words. Refuses to say why an agent declined: that would be an answer.
"""

from gateway.domain.reasons import ErrorReason
from gateway.domain.texts_form import Entry, Template

_R = ErrorReason

AGGREGATE_ENTRIES = {
    _R.AGGREGATE_REFUSED: Entry(
        Template(
            "The question got no answer; it stays charged.",
            "该查询未获答复，费用不退。",
        ),
        Template(
            "Ask for larger cohorts or fewer groups; the same question again changes nothing.",
            "请查询更大的人群或更少的分组；重复同一查询不会改变结果。",
        ),
    ),
    _R.AGGREGATE_NOT_PERMITTED: Entry(
        Template(
            "The contract does not let you ask that for this purpose[: {element}].",
            "合约不允许贵方为该目的提出此类查询[：{element}]。",
        ),
        Template(
            "Ask the data steward for an entry in policies/aggregates.",
            "请联系数据管理员在 policies/aggregates 中设置。",
        ),
    ),
    _R.AGGREGATE_QUESTION_INVALID: Entry(
        Template(
            "The question does not fit the contract[: {element}].",
            "该查询与合约不符[：{element}]。",
        ),
        Template(
            "Read the contract again with `veilgate aggregate contract`, "
            "and build the question anew.",
            "请用 `veilgate aggregate contract` 重新读取合约，并重新构造查询。",
        ),
    ),
    _R.AGGREGATE_KEY_REFUSED: Entry(
        Template(
            "The public key or its proof does not hold.",
            "公钥或其证明未通过验证。",
        ),
        Template(
            "Make a key with `veilgate aggregate keygen`, and register that.",
            "请用 `veilgate aggregate keygen` 生成密钥并登记。",
        ),
    ),
    _R.AGGREGATE_KEY_UNKNOWN: Entry(
        Template(
            "Your institution has not registered this key.",
            "贵机构尚未登记该公钥。",
        ),
        Template(
            "Register it with `veilgate aggregate keygen`.",
            "请用 `veilgate aggregate keygen` 登记。",
        ),
    ),
    _R.STATEMENT_REFUSED: Entry(
        Template(
            "A signed statement is not by who sends it, or is out of date[: {element}].",
            "签名声明并非由发送方作出，或已过期[：{element}]。",
        ),
        Template(
            "Sign it anew with a valid certificate of your institution.",
            "请使用贵机构有效证书重新签名。",
        ),
    ),
    _R.PRIVACY_BUDGET_SPENT: Entry(
        Template(
            "Your legal entity's privacy budget of this period does not cover the question.",
            "贵方法人实体本期隐私预算不足以支付该查询。",
        ),
        Template(
            "See `veilgate aggregate budget`; ask at a lower cost, or in the next period.",
            "请查看 `veilgate aggregate budget`，降低费用或下一期再查询。",
        ),
    ),
    _R.CONTRIBUTORS_MISSING: Entry(
        Template(
            "Fewer contributors than the contract needs were ready in time.",
            "按时就绪的数据提供方少于合约要求。",
        ),
        Template(
            "Ask the same question again; it is not charged twice.",
            "请重发同一查询，不会重复计费。",
        ),
    ),
    _R.CONTRIBUTOR_LOST: Entry(
        Template(
            "A contributor of the roster was lost.",
            "名单中的某个数据提供方中途失联。",
        ),
        Template(
            "Ask the same question again: it goes on with the same "
            "roster, and is not charged twice.",
            "请重发同一查询：名单不变，不会重复计费。",
        ),
    ),
    _R.CIPHERTEXT_REFUSED: Entry(
        Template(
            "A ciphertext, or their number or digest, is not valid under the question's key.",
            "密文、其数量或摘要在该查询公钥下无效。",
        ),
        Template(
            "Send the contribution as it was made.",
            "请原样发送所生成的密文。",
        ),
    ),
    _R.ROUND_NOT_FOUND: Entry(
        Template(
            "There is no such round that you take part in.",
            "不存在贵方参与的该轮次。",
        ),
        Template(
            "Wait for an order.",
            "请等待任务下达。",
        ),
    ),
    _R.ROUND_MESSAGE_REFUSED: Entry(
        Template(
            "The round does not wait for this message: it came before in "
            "another form, or comes too late.",
            "该轮次不再接受此消息：此前已有不同内容，或已过时。",
        ),
        Template(
            "Send what the round asked for, once.",
            "请仅发送该轮次要求的内容一次。",
        ),
    ),
    _R.ROUND_VOID: Entry(
        Template(
            "A consent was withdrawn before the release, so there is no result.",
            "放行前同意已被撤回，故无结果。",
        ),
        Template(
            "Ask anew, without whoever withdrew.",
            "请在排除撤回者后重新查询。",
        ),
    ),
}
