"""Other detectors, asked for spans: Presidio's pattern recognisers, and argus-redact.

Owns their adapters. Refuses to install or download anything: Presidio runs without a model and
with the packaged public-suffix list; a peer that is not installed is an error by name. What a peer
raises is its failure on that text, and nobody else's.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from gateway.application.ports.detection import Span

Find = Callable[[str], Sequence[Span]]
PEERS = {"presidio": "presidio_analyzer", "argus": "argus_redact"}
_ARGUS_TYPES = {
    "person": "PERSON",
    "phone": "PHONE_NUMBER",
    "phone_landline": "CN_LANDLINE_NUMBER",
    "id_number": "CN_RESIDENT_ID",
    "bank_card": "CN_BANK_CARD",
    "credit_card": "CREDIT_CARD",
    "credit_code": "CN_UNIFIED_SOCIAL_CREDIT_CODE",
    "passport": "CN_PASSPORT",
    "license_plate": "CN_VEHICLE_PLATE",
    "social_security": "CN_SOCIAL_SECURITY_NUMBER",
    "housing_fund": "CN_HOUSING_FUND_NUMBER",
    "military_id": "CN_MILITARY_ID",
    "hrp": "CN_HK_MACAU_PERMIT",
    "eep": "CN_HK_MACAU_PERMIT",
    "wechat": "WECHAT_ID",
    "qq": "QQ_NUMBER",
    "email": "EMAIL_ADDRESS",
    "address": "CN_ADDRESS",
    "organization": "ORGANIZATION",
    "workplace": "ORGANIZATION",
    "school": "ORGANIZATION",
    "date_of_birth": "DATE_OF_BIRTH",
    "ip_address": "IP_ADDRESS",
    "mac_address": "MAC_ADDRESS",
    "ssn": "US_SSN",
    "iban": "IBAN_CODE",
    "url": "URL",
}
# Not by its name, nor by what is equal to it: what a peer finds of these is no span of a value.
_ARGUS_LEFT_OUT = frozenset({"self_reference", "hobby", "ethnicity", "religion", "political"})


class PeerMissing(Exception):
    """A peer is not installed; the text is its name."""


def peer(name: str) -> Find:
    """Return a peer's finder. Raises PeerMissing; ValueError for a name that is no peer."""
    if name not in PEERS:
        raise ValueError(f"no peer is called {name}")
    if find_spec(PEERS[name]) is None:
        raise PeerMissing(name)
    return presidio_finder() if name == "presidio" else argus_finder()


def presidio_finder(threshold: float = 0.0) -> Find:
    """Return Presidio's engine over its English pattern recognisers, without a model."""
    return partial(_presidio, presidio_engine(), threshold)


def presidio_engine() -> Any:
    """Return that engine. It has nothing for Chinese; its patterns read any text."""
    analyzer = import_module("presidio_analyzer")
    email = import_module("presidio_analyzer.predefined_recognizers").EmailRecognizer
    blank = import_module("gateway.detection.presidio").BlankNlpEngine(("en",))
    registry = analyzer.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    for one in registry.recognizers:
        if isinstance(one, email):
            one.validate_result = _offline_email
    return analyzer.AnalyzerEngine(registry=registry, nlp_engine=blank, supported_languages=["en"])


def _presidio(engine: Any, threshold: float, text: str) -> list[Span]:
    results = engine.analyze(text, language="en", score_threshold=threshold)
    return [Span(one.start, one.end, one.entity_type, min(one.score, 1.0)) for one in results]


def argus_finder(lang: str = "zh") -> Find:
    """Return argus-redact's patterns (mode "fast") for a language."""
    return partial(_argus, import_module("argus_redact").redact, lang)


def _argus(redact: Callable[..., Any], lang: str, text: str) -> list[Span]:
    found = []
    for one in redact(text, lang=lang, mode="fast", report=True).entities:
        type_ = one["type"]
        if type_ not in _ARGUS_LEFT_OUT and 0 <= one["start"] < one["end"] <= len(text):
            name = _ARGUS_TYPES.get(type_, type_.upper())
            found.append(Span(one["start"], one["end"], name, float(one["confidence"])))
    return found


def _offline_email(text: str) -> bool:
    # Presidio asks the internet for the public-suffix list; this is the one that was packaged.
    return bool(_suffixes().extract_str(text.rpartition("@")[2]).fqdn)


@cache
def _suffixes() -> Any:
    return import_module("tldextract").TLDExtract(cache_dir=None, suffix_list_urls=())
