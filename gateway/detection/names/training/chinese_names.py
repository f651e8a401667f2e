"""Draws names of people, places and organisations, and the small change of sentences.

Owns the draws behind the slots of the templates. Deterministic for a seed. Names are put together
from characters as often as they occur in names; a name list would only be learnt by heart.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faker.providers.person.zh_CN import Provider

from gateway.detection.names.training import chinese_parts as parts
from gateway.detection.names.training.chinese_stock import tables, words_by_class

_PEOPLE: Final = (
    "per han foreign full ethnic japanese star sur nick familiar doubled mask given spaced handle "
    "weibo"
)


class Draw:
    """Draws the value of a slot; ``LABELS`` says which slots are names of something."""

    LABELS: Final[Mapping[str, str]] = {
        **dict.fromkeys(_PEOPLE.split(), "PER"),
        **dict.fromkeys(("loc", "country", "province", "gaz", "village"), "LOC"),
        **dict.fromkeys(("org", "media", "brand"), "ORG"),
    }

    def __init__(self, seed: int, keep: Callable[[str], bool] = lambda _: True) -> None:
        """``keep`` says which names may be drawn: held-out sets are made of the others."""
        self.random = random.Random(seed)  # noqa: S311 - sentences, no secrets
        self._keep = keep
        self.tables = tables()
        self.words = words_by_class()
        self._harmless = frozenset(self.words["any"])
        self.surnames = [name for name in Provider.last_names if len(name) == 1]
        # Flatter than the population: rare surnames have to be learnt too.
        self._shares = [Provider.last_names[name] ** 0.5 for name in self.surnames]

    def __call__(self, slot: str) -> str:
        """Return a value for the slot; raises AttributeError for a slot that there is not."""
        if slot in self.LABELS:
            while not self._keep(value := str(getattr(self, f"_{slot}")())) or (
                # A person may be called like a thing, but seldom is.
                slot == "han" and value in self._harmless and self._chance(0.9)
            ):
                pass
            return value
        return str(getattr(self, f"_{slot}")())

    def _one(self, values: Sequence[str]) -> str:
        return values[int(self.random.random() * len(values))]

    def _of(self, column: str) -> str:
        if self.random.random() < 0.06:
            return self._one(parts.RARE if self.random.random() < 0.5 else self.tables["text"][0])
        names, shares = self.tables[column]
        return self.random.choices(names, cum_weights=shares)[0]

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _surname(self) -> str:
        if self._chance(0.08):
            return self._one(parts.COMPOUND_SURNAMES)
        if self._chance(0.06):
            return self._one(parts.MORE_SURNAMES)
        return self.random.choices(self.surnames, self._shares)[0]

    def _given(self) -> str:
        chance = self.random.random()
        if chance < 0.6:
            return self._of("first") + self._of("last")
        if chance < 0.75:
            return self._of("last") * 2
        return (
            self._one(Provider.first_names)
            if chance < 0.85
            else self._of("first") + self._of("single")
        )

    def _han(self) -> str:
        surname = self._surname()
        if self._chance(0.27 if len(surname) == 1 else 0.5):
            return surname + self._of("single")
        if self._chance(0.04):
            return surname + self._of("last") * 2
        if self._chance(0.02) and len(surname) == 1:
            return surname + self._one(self.surnames) + self._of("first") + self._of("last")
        if self._chance(0.08):
            return surname + self._one(Provider.first_names)
        return surname + self._of("first") + self._of("last")

    def _foreign(self) -> str:
        if self._chance(0.35):
            return self._one(parts.FOREIGN)
        first, second = self._one(parts.FOREIGN), self._one(parts.FOREIGN)
        # New names from the front of one and the back of another, at times with a stray in between.
        cut, start = self.random.randint(1, 3), self.random.randint(1, 2)
        middle = self._one(parts.TRANSLITERATION) if self._chance(0.3) else ""
        name = first[:cut] + middle + second[-start:]
        return name if len(name) > 1 else first + second[:1]

    def _full(self) -> str:
        dot = self._one("····•・")
        given = self._foreign()
        if self._chance(0.2):
            given += dot + (
                self._one("ABCDEFGHJKLMPRSTW") if self._chance(0.4) else self._foreign()
            )
        return given + dot + self._foreign()

    def _ethnic(self) -> str:
        if self._chance(0.35):
            return self._one(parts.TIBETAN)
        if self._chance(0.2):
            return self._one(parts.ETHNIC_FIRST)
        dot = self._one("····•")
        return self._one(parts.ETHNIC_FIRST) + dot + self._one(parts.ETHNIC_LAST)

    def _japanese(self) -> str:
        if self._chance(0.2):
            return self._one(parts.JAPANESE_SURNAMES)
        if self._chance(0.2):
            return self._one(parts.KOREAN)
        return self._one(parts.JAPANESE_SURNAMES) + self._one(parts.JAPANESE_GIVEN)

    def _gaz(self) -> str:
        return self._made() if self._chance(0.15) else self._one(self.words["place"])

    def _village(self) -> str:
        surname = self._one(self.surnames)
        if self._chance(0.5):
            surname += self._one("家大小上下")
        return surname + self._one("村庄湾寨屯沟营店坪坝桥岭")

    def _brand(self) -> str:
        return self._one(self.words["brand"])

    def _thing(self) -> str:
        return self._one(self.words["thing"])

    def _made(self) -> str:
        return self._foreign()

    def _kin(self) -> str:
        return self._one(["我表妹", "我弟", "我姐", "我儿子", "我女儿", "我同事", "我室友", "我家"])

    def _star(self) -> str:
        if self._chance(0.45):
            return self._one(self.words["person"])
        return self._one(parts.STAGE if self._chance(0.65) else parts.HISTORIC)

    def _per(self) -> str:
        chance = self.random.random()
        if chance < 0.66:
            return self._han()
        if chance < 0.76:
            return self._foreign()
        if chance < 0.83:
            return self._full()
        return (self._star, self._japanese, self._ethnic)[self.random.randrange(3)]()

    def _sur(self) -> str:
        return self._surname()

    def _nick(self) -> str:
        chance = self.random.random()
        if chance < 0.65:
            return self._familiar()
        if chance < 0.88:
            return self._doubled()
        return self._of("single") + self._one("哥姐仔儿妹子爷叔姨")

    def _familiar(self) -> str:
        if self._chance(0.7):
            return self._one("老小小阿大") + self._surname()[:1]
        return self._one("小阿") + self._of("single")

    def _doubled(self) -> str:
        return self._of("last") * 2

    def _mask(self) -> str:
        tail = self._one(
            ["某", "某某", "某某", "**", "*", "某" + self._of("last"), "×", "××", "XX"]
        )
        return self._surname() + tail

    def _spaced(self) -> str:
        surname = self._one(self.surnames)
        return surname + self._one([" ", "  "]) + self._of("single")

    def _handle(self) -> str:
        chance = self.random.random()
        if chance < 0.35:
            return self._han() if self._chance(0.7) else self._star()
        if chance < 0.6:
            tail = self._one(parts.HANDLE_TAILS)
            return (self._han() if self._chance(0.6) else self._nick()) + tail
        if chance < 0.7:
            return self._nick()
        return self._star()

    def _alias(self) -> str:
        return "".join(self._one(parts.HANDLE_WORDS) for _ in range(self.random.randint(2, 3)))

    def _weibo(self) -> str:
        if (chance := self.random.random()) < 0.45:
            return self._star()
        return self._han() if chance < 0.75 else self._nick() if chance < 0.9 else self._foreign()

    def _loc(self) -> str:
        chance = self.random.random()
        if chance < 0.35:
            return self._one(parts.TOWNS)
        if chance < 0.55:
            return (
                self._one(parts.PROVINCES)
                + ("省" if self._chance(0.6) else "")
                + self._one(parts.TOWNS)
                + "市"
            )
        if chance < 0.7:
            return self._one(parts.TOWNS) + self._one(["市", "区", "县"])
        if chance < 0.85:
            return self._one(parts.COUNTRIES)
        stem = self._of("first") + self._of("last")
        return stem + self._one(parts.PLACE_ENDS)

    def _country(self) -> str:
        return self._one(parts.COUNTRIES)

    def _province(self) -> str:
        return self._one(parts.PROVINCES)

    def _org(self) -> str:
        chance = self.random.random()
        if chance < 0.2:
            return self._one(parts.BRANDS) + self._one(["", "", "集团", "银行", "股份", "公司"])
        if chance < 0.4:
            return self._one(parts.TOWNS) + self._one(parts.BODIES)
        if chance < 0.5:
            return self._one(parts.COUNTRIES) + self._one(parts.BODIES)
        if chance < 0.58:
            return self._han() + self._one(
                ["律师事务所", "工作室", "文化传媒有限公司", "诊所", "基金会"]
            )
        place = self._one(
            [self._one(parts.TOWNS), self._one(parts.TOWNS) + "市", self._one(parts.PROVINCES)]
        )
        stem = (
            self._one(parts.STEMS)
            + self._one(parts.STEMS)
            + (self._one(parts.STEMS) if self._chance(0.2) else "")
        )
        if self._chance(0.2):
            stem = self._of("first") + self._of("last")
        return place * self._chance(0.8) + stem + self._one(parts.TRADES) + self._one(parts.KINDS)

    def _media(self) -> str:
        return self._one(parts.MEDIA)

    def _title(self) -> str:
        return self._one(parts.TITLES)

    def _word(self) -> str:
        return self._one(parts.WORDS)

    def _year(self) -> str:
        return str(self.random.randint(1940, 2024))

    def _month(self) -> str:
        return str(self.random.randint(1, 12))

    def _day(self) -> str:
        return str(self.random.randint(1, 28))

    def _n(self) -> str:
        return str(self.random.randint(2, 99))

    def _money(self) -> str:
        return self._one([f"{self.random.randint(1, 900)}万", f"{self.random.randint(100, 99999)}"])

    def _phone(self) -> str:
        return "1" + "".join(self._one("0123456789") for _ in range(10))

    def _identity(self) -> str:
        return "".join(self._one("0123456789") for _ in range(17)) + self._one("0123456789X")
