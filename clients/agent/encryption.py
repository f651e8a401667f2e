"""An agent's values as ciphertexts: masked with the roster's others, then encrypted for the asker.

Owns the two schemes' forms of a contribution. Refuses values beyond the plan's bounds, which would
reach beyond what the keyholder can read, or into another's slot; they never leave unmasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clients.agent.key_proof import EncryptionKey
from clients.agent.kinds import Progress
from clients.agent.roster import CheckedRoster
from gateway.crypto import elgamal, paillier
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.masks import MaskingKey, apply_masks
from gateway.domain.aggregate.packing_plan import Layout

_PART: Final = 2048


def encrypted(
    values: Sequence[int],
    layout: Layout,
    key: EncryptionKey,
    roster: CheckedRoster,
    own: MaskingKey,
    progress: Progress,
    label: str,
) -> bytes:
    """Return one contribution's bytes, ``layout.ciphertext_size`` for each ciphertext.

    Raises:
        ValueError: there is another number of values than the layout's, or one beyond its bound.
        MaskError: the roster does not hold the own key, or a key gives a shared secret of zero.
    """
    if len(values) != layout.length or any(abs(value) > layout.bound for value in values):
        raise ValueError("values do not fit their layout")
    plain = list(values)
    if isinstance(key, paillier.PublicKey):
        plain = _packing(layout).pack(plain)
    return masked_and_encrypted(plain, key, roster, own, progress, label)


def masked_and_encrypted(
    plain: Sequence[int],
    key: EncryptionKey,
    roster: CheckedRoster,
    own: MaskingKey,
    progress: Progress,
    label: str,
) -> bytes:
    """Return plaintexts, whatever they are, under their masks and encrypted.

    Raises:
        MaskError: as ``encrypted``.
    """
    paillier_key = isinstance(key, paillier.PublicKey)
    modulus = key.n if isinstance(key, paillier.PublicKey) else ORDER
    size = 2 * (-(-modulus.bit_length() // 8)) if paillier_key else elgamal.CIPHERTEXT_SIZE
    masks = roster.masks.masks(own, roster.place, label, modulus, len(plain))
    masked = apply_masks([value % modulus for value in plain], masks, modulus)
    if isinstance(key, paillier.PublicKey):
        key.prepare(len(masked))
    parts = list[bytes]()
    for at in range(0, len(masked), _PART):
        parts += _many(key, masked[at : at + _PART], size)
        progress(len(parts), len(masked))
    return b"".join(parts)


def _many(key: EncryptionKey, residues: Sequence[int], size: int) -> list[bytes]:
    if isinstance(key, elgamal.PublicKey):
        return [one.to_bytes() for one in key.encrypt_many(residues)]
    return [key.encrypt_raw(residue).to_bytes(size, "big") for residue in residues]


def _packing(layout: Layout) -> paillier.Packing:
    return paillier.Packing(layout.modulus_bits, layout.contributors, layout.lowest, layout.highest)
