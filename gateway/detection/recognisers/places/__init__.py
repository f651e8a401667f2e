"""Addresses, organisations and dates of birth, in both languages."""

from gateway.detection.recognisers.base import Recogniser
from gateway.detection.recognisers.places.birth_date import BirthDates
from gateway.detection.recognisers.places.cn_address import ChineseAddresses
from gateway.detection.recognisers.places.en_address import EnglishAddresses
from gateway.detection.recognisers.places.organisation import (
    ChineseOrganisations,
    EnglishOrganisations,
)

RECOGNISERS: tuple[type[Recogniser], ...] = (
    ChineseAddresses,
    EnglishAddresses,
    ChineseOrganisations,
    EnglishOrganisations,
    BirthDates,
)
