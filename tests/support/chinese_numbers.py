"""Invented values of everything the recognisers of China find, with valid check digits.

Check digits come from ``chinese_checks``, apart from the code under test. Every generator takes a
``random.Random``, so a seed gives the same values again. ``GENERATORS`` is by entity; what is only
found beside a word that names it is in ``NEEDS_LABEL``, and ``LABELS`` has such words.
"""

import datetime
import random
from collections.abc import Callable

from support.chinese_checks import (
    CREDIT_SIGNS,
    credit_code_check,
    licence_check,
    luhn_check,
    organisation_check,
    resident_check,
    vin_check,
)

Generator = Callable[[random.Random], str]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# GB/T 2260 codes of counties and districts, and the three that stand for residence permits.
REGIONS = _words(
    "110101 110105 110108 120101 120114 130102 130682 140105 140581 150102 152501 210102 211224"
    " 220102 222401 230103 232721 310101 310104 310115 320102 320583 330106 330782 340104 341622"
    " 350102 350582 360102 360426 370102 371327 410105 411628 420106 429004 430102 433122 440104"
    " 440305 440524 450102 451031 460105 469007 500101 500103 510104 513221 520102 522601 530102"
    " 532901 540102 542621 610102 610825 620102 622901 630102 632801 640104 640522 650102 653101"
    " 659001 810000 820000 830000"
)
CARD_PREFIXES = _words(  # issuer identification number, and the length of its cards
    "622202/19 621226/19 621700/19 622700/16 622848/19 621661/19 622588/16 621483/16 622260/17"
    " 621799/19 622155/16 625360/16 628262/16 620522/18 623668/19 955880/19 955990/19 690755/18"
)
MOBILE_PREFIXES = _words(
    "130 131 132 133 134 135 136 137 138 139 145 147 149 150 151 152 153 155 156 157 158 159 162"
    " 165 166 167 170 171 172 173 175 176 177 178 180 181 182 183 184 185 186 187 188 189 190 191"
    " 192 193 195 196 197 198 199"
)
AREAS = _words(  # area code, and the length of its numbers
    "010/8 020/8 021/8 022/8 023/8 024/8 025/8 027/8 028/8 029/8 0311/8 0371/8 0512/8 0571/8"
    " 0755/8 0769/8 0335/7 0378/7 0413/7 0553/7 0596/7 0662/7 0734/7 0812/7 0919/7 0943/7"
)
PROVINCE_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def number(rng: random.Random, count: int) -> str:
    """Digits that do not begin with a zero."""
    return rng.choice("123456789") + digits(rng, count - 1)


def birth_date(rng: random.Random) -> datetime.date:
    return datetime.date(1935, 1, 1) + datetime.timedelta(days=rng.randrange(27_000))


def resident_id(rng: random.Random) -> str:
    body = f"{rng.choice(REGIONS)}{birth_date(rng):%Y%m%d}{digits(rng, 3)}"
    return body + resident_check(body)


def resident_id_old(rng: random.Random) -> str:
    return f"{rng.choice(REGIONS[:-3])}{birth_date(rng):%y%m%d}{digits(rng, 3)}"


def foreign_resident_id(rng: random.Random) -> str:
    if rng.random() < 0.5:
        country = rng.choice(("USA", "GBR", "JPN", "KOR", "DEU", "FRA", "CAN"))
        return f"{country}{rng.choice(REGIONS[:-3])[:4]}{birth_date(rng):%y%m%d}{digits(rng, 2)}"
    body = (
        f"9{rng.choice(REGIONS[:-3])[:2]}{digits(rng, 3)}{birth_date(rng):%Y%m%d}{digits(rng, 3)}"
    )
    return body + resident_check(body)


def mobile(rng: random.Random) -> str:
    return rng.choice(MOBILE_PREFIXES) + digits(rng, 8)


def mobile_written(rng: random.Random) -> str:
    """With a country code or in groups, as people write it."""
    plain, gap = mobile(rng), rng.choice(("", " ", "-"))
    prefix = rng.choice(("", "+86", "0086", "86", "+86 ", "+86-", "(+86)", "86-", "+86 - "))
    return prefix + gap.join((plain[:3], plain[3:7], plain[7:]))


def landline(rng: random.Random) -> str:
    area, size = rng.choice(AREAS).split("/")
    local = rng.choice("2345678") + digits(rng, int(size) - 1)
    return rng.choice(("{}-{}", "{} {}", "({}){}", "（{}）{}", "{}{}")).format(area, local)


def landline_with_extension(rng: random.Random) -> str:
    return landline(rng) + rng.choice(("转", "分机", "-", " ext. ", "转分机")) + number(rng, 3)


def bank_card(rng: random.Random) -> str:
    prefix, length = rng.choice(CARD_PREFIXES).split("/")
    body = prefix + digits(rng, int(length) - 1 - len(prefix))
    return body + luhn_check(body)


def in_fours(value: str, gap: str = " ") -> str:
    return gap.join(value[at : at + 4] for at in range(0, len(value), 4))


def bank_account(rng: random.Random) -> str:
    # Luhn must fail, or it is a card.
    body = rng.choice("1378") + digits(rng, rng.choice((11, 13, 16, 19)))
    return body + str((int(luhn_check(body)) + 1) % 10)


def credit_code(rng: random.Random) -> str:
    organisation = "".join(rng.choices(CREDIT_SIGNS, k=8))
    kind = rng.choice(("91", "92", "93", "11", "12", "51", "52", "53"))
    body = kind + rng.choice(REGIONS[:-3]) + organisation + organisation_check(organisation)
    return body + credit_code_check(body)


def organisation_code(rng: random.Random) -> str:
    body = "".join(rng.choices(CREDIT_SIGNS, k=8))
    return f"{body}-{organisation_check(body)}"


def business_licence(rng: random.Random) -> str:
    body = rng.choice(REGIONS[:-3]) + digits(rng, 8)
    return body + licence_check(body)


def tax_number(rng: random.Random) -> str:
    return rng.choice(REGIONS[:-3]) + organisation_code(rng).replace("-", "")


def passport(rng: random.Random) -> str:
    form = rng.choice(("E", "G", "E?", "D", "S", "P", "PE", "SE", "DE"))
    letters = form.replace("?", rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ"))
    return letters + digits(rng, 9 - len(letters))


def hk_macau_permit(rng: random.Random) -> str:
    form = rng.choice(("C", "W", "C?", "H", "M", "H10", "M10"))
    letters = form[:1] + (rng.choice("ABCDEFGHJK") if form.endswith("?") else "")
    return letters + digits(rng, 10 if form.endswith("10") else 9 - len(letters))


def plate(rng: random.Random) -> str:
    letter = rng.choice("ABCDEFGHJKLMNP")
    gap = rng.choice(("", "·", " "))
    rest = rng.choice((
        digits(rng, 5),
        rng.choice(_PLATE_SIGNS) + digits(rng, 4),
        digits(rng, 3) + rng.choice(_PLATE_SIGNS) + digits(rng, 1),
        rng.choice("DF") + digits(rng, 5),
        digits(rng, 5) + rng.choice("DF"),
        digits(rng, 4) + rng.choice("学警港澳挂"),
    ))  # fmt: skip
    return rng.choice(PROVINCE_SIGNS) + letter + gap + rest


def vin(rng: random.Random) -> str:
    signs = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    head = rng.choice(("LSV", "LFV", "LVS", "LBV", "LGX", "LHG")) + "".join(rng.choices(signs, k=5))
    tail = "".join(rng.choices(signs, k=4)) + digits(rng, 4)
    return head + vin_check(head + "0" + tail) + tail


def military_id(rng: random.Random) -> str:
    return f"{rng.choice(('军', '士', '文'))}字第{number(rng, rng.choice((6, 7, 8)))}号"


def contract_number(rng: random.Random) -> str:
    year = rng.randrange(2015, 2027)
    return rng.choice((
        f"HT{year}{digits(rng, 6)}", f"XD-{year}-{digits(rng, 5)}", f"JK{digits(rng, 10)}",
        f"（{year}）沪银借字第{digits(rng, 4)}号", f"[{year}]个贷字{digits(rng, 5)}号",
    ))  # fmt: skip


def wechat_id(rng: random.Random) -> str:
    name = rng.choice(("wang", "lily", "zhang_wei", "sunny-", "Leo", "xiaoming"))
    return rng.choice((f"{name}{digits(rng, 4)}", f"wxid_{digits(rng, 6)}abc{digits(rng, 5)}"))


def _of(*generators: Generator) -> Generator:
    return lambda rng: rng.choice(generators)(rng)


def _number_of(*lengths: int) -> Generator:
    return lambda rng: number(rng, rng.choice(lengths))


GENERATORS: dict[str, Generator] = {
    "CN_RESIDENT_ID": resident_id,
    "CN_FOREIGN_RESIDENT_ID": foreign_resident_id,
    "CN_MOBILE_NUMBER": _of(mobile, mobile_written),
    "CN_LANDLINE_NUMBER": _of(landline, landline_with_extension),
    "CN_BANK_CARD": _of(bank_card, lambda rng: in_fours(bank_card(rng))),
    "CN_BANK_ACCOUNT": bank_account,
    "CN_UNIFIED_SOCIAL_CREDIT_CODE": credit_code,
    "CN_ORGANIZATION_CODE": organisation_code,
    "CN_BUSINESS_LICENSE": business_licence,
    "CN_TAX_NUMBER": tax_number,
    "CN_PASSPORT": passport,
    "CN_HK_MACAU_PERMIT": hk_macau_permit,
    "CN_TAIWAN_PERMIT": lambda rng: rng.choice(("", "T", "L")) + digits(rng, 8),
    "CN_VEHICLE_PLATE": plate,
    "CN_VIN": vin,
    "CN_SOCIAL_SECURITY_NUMBER": _number_of(9, 10, 12),
    "CN_HOUSING_FUND_NUMBER": _number_of(9, 12),
    "CN_MEDICAL_INSURANCE_NUMBER": _number_of(9, 10, 12),
    "CN_DRIVER_LICENSE": _number_of(12),
    "CN_MILITARY_ID": military_id,
    "CN_CONTRACT_NUMBER": contract_number,
    "CN_LOAN_NUMBER": lambda rng: rng.choice(("JJ", "DK", "LN", "")) + number(rng, 12),
    "WECHAT_ID": wechat_id,
    "QQ_NUMBER": _number_of(5, 6, 8, 9, 10),
    "ALIPAY_ID": lambda rng: "2088" + digits(rng, 12),
}
LABELS: dict[str, tuple[str, ...]] = {
    "CN_RESIDENT_ID": ("身份证号：", "身份证", "证件号码:", "ID card ", "公民身份号码"),
    "CN_FOREIGN_RESIDENT_ID": ("永居证号：", "外国人永久居留身份证"),
    "CN_MOBILE_NUMBER": ("手机号：", "电话", "联系方式：", "Tel", "Mobile: "),
    "CN_LANDLINE_NUMBER": ("座机：", "单位电话", "电话：", "Tel: "),
    "CN_BANK_CARD": ("卡号：", "银行卡", "借记卡号 ", "card no. "),
    "CN_BANK_ACCOUNT": ("银行账号：", "对公账户：", "账号", "收款帐号 "),
    "CN_UNIFIED_SOCIAL_CREDIT_CODE": ("统一社会信用代码：", "信用代码"),
    "CN_ORGANIZATION_CODE": ("组织机构代码：", "机构代码"),
    "CN_BUSINESS_LICENSE": ("营业执照注册号：", "注册号", "工商注册号 "),
    "CN_TAX_NUMBER": ("税号：", "纳税人识别号 "),
    "CN_PASSPORT": ("护照号：", "护照", "passport no. "),
    "CN_HK_MACAU_PERMIT": ("港澳通行证：", "回乡证号", "通行证号码："),
    "CN_TAIWAN_PERMIT": ("台胞证：", "台湾通行证号"),
    "CN_VEHICLE_PLATE": ("车牌号：", "车牌"),
    "CN_VIN": ("车架号：", "车辆识别代号", "VIN: "),
    "CN_SOCIAL_SECURITY_NUMBER": ("社保号：", "社会保障号", "社保卡号 "),
    "CN_HOUSING_FUND_NUMBER": ("公积金账号：", "公积金"),
    "CN_MEDICAL_INSURANCE_NUMBER": ("医保号：", "医保卡号"),
    "CN_DRIVER_LICENSE": ("驾驶证号：", "档案编号", "驾照"),
    "CN_MILITARY_ID": ("军官证：", "士兵证号"),
    "CN_CONTRACT_NUMBER": ("合同编号：", "合同号", "协议编号 "),
    "CN_LOAN_NUMBER": ("借据号：", "贷款编号", "贷款账号："),
    "WECHAT_ID": ("微信：", "微信号", "加v：", "WeChat: ", "wx "),
    "QQ_NUMBER": ("QQ：", "QQ号", "扣扣", "qq "),
    "ALIPAY_ID": ("支付宝：", "支付宝账号", "Alipay ID: "),
}
NEEDS_LABEL = frozenset({
    "CN_BANK_ACCOUNT", "CN_ORGANIZATION_CODE", "CN_BUSINESS_LICENSE", "CN_TAX_NUMBER",
    "CN_PASSPORT", "CN_HK_MACAU_PERMIT", "CN_TAIWAN_PERMIT", "CN_SOCIAL_SECURITY_NUMBER",
    "CN_HOUSING_FUND_NUMBER", "CN_MEDICAL_INSURANCE_NUMBER", "CN_DRIVER_LICENSE", "CN_MILITARY_ID",
    "CN_CONTRACT_NUMBER", "CN_LOAN_NUMBER", "WECHAT_ID", "QQ_NUMBER", "CN_VIN",
})  # fmt: skip
"""A valid value alone scores below the default threshold, or is not found at all."""


def labelled(entity: str, rng: random.Random) -> tuple[str, str]:
    """A word that names the entity (may be the empty string where none is needed), and a value."""
    optional = () if entity in NEEDS_LABEL else ("",)
    return rng.choice((*LABELS[entity], *optional)), GENERATORS[entity](rng)
