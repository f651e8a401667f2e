"""A provider's values against the contract of their dataset, on the worker's side.

Owns what type a value must have. Refuses everything else with PROVIDER_ANSWER_INVALID, naming the
field and never the value.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Value
from gateway.domain.vocabulary import FieldType

_TYPES: Final[dict[FieldType, type]] = {
    FieldType.STRING: str,
    FieldType.DATE: str,
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)


class Contract:
    """The fields of a dataset and their types.

    ``as_text``: the source has text alone, so that an integer comes as its decimal digits.
    """

    def __init__(self, document: DatasetDocument, as_text: bool) -> None:
        """Take the types out of the contract's document."""
        self._types = {field.name: _TYPES[field.type] for field in document.fields}
        self._as_text = as_text

    def record(self, fields: Sequence[str], values: Sequence[Value]) -> Mapping[str, Value]:
        """Return the values by field, or raise ``Refused`` with PROVIDER_ANSWER_INVALID."""
        if len(values) != len(fields):
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
        record = dict(zip(fields, values, strict=True))
        for field, value in record.items():
            if value is None:
                continue
            expected = self._types.get(field)
            if self._as_text and expected is int:
                record[field] = _integer(field, value)
            elif type(value) is not expected:
                raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field)
        return record


def _integer(field: str, value: Value) -> int:
    if not isinstance(value, str) or _INTEGER.fullmatch(value) is None:
        raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field)
    return int(value)
