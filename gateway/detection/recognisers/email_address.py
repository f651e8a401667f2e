"""EMAIL_ADDRESS: Presidio's pattern, and Chinese local parts and domains beside it.

Owns the public-suffix list: the snapshot inside the tldextract package, never the network and
never a cache on disk. Refuses to take an unknown suffix for "no address": a name such as
`corp.internal` is masked too, while `100@3.5` is not.
"""

import re
from collections.abc import Iterator

from presidio_analyzer import Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer
from tldextract import TLDExtract

from gateway.detection.recognisers.strict_patterns import StrictPatterns

# Longer than any address (RFC 5321: 64 before the @, 255 after), and short enough that the cost of
# a text grows with its length and not with the square of it.
_REACH = 320
_HAN = r"\u3400-\u9fff"
_CHINESE_LOCAL_PART = Pattern(
    "e-mail, local part ends in Chinese",
    rf"[\w.+\-{_HAN}]{{0,63}}[{_HAN}]@[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?)+",
    0.5,
)
_CHINESE_DOMAIN = Pattern(
    "e-mail, domain in Chinese",
    rf"[\w.+\-]{{1,64}}@[a-z0-9\-{_HAN}]{{1,63}}"
    rf"(?:\.[a-z0-9\-{_HAN}]{{1,63}})*?\.[{_HAN}]{{2,4}}",
    0.5,
)
# The last label begins with a letter: no address ends in a number.
_NAME = re.compile(rf"(?:[a-z0-9\-{_HAN}]+\.)+[a-z{_HAN}][a-z0-9\-{_HAN}]+", re.IGNORECASE)


class OfflineEmailRecogniser(StrictPatterns, EmailRecognizer):
    """Finds e-mail addresses without asking the internet what a domain is."""

    def __init__(self) -> None:
        super().__init__(patterns=[*self.PATTERNS, _CHINESE_LOCAL_PART, _CHINESE_DOMAIN])
        self._suffixes = TLDExtract(cache_dir=None, suffix_list_urls=())

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: object = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the addresses of a folded text."""
        results = []
        for start, end in _surroundings(text):
            for found in super().analyze(text[start:end], entities):
                found.start += start
                found.end += start
                results.append(found)
        return results

    def validate_result(self, pattern_text: str) -> bool | None:
        """Return True under a public suffix, None (score as matched) for other names, or False."""
        domain = pattern_text.rpartition("@")[2]
        if self._suffixes.extract_str(domain).fqdn:
            return True
        return None if _NAME.fullmatch(domain) else False


def _surroundings(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of the text around each @; parts that touch are one."""
    at = text.find("@")
    while at >= 0:
        start, last = max(0, at - _REACH), at
        while 0 <= (at := text.find("@", last + 1)) <= last + 2 * _REACH:
            last = at
        yield start, min(len(text), last + _REACH)
