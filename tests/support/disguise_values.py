"""Values that people would hide, by type, and sentences to hide them in.

The values are invented: each has valid checks and belongs to nobody.
"""

import random
from collections.abc import Callable

from support.identifiers import with_luhn_check, with_resident_check

Chance = random.Random

RESIDENT, MOBILE, CARD = "CN_RESIDENT_ID", "CN_MOBILE_NUMBER", "CN_BANK_CARD"
CREDIT_CODE, PASSPORT, SSN = "CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_PASSPORT", "US_SSN"
PHONE, IBAN, EMAIL, IP = "PHONE_NUMBER", "IBAN_CODE", "EMAIL_ADDRESS", "IP_ADDRESS"
TYPES = (RESIDENT, MOBILE, CARD, CREDIT_CODE, PASSPORT, SSN, PHONE, IBAN, EMAIL, IP)


def _digits(chance: Chance, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _resident(chance: Chance) -> str:
    region = chance.choice(("110105", "310104", "440304", "510104", "330106"))
    day = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    return with_resident_check(region + day + _digits(chance, 3))


def _credit_code(chance: Chance) -> str:
    # GB 32100-2015: weights are powers of 3 modulo 31, letters without I O S V Z.
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91" + chance.choice(("110108", "310115", "440300")) + "MA"
    body += "".join(chance.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
    total = sum(letters.index(one) * pow(3, at, 31) for at, one in enumerate(body))
    return body + letters[-total % 31]


def _iban(chance: Chance) -> str:
    # ISO 13616: the check digits make the number, letters as 10 to 35, 1 modulo 97.
    country, body = chance.choice(
        (("DE", _digits(chance, 18)), ("GB", "WEST" + _digits(chance, 14)))
    )
    as_number = "".join(str(int(one, 36)) for one in f"{body}{country}00")
    return f"{country}{98 - int(as_number) % 97:02}{body}"


def _phone(chance: Chance) -> str:
    area = chance.choice(("212", "415", "617", "312"))
    return f"+1{area}{chance.randint(220, 989)}{_digits(chance, 4)}"


def _ssn(chance: Chance) -> str:
    return f"{chance.randint(101, 665)}-{chance.randint(10, 99)}-{chance.randint(1000, 9999)}"


def _email(chance: Chance) -> str:
    name = chance.choice(("zhangwei", "liqiang", "john.miller", "wang_fang", "sarah"))
    domain = chance.choice(("qq.com", "163.com", "gmail.com", "example.org", "sina.com.cn"))
    return f"{name}{_digits(chance, 3)}@{domain}"


VALUES: dict[str, Callable[[Chance], str]] = {
    RESIDENT: _resident,
    MOBILE: lambda chance: chance.choice(("138", "159", "186", "199")) + _digits(chance, 8),
    CARD: lambda chance: with_luhn_check(
        chance.choice(("622202", "621700", "622848")) + _digits(chance, chance.choice((9, 12)))
    ),
    CREDIT_CODE: _credit_code,
    PASSPORT: lambda chance: "E" + _digits(chance, 8),
    SSN: _ssn,
    PHONE: _phone,
    IBAN: _iban,
    EMAIL: _email,
    IP: lambda chance: ".".join(str(chance.randint(11, 120)) for _ in range(4)),
}

CARRIERS: dict[str, tuple[str, str]] = {
    RESIDENT: ("借款人身份证号码：{}，请核实。", "His Chinese ID card number is {} as stated."),
    MOBILE: ("客户来电，手机号 {} 无人接听", "Please call the mobile {} tomorrow."),
    CARD: ("还款银行卡号{}，已扣款", "The bank card number is {} and it is active."),
    CREDIT_CODE: ("统一社会信用代码：{}（存续）", "Unified social credit code {} was checked."),
    PASSPORT: ("护照号码：{}，有效", "Passport number {} expires soon."),
    SSN: ("美国社保号 SSN：{}。", "The borrower's SSN is {} on file."),
    PHONE: ("境外电话：{}，已留言", "Phone: {} (ask for the manager)."),
    IBAN: ("境外收款账户 IBAN：{}，已核", "Pay to IBAN {} by Friday."),
    EMAIL: ("邮箱：{}，请发合同", "Send it by e-mail to {} please."),
    IP: ("登录IP地址：{}，异常", "The login came from IP address {} at night."),
}
