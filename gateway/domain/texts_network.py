"""The texts about the Directory, references, federation and witnesses, in English and Chinese.

Square brackets hold what is printed only where the finding names an element.
"""

from gateway.domain.reasons import ErrorReason
from gateway.domain.texts_form import Entry, Template

_R = ErrorReason

NETWORK_ENTRIES = {
    _R.AGREEMENT_MISSING: Entry(
        Template(
            "No agreement in force covers dataset and purpose for your institution[: {element}].",
            "没有生效中的协议允许贵机构为该目的获取该数据集[：{element}]。",
        ),
        Template(
            "Have the operator of the gateway record an agreement for the dataset and the purpose.",
            "请网关运营方登记涵盖该数据集与目的的协议。",
        ),
    ),
    _R.REFERENCE_QUOTA_SPENT: Entry(
        Template(
            "The evaluations of today are spent.",
            "今日的引用计算次数已用完。",
        ),
        Template(
            "Go on tomorrow, or agree on a higher number with the operator.",
            "请明日继续，或与运营方商定更高的次数。",
        ),
    ),
    _R.IDENTIFIER_NEEDED: Entry(
        Template(
            "The provider is asked by identifier, and the request has only a reference.",
            "该数据提供方须以证件号查询，而请求仅含引用。",
        ),
        Template(
            "Send the identifier, or ask a provider that is indexed by reference.",
            "请提供证件号，或改向按引用建立索引的提供方查询。",
        ),
    ),
    _R.FEDERATION_LOOP: Entry(
        Template(
            "The request has come through this gateway before, or through too many gateways.",
            "该请求曾经过本网关，或经过的网关过多。",
        ),
        Template(
            "Ask the gateway that holds the data itself.",
            "请直接向持有数据的网关查询。",
        ),
    ),
    _R.PROVIDER_BUSY: Entry(
        Template(
            "Too many calls wait for this provider.",
            "等待该数据提供方的调用过多。",
        ),
        Template(
            "Wait a little and send the same request again.",
            "请稍候，再次发送同一请求。",
        ),
    ),
    _R.REFERENCE_KEY_UNKNOWN: Entry(
        Template(
            "The reference was made under a key that is not in use.",
            "该引用所用的密钥未在使用中。",
        ),
        Template(
            "Have the reference evaluated anew.",
            "请重新计算该引用。",
        ),
    ),
    _R.INSTITUTION_NOT_FOUND: Entry(
        Template(
            "There is no such institution that you may see.",
            "没有您可查看的该机构。",
        ),
        Template(
            "Check the institution's id.",
            "请核对机构编号。",
        ),
    ),
    _R.INSTITUTION_ALREADY_EXISTS: Entry(
        Template(
            "The institution is enrolled already, with other terms.",
            "该机构已登记，且登记内容不同。",
        ),
        Template(
            "Change its credentials instead, or use another id.",
            "请改为变更其凭证，或使用其他编号。",
        ),
    ),
    _R.ENROLMENT_SIGNATURE_INVALID: Entry(
        Template(
            "The request is not signed by the keys that must sign it[: {element}].",
            "该请求未由应当签名的密钥签名[：{element}]。",
        ),
        Template(
            "Sign the request with each key that it adds and, for a change, with a key in use.",
            "请以所新增的每个密钥签名；如为变更，另须以在用密钥签名。",
        ),
    ),
    _R.CREDENTIAL_IN_USE: Entry(
        Template(
            "The certificate or key is registered already[: {element}].",
            "该证书或密钥已登记[：{element}]。",
        ),
        Template(
            "Use a new certificate or key.",
            "请使用新的证书或密钥。",
        ),
    ),
    _R.LAST_CREDENTIAL: Entry(
        Template(
            "The change would leave the institution without a credential in use[: {element}].",
            "该变更将使机构没有可用的凭证[：{element}]。",
        ),
        Template(
            "Add a new one in the same change.",
            "请在同一变更中新增凭证。",
        ),
    ),
    _R.INSTITUTION_TRANSITION_REFUSED: Entry(
        Template(
            "The institution's status does not allow this.",
            "该机构的当前状态不允许此操作。",
        ),
        Template(
            "Look at the institution's status first.",
            "请先查看该机构的状态。",
        ),
    ),
    _R.AGREEMENT_NOT_FOUND: Entry(
        Template(
            "There is no such agreement that you may see.",
            "没有您可查看的该协议。",
        ),
        Template(
            "Check the agreement's id.",
            "请核对协议编号。",
        ),
    ),
    _R.AGREEMENT_ALREADY_EXISTS: Entry(
        Template(
            "This agreement id stands for other terms.",
            "该协议编号已用于其他条款。",
        ),
        Template(
            "Give the new agreement an id of its own.",
            "请为新协议使用新的编号。",
        ),
    ),
    _R.CHECKPOINT_NOT_FOUND: Entry(
        Template(
            "This gateway published no checkpoint of that size.",
            "本网关未公布过该大小的检查点。",
        ),
        Template(
            "Ask for a checkpoint and cosign that one.",
            "请获取检查点后再附签。",
        ),
    ),
    _R.COSIGNATURE_INVALID: Entry(
        Template(
            "The cosignature is not one of a witness of the policy.",
            "该附签并非策略所列见证方的签名。",
        ),
        Template(
            "Cosign the published checkpoint with a key of the witness policy.",
            "请以见证策略所列密钥对已公布的检查点附签。",
        ),
    ),
    _R.CHECKPOINT_NOT_WITNESSED: Entry(
        Template(
            "No checkpoint has the cosignatures yet that the policy asks for.",
            "尚无检查点达到策略所要求的附签数。",
        ),
        Template(
            "Wait until enough witnesses have cosigned.",
            "请等待足够的见证方附签。",
        ),
    ),
}
