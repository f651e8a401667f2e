"""Addresses of many countries in English sentences: those of Faker's locales, and by hand.

Owns the locales, the carriers, and the lines by hand (``<`` and ``>`` mark an address, ``|`` is
the end of a line). Refuses real households: streets and numbers are invented.
"""

from collections.abc import Iterator, Mapping
from random import Random

from faker import Faker

from support.places import Placed
from support.places_unseen import marked_lines

_TUNED = "de_DE fr_FR it_IT es_ES nl_NL da_DK sv_SE no_NO fi_FI pl_PL cs_CZ pt_PT hu_HU de_AT"
_HELD_BACK = "pt_BR fr_CH de_CH ro_RO hr_HR sk_SK sl_SI tr_TR es_MX nl_BE et_EE"
LOCALES = tuple(_TUNED.split())
LOCALES_HELD_BACK = tuple(_HELD_BACK.split())
CARRIERS = (
    *("My address is {}.", "I live at {}", "Please ship it to {}, thanks!", "{}"),
    *("Can you deliver to {} before noon?", "I just moved to {}, so update my file.", "Visit {}"),
    *("Anna Berg\n{}\nPhone: pending", "The office is located at {}.", "Send the card to {} today"),
)

ABROAD_BY_HAND: Mapping[str, str] = {
    "labelled": """
my new address is <2120 Prospect Valley>
Could you send it to <8 Wakahope Reserve, Dunedin>?
I have recently moved to <47 Kirchberg, 8010 Graz>
We're located at <Skolspaaret 81, 31400 Varberg, Sweden>.
Visit us at <Kungsholmstorg 14, Stockholm>!
Residing in <14 Palm Grove Heights, Nairobi 00100> since 2019
He lives at <21 Nordre Ringvej, 1234 Copenhagen>.
Ship to <Nygaardsvej 62|2100 Copenhagen|Denmark> please
What is the delivery date for <77 Wilton Ridge, Cape Town 8001>?
Please deliver to <Unit 4, 19 Marine Vista> instead.
""",
    "unlabelled": """
<Hauptstr. 5, 10115 Berlin>
Maria Rossi, <Via Roma 12, 00184 Roma RM>, tel pending
The parcel for <12 rue de la Paix, 75002 Paris> came back.
<Calle Mayor 3, 28013 Madrid, Spain> was empty when we called.
Jan Kowalski, <ul. Długa 7, 00-238 Warszawa>
<Skolspåret 81|31400 Varberg Sweden>
Her flat, <Prinsengracht 263, 1016 GV Amsterdam>, is rented.
<Rua Augusta 274, 1100-053 Lisboa> - second floor
<Váci utca 19, 1052 Budapest> and <Mannerheimintie 8 B 12, 00100 Helsinki>
Invoice for <Karl Johans gate 22, 0159 Oslo>, Norway branch pays.
""",
    "letters": """
Lars Holm|<Vestergade 14, 2. th|8000 Aarhus C|Denmark>||Dear Mr Holm,
To:|Giulia Bianchi|<Corso Garibaldi 88|20121 Milano MI|Italy>|Phone: pending
Kind regards,|Sven Lund|<Storgatan 9|111 51 Stockholm>
Petra Novak|<Dlouhá 33|110 00 Praha 1|Czech Republic>
Pierre Martin|<4, boulevard Saint-Michel|69003 Lyon>|France desk
Jean Dupont - <15 bis avenue Foch, 57000 Metz> - client since 2004
Kaisa Virtanen|<Hämeenkatu 11 A 4|33100 TAMPERE|FINLAND>
Hans Meier, <Bahnhofstrasse 101, 8001 Zürich, Switzerland>
Bob Stone|<3412 Willow Bend|Garland, TX 75040>|555 help line
Mr. A. Prior|<The Larches|Mill Lane|Ludlow SY8 1AA>
""",
    "orders and questions": """
Order 5521: 2 boxes to <Av. Paulista 1578, São Paulo 01310-200> by Monday
Is <Rruga Myslym Shyri 44, Tirana> in your delivery area?
drop me at <1 Market St> please
pick up from <34 king street> and go to <9 station road>
i'm at <221 n maple ave apt 3> come over
Has anyone been to <Große Bleichen 21, Hamburg>?
Change my billing address from <12 Oak Lane, Reading RG1 2AA> to <5 Elm Close, Slough SL1 1AA>.
The driver went to <Gran Vía 45, 4º izq, 28013 Madrid> but nobody was there
Two sites: <Lindenallee 7, 50668 Köln> and <Königsallee 60, 40212 Düsseldorf>.
can u send it 2 <flat 6, 18 gordon terrace, leith>
""",
}


def _addresses(locale: str, count: int, random: Random) -> Iterator[str]:
    faker = Faker(locale)
    faker.seed_instance(random.getrandbits(32))
    for _ in range(count):
        value = str(faker.address())
        yield ", ".join(value.split("\n")) if random.random() < 0.5 else value


def abroad(locales: tuple[str, ...], count: int, seed: int = 5) -> list[tuple[str, list[Placed]]]:
    """Return ``count`` sentences with an address of each locale."""
    random, found = Random(seed), list[tuple[str, list[Placed]]]()
    for locale in locales:
        for value in _addresses(locale, count, random):
            carrier = random.choice(CARRIERS)
            before, after = carrier.split("{}")
            text, start = before + value + after, len(before)
            found.append((text, [Placed(text, start, start + len(value), locale)]))
    return found


def by_hand() -> Iterator[tuple[str, list[Placed]]]:
    """Yield the sentences that were written by hand."""
    yield from marked_lines(ABROAD_BY_HAND)
