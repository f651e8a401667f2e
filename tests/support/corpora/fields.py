"""What fills a template: values of every entity, words that name them, and harmless fillings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from random import Random

from faker import Faker

from support import chinese_numbers, international_numbers, places

Generator = Callable[[Random], str]

# Recall is asked of what has a check digit or a fixed form, and of what a word names.
LABELLED_ZH = tuple(chinese_numbers.GENERATORS)
LABELLED_EN = tuple(
    one
    for one in international_numbers.GENERATORS
    if one not in {"US_ZIP_CODE", "CREDIT_CARD_CVV", "URL", "CRYPTO", "AU_ABN", "UK_POSTCODE"}
)
_DEFAULT_LABELS = {
    "US_SSN": ("SSN ", "social security number: ", ""),
    "US_ITIN": ("ITIN ", "taxpayer id "),
    "CREDIT_CARD": ("card number ", "card ", ""),
    "IBAN_CODE": ("IBAN ", "IBAN: ", ""),
    "EMAIL_ADDRESS": ("e-mail ", "email: ", ""),
    "PHONE_NUMBER": ("phone ", "tel. ", "call ", "mobile: "),
    "IP_ADDRESS": ("IP ", "from "),
    "MAC_ADDRESS": ("MAC ", "device "),
    "COORDINATES": ("coordinates ", "GPS "),
    "UK_NINO": ("NI number ", "NINO ", ""),
    "SG_NRIC_FIN": ("NRIC ", "FIN "),
    "HK_IDENTITY_CARD": ("HKID ", "HKID: "),
}
_COMPOUND = ["欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "令狐", "端木", "慕容"]
_ETHNIC = (
    *("阿不都热依木·买买提", "古丽娜尔·艾力", "扎西·多吉", "卓玛·央金", "巴特尔·乌兰"),
    *("帕提古丽·吐尔逊", "买买提·依明", "格桑·次仁", "娜仁·其木格", "努尔江·别克"),
)


def value(type_: str, rng: Random) -> str:
    """A value of an entity."""
    return _generators()[type_](rng)


def label(type_: str, rng: Random) -> str:
    """A word that names an entity, as it stands before a value."""
    labels = (
        chinese_numbers.LABELS.get(type_)
        or international_numbers.LABELS.get(type_)
        or _DEFAULT_LABELS.get(type_, ("",))
    )
    return rng.choice(labels)


@cache
def _generators() -> Mapping[str, Generator]:
    return {
        **international_numbers.GENERATORS,
        **chinese_numbers.GENERATORS,
        "PERSON": chinese_name,
        "PERSON_EN": english_name,
        "CN_ADDRESS": lambda rng: places.address(rng.choice([*places.CHINESE.values()]), rng),
        "CN_ADDRESS_TEST": lambda rng: places.address(
            rng.choice([*places.CHINESE_HELD_BACK.values()]), rng
        ),
        "STREET_ADDRESS": lambda rng: places.address(rng.choice([*places.ENGLISH.values()]), rng),
        "STREET_ADDRESS_TEST": lambda rng: places.address(
            rng.choice([*places.ENGLISH_HELD_BACK.values()]), rng
        ),
        "DATE_OF_BIRTH": birth_date_zh,
        "DATE_OF_BIRTH_EN": birth_date_en,
    }


REAL_TYPES = {
    "PERSON_EN": "PERSON",
    "CN_ADDRESS_TEST": "CN_ADDRESS",
    "STREET_ADDRESS_TEST": "STREET_ADDRESS",
    "DATE_OF_BIRTH_EN": "DATE_OF_BIRTH",
}
"""Fields that differ in how they are drawn, not in what they are."""


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale, providers=["faker.providers.person"])


def _drawn(locale: str, rng: Random) -> Faker:
    faker = _faker(locale)
    faker.seed_instance(rng.getrandbits(48))
    return faker


def chinese_name(rng: Random) -> str:
    """Two or three characters, at times a double surname or a name of several parts."""
    faker = _drawn("zh_CN", rng)
    drawn = rng.random()
    if drawn < 0.04:
        return rng.choice(_ETHNIC)
    surname = rng.choice(_COMPOUND) if drawn < 0.1 else faker.last_name()
    return surname + faker.first_name()


def english_name(rng: Random) -> str:
    """First and last name, at times with an initial."""
    faker = _drawn(rng.choice(("en_US", "en_US", "en_GB", "en_IN", "es_MX", "ga_IE")), rng)
    middle = f" {rng.choice('ABCDEFGHJKLMPRSTW')}." if rng.random() < 0.15 else ""
    return f"{faker.first_name()}{middle} {faker.last_name()}"


def birth_date_zh(rng: Random) -> str:
    """A date of birth as Chinese forms have it."""
    day = chinese_numbers.birth_date(rng)
    forms = ("{0}年{1}月{2}日", "{0}-{1:02d}-{2:02d}", "{0}.{1}.{2}", "{0}/{1:02d}/{2:02d}")
    return rng.choice(forms).format(day.year, day.month, day.day)


def birth_date_en(rng: Random) -> str:
    """A date of birth as English forms have it."""
    day = chinese_numbers.birth_date(rng)
    return day.strftime(rng.choice(("%m/%d/%Y", "%B %d, %Y", "%Y-%m-%d", "%d %b %Y")))


def _choice(words: str) -> Generator:
    drawn = tuple(one.replace("_", " ") for one in words.split())
    return lambda rng: rng.choice(drawn)


def _between(low: int, high: int) -> Generator:
    return lambda rng: str(rng.randint(low, high))


def _date(form: str) -> Generator:
    return lambda rng: form.format(rng.randint(2015, 2026), rng.randint(1, 12), rng.randint(1, 28))


FILLINGS: Mapping[str, Generator] = {
    "n": _between(1, 99),
    "n3": _between(100, 999),
    "n4": _between(1000, 9999),
    "n6": _between(100_000, 999_999),
    "n8": _between(10_000_000, 99_999_999),
    "n12": _between(10**11, 10**12 - 1),
    "year": _between(1998, 2026),
    "month": _between(1, 12),
    "day": _between(1, 28),
    "pct": lambda rng: f"{rng.uniform(0, 60):.{rng.randint(0, 2)}f}%",
    "amount": lambda rng: f"{rng.randint(1, 99_999_999) / 100:,.2f}",
    "plain": lambda rng: f"{rng.randint(100, 99_999_999) / 100:.2f}",
    "rate": lambda rng: f"{rng.uniform(0.5, 18):.4f}",
    "time": lambda rng: (
        f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    ),
    "date": _date("{}-{:02d}-{:02d}"),
    "datezh": _date("{}年{}月{}日"),
    "compact": _date("{}{:02d}{:02d}"),
    "hex": lambda rng: f"{rng.getrandbits(160):040x}",
    "short_hex": lambda rng: f"{rng.getrandbits(28):07x}",
    "uuid": lambda rng: _uuid(rng),
    "version": lambda rng: f"{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 99)}",
    "epoch": lambda rng: str(rng.randint(1_500_000_000_000, 1_790_000_000_000)),
    "article": lambda rng: (
        rng.choice("一二三四五六七八九十") + rng.choice(("", "十", "十二", "百零三"))
    ),
    "city": _choice("北京 上海 深圳 杭州 成都 武汉 西安 郑州 青岛 苏州 重庆 天津"),
    "org": _choice("中国人民银行 国家统计局 财政部 国家金融监督管理总局 证监会 商务部 国务院"),
    "sector": _choice("制造业 房地产 批发零售 新能源 半导体 农产品 消费金融 小微企业 交通运输"),
    "us_sector": _choice("manufacturing retail energy housing technology farming transport"),
    "us_org": _choice("Congress the_Federal_Reserve the_Treasury the_agency the_court the_board"),
    "us_city": _choice("Chicago Boston Denver London Toronto Dublin Sydney Seattle"),
    "word": _choice("record value index count total buffer cache queue batch offset"),
    "table": _choice("loans repayments products branches rates ledgers schedules limits"),
}


def _uuid(rng: Random) -> str:
    raw = f"{rng.getrandbits(128):032x}"
    return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
