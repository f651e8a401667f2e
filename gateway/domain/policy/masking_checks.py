"""What a masking profile must not say: every refusal within one document of ``masking/``.

Owns the refusals listed under "What the compiler refuses" in README.md that concern a profile
alone. Each raises ``PolicyError``.
"""

from collections.abc import Iterator

from gateway.domain.policy.masking import FormatPreserving, MaskingDocument, TextOperator
from gateway.domain.policy.operators import Generalise, Mask
from gateway.domain.policy.policy_error import PolicyError

_MIN_DIGITS = 6


def check_masking(document: MaskingDocument) -> None:
    """Refuse a profile whose parts do not fit one another."""
    profile = f"masking profile {document.profile}"
    for name, operator in _text_operators(document):
        flaw = _text_misfit(document, operator)
        if flaw:
            raise PolicyError(f"{profile}, text, {name}", flaw)
    for name, bound in document.composition.items():
        mask = document.masks.get(name)
        if mask is None:
            raise PolicyError(f"{profile}, composition", f"there is no mask {name}")
        shown = mask.keep_first + mask.keep_last
        if bound.length - shown < bound.hidden_at_least:
            what = f"the mask shows {shown} of {bound.length} characters, so that fewer than the"
            raise PolicyError(
                f"{profile}, composition, {name}", f"{what} {bound.hidden_at_least} stay hidden"
            )


def _text_operators(document: MaskingDocument) -> Iterator[tuple[str, TextOperator]]:
    yield "default", document.text.default
    yield from document.text.operators.items()
    for name, operator in document.text.zh.items():
        yield f"zh {name}", operator


def _text_misfit(document: MaskingDocument, operator: TextOperator) -> str:
    """Return why the operator cannot stand there, or an empty string if it can."""
    if isinstance(operator, Mask) and operator.using not in document.masks:
        return f"the profile has no mask {operator.using}"
    if isinstance(operator, Generalise) and operator.bands is not None:
        return "free text is generalised by date or address, not by bands"
    if isinstance(operator, FormatPreserving):
        if operator.algorithm != "FF1":
            return f"{operator.algorithm} is withdrawn, attacks on it are known: use FF1"
        if operator.min_digits < _MIN_DIGITS:
            return f"FF1 needs a domain of a million values: min_digits is {_MIN_DIGITS} at least"
    return ""
