"""Invented but valid identifiers of the English-speaking markets, the banks and the network.

Owns one generator an entity, ``GENERATORS[entity](rng)``, seeded by the ``random.Random`` given.
Check digits are computed here apart from the gateway's code. ``LABELS`` has the words that stand
before an entity which is found only by its context. Refuses to draw from any real person's data.
"""

import hashlib
import ipaddress
from collections.abc import Callable
from random import Random

from support import international_identity as identity
from support.international_identity import UPPER, digits, filled, some, with_luhn
from support.international_tables import BIC_BANKS, DOMAINS, IBAN_FORMS, LOCAL_PARTS

Generator = Callable[[Random], str]


def us_bank_number(rng: Random) -> str:
    return rng.choice("123456789") + digits(rng, rng.choice((7, 9, 10, 11, 12)))


def aba_routing_number(rng: Random) -> str:
    body = f"{rng.choice([*range(1, 13), *range(21, 33)]):02}{digits(rng, 6)}"
    weights = (3, 7, 1, 3, 7, 1, 3, 7)
    total = sum(int(one) * weight for one, weight in zip(body, weights, strict=True))
    return body + str(-total % 10)


def uk_sort_code(rng: Random) -> str:
    return "-".join((rng.choice(("20", "30", "40", "60", "77")), digits(rng, 2), digits(rng, 2)))


CARD_FORMS = (
    ("4###-####-####-###", 4),
    ("51##-####-####-###", 4),
    ("2221-####-####-###", 2),
    ("6011-####-####-###", 1),
    ("65##-####-####-###", 1),
    ("3528-####-####-###", 1),
    ("3700-######-####", 2),
    ("34##-######-####", 2),
    ("3600-######-###", 1),
    ("3000-######-###", 1),
)


def credit_card(rng: Random) -> str:
    form = rng.choices([one for one, _ in CARD_FORMS], [weight for _, weight in CARD_FORMS])[0]
    groups = filled(rng, form).split("-")
    number = with_luhn("".join(groups))
    gap = rng.choice(("", " ", "-"))
    parts, at = [], 0
    for size in (*map(len, groups[:-1]), len(groups[-1]) + 1):
        parts.append(number[at : at + size])
        at += size
    return gap.join(parts)


def credit_card_cvv(rng: Random) -> str:
    return digits(rng, rng.choice((3, 3, 4)))


def iban_code(rng: Random) -> str:
    country, form = rng.choice(IBAN_FORMS)
    rest = filled(rng, form)
    as_number = "".join(str(int(one, 36)) for one in f"{rest}{country}00")
    number = f"{country}{98 - int(as_number) % 97:02}{rest}"
    if rng.random() < 0.5:
        return number
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def swift_code(rng: Random) -> str:
    branch = rng.choice(("", "", "XXX", digits(rng, 3)))
    place = rng.choice(UPPER) + rng.choice("23456789")
    bank, country = rng.choice(BIC_BANKS)
    return f"{bank}{country}{place}{branch}"


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def crypto(rng: Random) -> str:
    payload = bytes([rng.choice((0, 5))]) + rng.randbytes(20)
    check = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    raw = payload + check
    number, text = int.from_bytes(raw), ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


PHONE_FORMS = (
    "(2##) 5##-####",
    "(2##)5##-####",
    "3##-4##-####",
    "6##.7##.####",
    "+1-4##-5##-####",
    "001-4##-5##-####",
    "+1 (4##) 5##-####",
    "7##-3##-####x###",
    "9##.2##.####x#####",
    "+44 20 7946 0###",
    "+44(0)20 7946 0###",
    "020 7946 0###",
    "07911 1#####",
    "07700 900###",
    "(0161) 496 0###",
    "01632 960###",
    "+61 2 9876 54##",
    "+61-4##-5##-6##",
    "(02) 9876 54##",
    "0412 345 6##",
    "+64 9 309 12##",
    "+353 1 555 12##",
    "+91 98### #####",
    "+49 30 901820##",
    "+49 (0) 30 9018 20##",
    "030/9018 20##",
    "+33 1 42 68 53 ##",
    "01 42 68 53 ##",
    "+39 06 6982 ####",
    "+34 91 514 84 ##",
    "+81 3-1234-56##",
    "090-1234-56##",
    "+55 11 91234-56##",
    "+65 6123 45##",
    "+852 2345 67##",
    "+971 50 123 45##",
)


def phone_number(rng: Random) -> str:
    return filled(rng, rng.choice(PHONE_FORMS))


def email_address(rng: Random) -> str:
    local = rng.choice(LOCAL_PARTS)
    number = rng.choice(("", str(rng.randint(1, 9999)), f"+{rng.randint(1, 99)}"))
    return f"{local}{number}@{rng.choice(DOMAINS)}"


def url(rng: Random) -> str:
    word = some(rng, "abcdefghijklmnopqrstuvwxyz", 7)
    query = rng.choice(("", f"?id={digits(rng, 5)}", f"?token={rng.randbytes(8).hex()}&x=1"))
    return (
        f"{rng.choice(('http://', 'https://', 'https://www.'))}{word}.example.com/u/{word}{query}"
    )


def ip_address(rng: Random) -> str:
    if rng.random() < 0.6:
        first = rng.choice([one for one in range(11, 223) if one != 127])
        return ".".join(map(str, (first, *(rng.randint(10, 255) for _ in range(3)))))
    host = (0x2001_0DB8 << 96) | rng.getrandbits(rng.choice((16, 64, 96)))
    return str(ipaddress.IPv6Address(host))


def mac_address(rng: Random) -> str:
    pairs = [f"{one:02x}" for one in (0x02, 0x5E, *rng.randbytes(4))]
    text = rng.choice(":-").join(pairs)
    return rng.choice((text, text.upper()))


def coordinates(rng: Random) -> str:
    north, east = rng.uniform(20, 60), rng.uniform(70, 130)
    return rng.choice((f"{north:.5f}, {east:.5f}", f"{north:.4f}° N, {east:.4f}° E"))


def imei(rng: Random) -> str:
    return with_luhn(rng.choice(("35", "86", "01")) + digits(rng, 12))


def loan_number(rng: Random) -> str:
    return filled(rng, rng.choice(("LN-2026-######", "##########", "LN########", "L#####-##")))


def account_id(rng: Random) -> str:
    return filled(rng, rng.choice(("APP-######", "@@########", "C######", "ACC-####-####")))


def secret(rng: Random) -> str:
    lower = UPPER.lower()
    return f"{some(rng, lower, 4)}{rng.choice('!#%&*_-')}{some(rng, UPPER, 2)}{digits(rng, 4)}"


def user_name(rng: Random) -> str:
    return f"{rng.choice(LOCAL_PARTS).replace('.', '_')}{rng.randint(10, 999)}"


GENERATORS: dict[str, Generator] = {
    "US_SSN": identity.us_ssn,
    "US_ITIN": identity.us_itin,
    "US_EIN": identity.us_ein,
    "US_DRIVER_LICENSE": identity.us_driver_license,
    "US_PASSPORT": identity.us_passport,
    "UK_PASSPORT": identity.uk_passport,
    "US_BANK_NUMBER": us_bank_number,
    "ABA_ROUTING_NUMBER": aba_routing_number,
    "UK_NHS": identity.uk_nhs,
    "UK_NINO": identity.uk_nino,
    "UK_SORT_CODE": uk_sort_code,
    "UK_POSTCODE": identity.uk_postcode,
    "US_ZIP_CODE": identity.us_zip_code,
    "CREDIT_CARD": credit_card,
    "CREDIT_CARD_CVV": credit_card_cvv,
    "IBAN_CODE": iban_code,
    "SWIFT_CODE": swift_code,
    "CRYPTO": crypto,
    "PHONE_NUMBER": phone_number,
    "EMAIL_ADDRESS": email_address,
    "URL": url,
    "IP_ADDRESS": ip_address,
    "MAC_ADDRESS": mac_address,
    "COORDINATES": coordinates,
    "IMEI": imei,
    "CA_SIN": identity.ca_sin,
    "AU_TFN": identity.au_tfn,
    "AU_ABN": identity.au_abn,
    "IN_PAN": identity.in_pan,
    "IN_AADHAAR": identity.in_aadhaar,
    "SG_NRIC_FIN": identity.sg_nric_fin,
    "HK_IDENTITY_CARD": identity.hk_identity_card,
    "US_MBI": identity.us_mbi,
    "LOAN_NUMBER": loan_number,
    "ACCOUNT_ID": account_id,
    "SECRET": secret,
    "USER_NAME": user_name,
}

LABELS: dict[str, tuple[str, ...]] = {
    "US_EIN": ("EIN ", "Employer Identification Number: ", "federal tax id "),
    "US_DRIVER_LICENSE": ("driver's license ", "Driver License No. ", "DL# ", "driving licence "),
    "US_PASSPORT": ("passport ", "Passport No: ", "US passport number "),
    "UK_PASSPORT": ("British passport ", "UK passport no. "),
    "US_BANK_NUMBER": ("account number ", "Acct No: ", "bank account ", "checking account "),
    "ABA_ROUTING_NUMBER": ("routing number ", "ABA: ", "routing no. ", "RTN "),
    "UK_NHS": ("NHS number ", ""),
    "UK_SORT_CODE": ("sort code ", "Sort Code: "),
    "US_ZIP_CODE": ("ZIP ", "zip code: ", "postal code "),
    "CREDIT_CARD_CVV": ("CVV ", "CVC: ", "security code "),
    "SWIFT_CODE": ("SWIFT ", "BIC: ", "swift code "),
    "IMEI": ("IMEI ", "IMEI: "),
    "CA_SIN": ("SIN ", "social insurance number "),
    "AU_TFN": ("TFN ", "tax file number "),
    "AU_ABN": ("ABN ",),
    "IN_PAN": ("PAN ", ""),
    "IN_AADHAAR": ("Aadhaar ", "UIDAI number "),
    "US_MBI": ("Medicare number ", "MBI "),
    "LOAN_NUMBER": ("loan number ", "Loan No. ", "contract no. ", "agreement number: "),
    "ACCOUNT_ID": ("application id ", "customer id: ", "account id ", "client no. "),
    "SECRET": ("password: ", "password is ", "pwd: ", "密码："),
    "USER_NAME": ("username: ", "user name is ", "login: ", "用户名："),
}
"""Words that stand before the value; an empty one: the value stands for itself, too."""
