"""How a subject is named to a provider: by identifier, or by the reference that it indexed.

Owns the two ways. Refuses to name by identifier a subject that is known by reference alone. How a
reference is made is given from outside: the key is not a provider's affair.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.subject import SubjectIdentifier, SubjectKey

REFERENCE: Final = "REFERENCE"
"""The type of an address that is a reference; its value is 64 hexadecimal digits."""


class Address(msgspec.Struct, frozen=True):
    """What a provider's data has of a subject: a type and a value, both text."""

    type: str
    value: str

    def __repr__(self) -> str:
        """Show the type only."""
        return f"Address({self.type})"


Addressing = Callable[[SubjectKey], Address]
Scoped = Callable[[SubjectKey], bytes]
"""Return a subject's reference under one provider's scope."""


def by_identifier(subject: SubjectKey) -> Address:
    """Return the identifier; raises ``Refused`` with IDENTIFIER_NEEDED for a reference."""
    if not isinstance(subject, SubjectIdentifier):
        raise refuse(ErrorReason.IDENTIFIER_NEEDED)
    return Address(subject.type.value, subject.value)


def by_reference(scoped: Scoped) -> Addressing:
    """Return the addressing by scoped reference; ``scoped`` may raise ``Refused``."""
    return lambda subject: Address(REFERENCE, scoped(subject).hex())
