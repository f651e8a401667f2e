"""Addresses and employers: whole, and in the part that people write when the rest is understood.

Owns where an address or a company's name can be cut without ceasing to point at the subject.
Refuses parts that many share: a district, a word such as 科技.
"""

import re
from collections.abc import Iterator

from gateway.detection.subject_values.form import GUESS, PART, WHOLE, Form, compact

_DIVISION = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区|特别行政区)"
    r"|[\u4e00-\u9fff]{2,7}?(?:市|自治州|地区|盟)|[\u4e00-\u9fff]{1,7}?(?:区|县|旗))"
)
_LEAST_REST = 6
_MOST_CUTS = 4
_LEGAL_FORM = re.compile(
    r"(?:\(?集团\)?)?(?:股份|有限责任|有限|控股)*(?:公司|集团|企业|合伙企业|厂|店|行|中心|部|所)$"
)
_TRADE = re.compile(
    r"(?:信息|网络|电子|智能|生物|新能源|供应链|投资|管理|咨询|文化|传媒|广告|商务|贸易|实业|工程|建设"
    r"|建筑|装饰|物流|运输|食品|餐饮|教育|医疗|科技|技术|发展|服务|国际)+$"
)
_LEAST_CORE = 2
_ENGLISH_FORM = re.compile(
    r"[\s,]+(?:inc|llc|ltd|limited|corp|corporation|co|plc|company|group|holdings)\.?$",
    re.IGNORECASE,
)


def address_forms(value: str) -> Iterator[Form]:
    """Yield the address whole, then without its divisions, or its first line in English."""
    yield Form(compact(value), WHOLE)
    if not value.isascii():
        rest = re.sub(r"\s", "", value)
        for _ in range(_MOST_CUTS):
            cut = _DIVISION.match(rest)
            if cut is None or len(rest) - cut.end() < _LEAST_REST:
                break
            rest = rest[cut.end() :]
            yield Form(compact(rest), PART, what="address without its divisions")
        return
    first = re.split(r"[,\n]", value, maxsplit=1)[0]
    if any(character.isdigit() for character in first) and len(compact(first)) >= _LEAST_REST:
        yield Form(compact(first), PART, alone=True, what="first line of the address")


def employer_forms(value: str) -> Iterator[Form]:
    """Yield the name whole, then without legal form, place and trade."""
    yield Form(compact(value), WHOLE)
    if value.isascii():
        core = _ENGLISH_FORM.sub("", value.strip())
        if core != value.strip() and len(compact(core)) > _LEAST_CORE:
            yield Form(compact(core), PART, alone=True, what="employer without its legal form")
        return
    rest = _LEGAL_FORM.sub("", re.sub(r"\s", "", value))
    while (cut := _DIVISION.match(rest)) is not None:
        rest = rest[cut.end() :]
    if len(rest) > _LEAST_CORE and compact(rest) != compact(value):
        yield Form(compact(rest), PART, what="employer without its legal form")
    core = _TRADE.sub("", rest)
    if len(core) >= _LEAST_CORE and core != rest:
        yield Form(
            compact(core), PART if len(core) > _LEAST_CORE else GUESS, what="employer's name"
        )
