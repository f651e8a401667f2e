"""What stands in a masked text for each span: its type, or what a masking profile says.

Owns how a profile of the policies is put to use outside the gateway. Refuses to leave a value that
an operator cannot work on: it is replaced by its type, and so is every one of a keyed operator
where no keys are given.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clients.cli.local.pii.order import KeyPlan, MaskingPlan
from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.application.ports.detection import Detected
from gateway.domain.deid.errors import Unparsable
from gateway.domain.deid.text import TextKeys, TextPlan, compile_text
from gateway.domain.policy.compile import compile_policies
from gateway.domain.policy.masking import MaskingDocument


class ProfileMissing(Exception):
    """The policies have no masking profile of that name; the text names those there are."""


class Masker:
    """Masks texts by one plan; None: every span becomes ``<TYPE>``."""

    def __init__(self, plan: MaskingPlan | None = None) -> None:
        self._plan = None if plan is None else text_plan(plan)
        self._keys = _keys(plan.keys if plan else None)

    def mask(self, text: str, spans: Sequence[Detected]) -> str:
        """Return the masked text. Raises ValueError for spans that overlap or are out of order."""
        if not spans:
            return text
        if self._plan is None:
            return by_type(text, spans)
        return self._plan.apply(text, spans, self._keys).text


def by_type(text: str, spans: Sequence[Detected]) -> str:
    """Return ``text`` with ``<TYPE>`` for each span."""
    parts: list[str] = []
    at = 0
    for span in spans:
        start = span.start
        if start < at:
            raise ValueError("spans to mask are disjoint and in order")
        parts += (text[at:start], "<", span.type, ">")
        at = span.end
    parts.append(text[at:])
    return "".join(parts)


def text_plan(plan: MaskingPlan) -> TextPlan:
    """Return a profile ready to use; the policies must be sound as a whole.

    Raises what reading and compiling policies raises, and ProfileMissing.
    """
    bundle = read_policies(Path(plan.folder))
    compile_policies(bundle.documents, bundle.digest)
    return compile_text(_document(bundle.documents.masking, plan.profile))


def _document(documents: Sequence[MaskingDocument], name: str) -> MaskingDocument:
    for one in documents:
        if one.profile == name:
            return one
    raise ProfileMissing(", ".join(sorted(one.profile for one in documents)))


def _keys(plan: KeyPlan | None) -> TextKeys:
    if plan is None:
        return TextKeys(_no_key, _no_key, _no_key, None)
    from gateway.adapters.keys.keyed_tokens import KeyedTokens
    from gateway.adapters.keys.keyring import load_keyring

    keyring = load_keyring(Path(plan.folder))
    return KeyedTokens(keyring).bound(plan.recipient, plan.purpose, None)


def _no_key(_type: str, _value: str) -> str:
    raise Unparsable("needs a key")
