"""Made-up identities for the applicants, the same in every process from one fixed seed.

Owns the generation of every value that could name a person. Each row has a random stream of its
own, so an applicant depends on no other row and on no global state of `random` or Faker. What can
be kept clear of real people is: no SSN here was ever issued, United States telephones are of the
555-01xx block set aside for fiction, cards begin as published test cards do. China sets no such
ranges aside for identity numbers and mobiles: one that is in use is so by chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from faker import Faker

from . import numbers
from .identity import Identity, Market
from .places import AMERICAN_CITIES, CHINESE_DISTRICTS, CHINESE_ROADS, ChineseDistrict
from .remarks import compose_remark, grouped

Sex = Literal["female", "male"]

SEED = "veilgate demo applicants 1"
REFERENCE_DATE = date(2026, 1, 1)
"""The day on which each applicant has the age that the credit table gives."""

# Test cards of card processors begin so: 6200 0000 0000 0005 and 4000 0000 0000 0002 (Stripe).
_UNIONPAY_TEST_PREFIX = "620000"
_VISA_TEST_PREFIX = "400000"
_STREET_SUFFIXES = ("Street", "Avenue", "Road", "Lane", "Drive", "Court")


@dataclass(frozen=True, kw_only=True)
class _Person:
    """What the two markets have in common, before it is written down in a market's way."""

    applicant_no: str
    female: bool
    born: date
    given: str
    surname: str
    contact_given: str
    contact_surname: str


class IdentityGenerator:
    """Draws identities; making one loads Faker's name lists, so make one for all rows."""

    def __init__(self) -> None:
        providers = ["faker.providers.person"]
        self._chinese = Faker("zh_CN", providers=providers)
        self._american = Faker("en_US", providers=providers)

    def identity(self, row: int, *, age: int, sex: Sex) -> Identity:
        """The identity of the 0-based CSV row: even rows are Chinese, odd ones American.

        The source's rows are sorted by sex, so halves by position would not have both sexes.

        Args:
            row: index into the credit table; the applicant number is one more.
            age: full years on REFERENCE_DATE.
            sex: as the credit table has it.
        """
        # Repeatable on purpose: nothing drawn here is a secret.
        rng = Random(f"{SEED}:{row}")  # noqa: S311
        market: Market = "CN" if row % 2 == 0 else "US"
        names = self._chinese if market == "CN" else self._american
        names.seed_instance(rng.getrandbits(64))
        person = _person(rng, names, row, age, sex)
        if market == "CN":
            values = _chinese_values(rng, person)
        else:
            values = _american_values(rng, person, street_namesake=names.last_name())
        return _identity(rng, market, person, values)


def birth_date(rng: Random, age: int) -> date:
    """A day, evenly drawn, that makes a person `age` full years old on REFERENCE_DATE."""
    latest = REFERENCE_DATE.replace(year=REFERENCE_DATE.year - age)
    earliest = latest.replace(year=latest.year - 1) + timedelta(days=1)
    return earliest + timedelta(days=rng.randrange((latest - earliest).days + 1))


def _person(rng: Random, names: Faker, row: int, age: int, sex: Sex) -> _Person:
    female = sex == "female"
    return _Person(
        applicant_no=f"A-{row + 1:04d}",
        female=female,
        born=birth_date(rng, age),
        given=names.first_name_female() if female else names.first_name_male(),
        surname=names.last_name(),
        contact_given=names.first_name_male() if female else names.first_name_female(),
        contact_surname=names.last_name(),
    )


def _chinese_values(rng: Random, person: _Person) -> dict[str, str]:
    district = rng.choice(CHINESE_DISTRICTS)
    phone = numbers.chinese_mobile(rng)
    card = numbers.card(rng, _UNIONPAY_TEST_PREFIX, rng.choice((16, 17, 18, 19)))
    return {
        "name": person.surname + person.given,
        "surname": person.surname,
        "title": "女士" if person.female else "先生",
        "identity": numbers.resident_id(rng, district.code, person.born, female=person.female),
        "phone": phone,
        "phone_grouped": grouped(phone, 3, 4),
        "card": card,
        "card_grouped": grouped(card, 4),
        "card_tail": card[-4:],
        "address": _chinese_address(rng, district),
        "relation": rng.choice(("朋友", "同事", "亲属")),
        "contact_name": person.contact_surname + person.contact_given,
        "contact_phone": numbers.chinese_mobile(rng),
    }


def _chinese_address(rng: Random, place: ChineseDistrict) -> str:
    street = f"{rng.choice(CHINESE_ROADS)}{rng.randint(1, 999)}号"
    floor, door = rng.randint(1, 28), rng.randint(1, 4)
    home = f"{rng.randint(1, 30)}号楼{rng.randint(1, 6)}单元{floor}{door:02d}室"
    return place.province + place.city + place.district + street + home


def _american_values(rng: Random, person: _Person, *, street_namesake: str) -> dict[str, str]:
    city = rng.choice(AMERICAN_CITIES)
    contact_city = rng.choice(AMERICAN_CITIES)
    card = numbers.card(rng, _VISA_TEST_PREFIX, 16)
    street = f"{rng.randint(1, 9899)} {street_namesake} {rng.choice(_STREET_SUFFIXES)}"
    return {
        "name": f"{person.given} {person.surname}",
        "surname": person.surname,
        "title": "Ms." if person.female else "Mr.",
        "identity": numbers.unissued_ssn(rng),
        # Applicants end in 00 to 79 and contacts in 80 to 99, so that no contact is an applicant.
        "phone": numbers.fictional_phone(city.area_code, rng.randint(0, 79)),
        "card": card,
        "card_grouped": grouped(card, 4),
        "address": f"{street}, {city.city}, {city.state} {city.zip_code}",
        "relation": rng.choice(("friend", "colleague", "relative")),
        "contact_name": f"{person.contact_given} {person.contact_surname}",
        "contact_phone": numbers.fictional_phone(contact_city.area_code, rng.randint(80, 99)),
    }


def _identity(rng: Random, market: Market, person: _Person, values: Mapping[str, str]) -> Identity:
    return Identity(
        applicant_no=person.applicant_no,
        market=market,
        identity_type="CN_RESIDENT_ID" if market == "CN" else "US_SSN",
        identity_number=values["identity"],
        name=values["name"],
        date_of_birth=person.born.isoformat(),
        phone=values["phone"],
        bank_card=values["card"],
        card_cvn=f"{rng.randrange(1000):03d}",
        address=values["address"],
        remark=compose_remark("zh" if market == "CN" else "en", rng, values),
        synthetic=1,
    )
