"""What can go wrong with a value on its way through an operator.

Owns the two errors. Refuses to name the value: messages are made of field names and fixed words.
"""


class DeidError(Exception):
    """The record breaks its contract: a field is absent, or its value is of the wrong type.

    ``field`` is the field's name, empty where an operator is used outside a plan.
    """

    def __init__(self, what: str, field: str = "") -> None:
        """Take the flaw in fixed words, and the field's name."""
        super().__init__(f"{field}: {what}" if field else what)
        self.what = what
        self.field = field


class Unparsable(DeidError):
    """The type is right, but the operator cannot read the value: withhold this one field."""
