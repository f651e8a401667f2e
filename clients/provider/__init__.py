"""What a data provider needs to be asked by a gateway: a base class, a server, a conformance test.

Import it before anything that imports gRPC: the floor of TLS 1.3 has to be there first.
"""

from clients.provider.tls_floor import install_tls13_floor

install_tls13_floor()

# The floor stands, so gRPC may be loaded.
from clients.provider.base import ProviderBase  # noqa: E402
from clients.provider.errors import CannotAnswer, ProviderError  # noqa: E402
from clients.provider.models import (  # noqa: E402
    Dataset,
    Identifier,
    Inquiry,
    Record,
    Reference,
    Subject,
)
from clients.provider.profile import ProviderProfile  # noqa: E402
from clients.provider.server import serve  # noqa: E402
from clients.sdk.vocabulary import IdentifierType  # noqa: E402

__all__ = [
    "CannotAnswer",
    "Dataset",
    "Identifier",
    "IdentifierType",
    "Inquiry",
    "ProviderBase",
    "ProviderError",
    "ProviderProfile",
    "Record",
    "Reference",
    "Subject",
    "serve",
]
