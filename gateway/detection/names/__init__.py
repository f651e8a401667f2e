"""People's names, places and organisations by small models of our own."""

from gateway.detection.names.chinese import ChineseNames
from gateway.detection.names.english import EnglishNames
from gateway.detection.recognisers.base import Recogniser

RECOGNISERS: tuple[type[Recogniser], ...] = (ChineseNames, EnglishNames)
