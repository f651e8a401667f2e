"""EMAIL_ADDRESS: addresses in ASCII, in Chinese and in quotes, under any top-level domain.

Sources: RFC 5321 and 5322 (sixty-four characters before the @, 253 behind, atoms, quoted strings,
address literals), RFC 6531 (letters beyond ASCII). Reads outwards from each @, so the cost is that
of the text. Refuses to ask what a domain is: the form decides. A domain ends in a label with a
letter.
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.text.view import View

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_FOREIGN = r"\u00c0-\u024f\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af"
_MOST_LOCAL = 64
_ATOM = re.compile(rf"[A-Za-z0-9!#$%&'*+=?^_`{{|}}~.{_FOREIGN}-]{{1,{_MOST_LOCAL}}}")
_HAN_ATOM = re.compile(rf"[A-Za-z0-9_.+{_FOREIGN}{_HAN}-]{{1,{_MOST_LOCAL}}}")
_QUOTED = re.compile(rf'"[^"\r\n@]{{1,{_MOST_LOCAL}}}"')
_LABEL = rf"(?:[A-Za-z0-9{_FOREIGN}-]{{1,63}}|[{_HAN}]{{1,20}})"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,10}}")
_LITERAL = re.compile(r"\[(?:IPv6:)?[0-9A-Fa-f:.]{3,45}\]")
_HAN_SUFFIX = re.compile(
    "(中国|中國|公司|网络|網絡|香港|日本|台湾|台灣|澳门|澳門|新加坡|在线|中文网|网址|网站|集团|我爱你|商城|政务|公益|手机|商标|信息)"
)
_LAST = re.compile(rf"[A-Za-z{_FOREIGN}][A-Za-z0-9{_FOREIGN}-]*[A-Za-z0-9{_FOREIGN}]")
_LABELS = re.compile(
    "(?:.{0,24}(?:邮箱|邮件|邮址|信箱|地址|联系|发送|发至|发到|发给|寄给|抄送|电邮|账号|是|为|给|到|至|和|或|：))(?=.)"
)
_QUERY = re.compile("[=?&|/]")
_EDGES = ".-'`*/=?^{|}~!$%&"
_FORM = "local part and domain"
_CODE_LOCALS = frozenset({"git", "hg", "svn"})


class EmailAddressRecogniser(Recogniser):
    """Finds e-mail addresses around each @."""

    ENTITIES = ("EMAIL_ADDRESS",)
    SIGNS = ("@",)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the addresses."""
        text = view.text
        at = text.find("@")
        while at >= 0:
            if finding := _around(text, at):
                yield finding
            at = text.find("@", at + 1)


def _around(text: str, at: int) -> Finding | None:
    end = _domain_end(text, at + 1)
    if end is None:
        return None
    start = _local_start(text, at)
    if start is None:
        return None
    local, domain = text[start:at], text[at + 1 : end]
    score, why = _weigh(local, domain, text[end : end + 1])
    return Finding(start, end, "EMAIL_ADDRESS", score, _FORM, why)


def _weigh(local: str, domain: str, behind: str) -> tuple[float, str]:
    if domain[0] == "[":
        return POSSIBLE, "address literal"
    if "." not in domain:
        return WEAK, "domain of one label"
    if local in _CODE_LOCALS or (behind == "/" and len(domain) < 4):
        return WEAK, "account of a program"
    return LIKELY, "domain of several labels"


def _domain_end(text: str, start: int) -> int | None:
    if text[start : start + 1] == "[" and (literal := _LITERAL.match(text, start)):
        return literal.end()
    match = _DOMAIN.match(text, start)
    if match is None:
        return None
    domain = match[0]
    # Most are plain: nothing of them is left out, so there is nothing to go through.
    plain = "-" not in domain and domain.isascii()
    if plain and _LAST.fullmatch(domain, domain.rfind(".") + 1):
        return match.end()
    labels = domain.split(".")
    while labels and not _may_be_last(labels):
        labels.pop()
    if not labels:
        return None
    last = labels[-1]
    if suffix := _HAN_SUFFIX.match(last):
        labels[-1] = suffix[0]
    labels[-1] = labels[-1].rstrip("-")
    return start + len(".".join(labels))


def _may_be_last(labels: list[str]) -> bool:
    last = labels[-1].rstrip("-")
    if len(labels) > 1 and _HAN_SUFFIX.match(last):
        return True
    if "" in labels or _LAST.fullmatch(last) is None:
        return False
    return ".-" not in f".{'.'.join(labels)}"


def _local_start(text: str, at: int) -> int | None:
    if at and text[at - 1] == '"':
        opening = text.rfind('"', max(0, at - 2 - _MOST_LOCAL), at - 1)
        return opening if opening >= 0 and _QUOTED.fullmatch(text, opening, at) else None
    backwards = text[max(0, at - _MOST_LOCAL) : at][::-1]
    match = _ATOM.match(backwards)
    if match is not None:
        local = match[0][::-1]
        kept = local.lstrip(_EDGES)
        if not kept or kept[-1] == ".":
            return None
        # What looks like the end of a URL or a query ("mail=a@b.c") begins behind its sign.
        if _QUERY.search(kept):
            kept = _QUERY.split(kept)[-1].lstrip(_EDGES)
        return at - len(kept) if kept else None
    match = _HAN_ATOM.match(backwards)
    if match is None:
        return None
    local = match[0][::-1]
    label = _LABELS.match(local)
    kept = local[label.end() :] if label else local
    return at - len(kept.lstrip(".-+"))
