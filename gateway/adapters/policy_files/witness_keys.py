"""The keys in ``witnesses.yaml``: verifier keys of witnesses, each of another one.

Owns the way from the document to a ``WitnessPolicy``. Refuses a key of a log, a key that bears
another witness's name, and one public key for two witnesses.
"""

from gateway.adapters.policy_files.policy_folder import PolicyFileError
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.witness_policy import WitnessPolicy
from gateway.domain.policy.documents import WitnessesDocument

_HINT = "copy the key as `veilgate witness keygen` printed it"


def witness_policy(document: WitnessesDocument) -> WitnessPolicy:
    """Return the policy; raises ``CryptoError`` where a key is not a witness's of its own."""
    keys = tuple(VerifierKey.parse(one.key) for one in document.witnesses)
    return WitnessPolicy(keys, document.required)


def require_witness_keys(path: str, document: WitnessesDocument) -> None:
    """Raise ``PolicyFileError`` for the file ``path`` unless its keys make a policy."""
    for one in document.witnesses:
        try:
            key = VerifierKey.parse(one.key)
        except CryptoError as error:
            raise PolicyFileError(path, f"the key of {one.name}: {error}", _HINT) from None
        if key.name != one.name:
            raise PolicyFileError(path, f"the key of {one.name} has another name", _HINT)
    try:
        witness_policy(document)
    except CryptoError as error:
        raise PolicyFileError(path, str(error), _HINT) from None
