"""People's names, places and organisations by small models of our own."""

from gateway.detection.names.chinese.recogniser import ChineseNames
from gateway.detection.names.english.recogniser import EnglishNames
from gateway.detection.recognisers.base import Recogniser

RECOGNISERS: tuple[type[Recogniser], ...] = (ChineseNames, EnglishNames)
