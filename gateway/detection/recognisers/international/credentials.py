"""SECRET and USER_NAME: passwords, tokens, keys and log-in names.

Sources: the published prefixes of keys (AWS, GitHub, Slack, Stripe, Google, OpenAI), RFC 7519 (JSON
web tokens), RFC 7468 (private keys). Refuses program text: a value that is a call, a type, a name
or a placeholder is none. A password needs its label and two kinds of character.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_KEYS = (
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{22,82}"
    r"|xox[abprs]-[0-9A-Za-z-]{10,72}|[sr]k_(?:live|test)_[0-9A-Za-z]{16,64}"
    r"|sk-(?:proj-|ant-)?[0-9A-Za-z_-]{20,160}|AIza[0-9A-Za-z_-]{35}|glpat-[0-9A-Za-z_-]{20}"
    r"|eyJ[0-9A-Za-z_-]{10}[0-9A-Za-z_-]*\.eyJ[0-9A-Za-z_-]{10}[0-9A-Za-z_-]*"
    r"\.[0-9A-Za-z_-]{10}[0-9A-Za-z_-]*"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
)
_HIDDEN_LABELS = (
    r"pass ?words?|passwd|passcode|passphrase|pwd|api[ _-]?key|api[ _-]?token|access[ _-]?token"
    r"|auth[ _-]?token|refresh[ _-]?token|secret[ _-]?key|client[ _-]?secret|secret|token|bearer"
    r"|pin|otp|credentials?"
)
_USER_LABELS = (
    r"user[ _-]?names?|user[ _-]?id|login(?:[ _-]?(?:name|id))?|log-?in|screen ?name"
    r"|account name"
)
_BETWEEN = r"[\"']?(?: ?(?:is|was|=|:|:=|=>|to|as)| ?\?{1,3}[:?]{0,2})[ \"'?]{0,3}"
_CHINESE_SECRET = ("密码", "口令", "密碼", "密钥", "令牌", "验证码", "驗證碼", "秘钥")
_CHINESE_USER = ("用户名", "登录名", "用戶名", "登录账号", "登录帐号", "账户名", "用户账号", "昵称")
_CHINESE = re.compile(
    f"(?P<secret>{'|'.join(_CHINESE_SECRET)})|(?P<user>{'|'.join(_CHINESE_USER)})"
)
_CHINESE_BETWEEN = re.compile("[\"'” ]{0,2}(?:为|是|[:：=]|改为|改成){0,2}[ \"'“”]{0,3}")
_VALUE = re.compile(r"[!-~]{3,128}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,63}")
_STOPS = re.compile(r"[\"',;)\]}<>]")
_PROGRAM = re.compile(
    r"(?:[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+|[A-Za-z_][A-Za-z0-9_.]*[(\[].*"
    r"|[$%<{(\[&*].*|(?i:str|string|text|varchar|null|none|nil|true|false|int|bytes|optional|required"
    r"|hidden|redacted|changed?|reset|invalid|incorrect|correct|wrong|missing|expired|empty|unknown)\b.*)"
)
_NO_NAMES = codes(
    "str string text none null true false int the and not for from with this that name user admin"
    " root required optional unknown page screen form failed attempt error was has is"
)


class SecretKeyRecogniser(Recogniser):
    """Finds keys and tokens by their prefix."""

    ENTITIES = ("SECRET",)
    GATES = (
        r"AKIA|ASIA|gh[pousr]_|github_pat_|xox[abprs]-|[sr]k_(?:live|test)|\bsk-|AIza|glpat-|\beyJ"
        r"|PRIVATE KEY",
    )
    _KEYS = Pattern(_KEYS)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the keys."""
        for match in self._KEYS.standing_alone(view.ascii):
            yield Finding(match.start, match.end, "SECRET", LIKELY, "prefix of a key", "form fits")


class CredentialRecogniser(Recogniser):
    """Finds passwords and log-in names behind an English label."""

    ENTITIES = ("SECRET", "USER_NAME")
    GATES = (rf"(?i)\b(?:{_HIDDEN_LABELS}|{_USER_LABELS}){_BETWEEN}[^ ]",)
    _SECRET_LABEL = Pattern(rf"\b(?:{_HIDDEN_LABELS}){_BETWEEN}", ignore_case=True)
    _USER_LABEL = Pattern(rf"\b(?:{_USER_LABELS}){_BETWEEN}", ignore_case=True)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield passwords and names."""
        yield from _behind(view, self._SECRET_LABEL.matches(view.ascii), secret=True)
        yield from _behind(view, self._USER_LABEL.matches(view.ascii), secret=False)


class CnCredentialRecogniser(Recogniser):
    """Finds them behind a Chinese label."""

    ENTITIES = ("SECRET", "USER_NAME")
    NAMED = ENTITIES
    NEEDS_DIGITS = False
    GATES = (
        r"\?\?[ \"']{0,2}[:=][ \"'?]{0,3}[!->@-~][!-~]{2}",
        r"\?\? ?(?:[!#-&*+A-Za-z][!-~]{3}|[0-9]{4}(?:[0-9]{2})?(?:[^0-9]|$))",
    )
    CONTEXT: ClassVar = {"SECRET": _CHINESE_SECRET, "USER_NAME": _CHINESE_USER}

    def find(self, view: View) -> Iterator[Finding]:
        """Yield passwords and names."""
        if not view.text.isascii() and any(view.context.all(one) for one in self.ENTITIES):
            yield from _behind_chinese(view)


def _behind(view: View, labels: Iterator[Match], *, secret: bool) -> Iterator[Finding]:
    for label in labels:
        if finding := _value(view.text, label.end, secret=secret, word="label"):
            yield finding


def _behind_chinese(view: View) -> Iterator[Finding]:
    for label in _CHINESE.finditer(view.text):
        between = _CHINESE_BETWEEN.match(view.text, label.end())
        start = between.end() if between else label.end()
        secret = label["secret"] is not None
        if finding := _value(view.text, start, secret=secret, word=label[0]):
            yield finding


def _value(text: str, start: int, *, secret: bool, word: str) -> Finding | None:
    match = (_VALUE if secret else _NAME).match(text, start)
    if match is None:
        return None
    value = match[0]
    if text[start - 1 : start] in ('"', "'") and (stop := value.find(text[start - 1])) >= 0:
        value = value[:stop]
    elif secret and (stopped := _STOPS.search(value)):
        value = value[: stopped.start()]
    value = value.rstrip(".:?!_-" if not secret else ".,:")
    score = _secret_score(value) if secret else _name_score(value, text[start + len(value) :][:1])
    if score == 0:
        return None
    entity = "SECRET" if secret else "USER_NAME"
    return Finding(start, start + len(value), entity, score, "behind a label", f"near {word}")


def _secret_score(value: str) -> float:
    if len(value) < 4 or _PROGRAM.fullmatch(value):
        return 0.0
    kinds = sum(
        any(test(one) for one in value)
        for test in (str.isdigit, str.islower, str.isupper, lambda one: not one.isalnum())
    )
    if value.isdigit():
        return POSSIBLE if 4 <= len(value) <= 8 else WEAK
    if kinds >= 2 and any(map(str.isdigit, value)):
        return LIKELY
    return POSSIBLE if kinds >= 3 and len(value) >= 8 else WEAK


def _name_score(value: str, behind: str) -> float:
    if len(value) < 3 or value.lower() in _NO_NAMES or behind in ("(", "[", "="):
        return 0.0
    if any(map(str.isdigit, value)) and any(map(str.isalpha, value)):
        return LIKELY - 0.1
    return POSSIBLE - 0.05 if "_" in value or "." in value else WEAK
