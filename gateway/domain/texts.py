"""What a person reads about a refusal: what is missing, and the smallest change that would help.

Owns the making of sentences from findings; the words are in the files beside it. Refuses to print
an element that is not a plain word of a policy: an element that holds a space, a sign or a Chinese
character is left out, so that no value of a record can come into a text.
"""

import re
from collections.abc import Iterable, Sequence

from gateway.domain.citations import Localized, cite
from gateway.domain.reasons import Finding
from gateway.domain.texts_aggregate import AGGREGATE_ENTRIES
from gateway.domain.texts_consent import CONSENT_ENTRIES
from gateway.domain.texts_deid import DEID_ENTRIES
from gateway.domain.texts_form import AUTHORITIES, OTHER_PURPOSES, WORDS, Template
from gateway.domain.texts_gateway import GATEWAY_ENTRIES
from gateway.domain.texts_network import NETWORK_ENTRIES

ENTRIES = {
    **GATEWAY_ENTRIES,
    **CONSENT_ENTRIES,
    **NETWORK_ENTRIES,
    **DEID_ENTRIES,
    **AGGREGATE_ENTRIES,
}
"""One entry for every reason."""

_SAFE_ELEMENT = re.compile(r"[A-Za-z0-9._,-]{1,400}", re.ASCII)
_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_ELEMENT = "{element}"


def finding_text(finding: Finding) -> Localized:
    """Return what stands in the way, with the element and the article if the finding has them."""
    text = _fill(ENTRIES[finding.reason].finding, finding.element)
    if not finding.article:
        return text
    article = cite(finding.article)
    return Localized(
        en=f"{text.en.removesuffix('.')} ({article.en}).",
        zh=f"{text.zh.removesuffix('。')}（{article.zh}）。",
    )


def change_text(finding: Finding) -> Localized | None:
    """Return the smallest thing that the caller can do about it; None if only others can."""
    change = ENTRIES[finding.reason].change
    return _fill(change, finding.element) if isinstance(change, Template) else None


def smallest_change(findings: Sequence[Finding], alternatives: Sequence[str] = ()) -> Localized:
    """Return all that has to change, and the allowed purposes as the other way.

    For what the caller cannot change, the text says who can. Without findings it is empty.
    """
    if not findings:
        return Localized("", "")
    own = [text for finding in findings if (text := change_text(finding)) is not None]
    others = [
        AUTHORITIES[change]
        for finding in findings
        if not isinstance(change := ENTRIES[finding.reason].change, Template)
    ]
    return _joined(dict.fromkeys((*own, *others, *_other_way(alternatives))))


def _other_way(alternatives: Sequence[str]) -> list[Localized]:
    safe = [purpose for purpose in alternatives if _SAFE_ELEMENT.fullmatch(purpose)]
    if not safe:
        return []
    return [
        Localized(
            en=OTHER_PURPOSES.en.replace(_ELEMENT, ", ".join(safe)),
            zh=OTHER_PURPOSES.zh.replace(_ELEMENT, "、".join(safe)),
        )
    ]


def _joined(texts: Iterable[Localized]) -> Localized:
    some = tuple(texts)
    return Localized(" ".join(text.en for text in some), "".join(text.zh for text in some))


def _fill(template: Template, element: str) -> Localized:
    """Put the element into the optional parts, or leave these out if there is none to show."""
    if _SAFE_ELEMENT.fullmatch(element) is None:
        return Localized(_OPTIONAL.sub("", template.en), _OPTIONAL.sub("", template.zh))
    word = WORDS.get(element)
    return Localized(
        en=_put(template.en, f"{word.en} ({element})" if word else element),
        zh=_put(template.zh, f"{word.zh}（{element}）" if word else element),
    )


def _put(text: str, shown: str) -> str:
    return _OPTIONAL.sub(lambda part: part[1].replace(_ELEMENT, shown), text)
