"""The check of a collector's signature: these bytes, this key, this payload type, or refused."""

import msgspec
import pytest

from gateway.adapters.keys.dsse_signatures import PAYLOAD_TYPE, verify_consent
from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.domain.reasons import ErrorReason, Refused
from support.store_world import fresh_person, terms

KEY, OTHER = SigningKey.from_seed(b"\x01" * 32), SigningKey.from_seed(b"\x02" * 32)
PUBLIC = KEY.public_key.raw
ARTEFACT = b"\x0a\x05terms"
SIGNATURE = KEY.sign(pae(PAYLOAD_TYPE, ARTEFACT))


def consent(artefact: bytes = ARTEFACT, signature: bytes = SIGNATURE) -> NewConsent:
    return NewConsent(fresh_person(), terms(), SignedArtefact(artefact, "key-1", signature))


def test_the_signers_own_signature_passes() -> None:
    verify_consent(PUBLIC, consent())
    # DSSE v1.0, protocol.md: the bytes that are signed, written out.
    kind = PAYLOAD_TYPE.encode()
    written = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(ARTEFACT), ARTEFACT)
    verify_consent(PUBLIC, consent(signature=KEY.sign(written)))


@pytest.mark.parametrize(
    ("key", "presented"),
    [
        (OTHER.public_key.raw, consent()),
        (PUBLIC, consent(artefact=ARTEFACT + b"\x00")),
        (PUBLIC, consent(artefact=b"")),
        (PUBLIC, consent(signature=KEY.sign(ARTEFACT))),
        (PUBLIC, consent(signature=KEY.sign(pae("application/other", ARTEFACT)))),
        (PUBLIC, consent(signature=OTHER.sign(pae(PAYLOAD_TYPE, ARTEFACT)))),
        (PUBLIC, consent(signature=SIGNATURE[:63])),
        (PUBLIC, consent(signature=SIGNATURE + b"\x00")),
        (PUBLIC, consent(signature=b"")),
        (PUBLIC, consent(signature=bytes(64))),
        (PUBLIC[:31], consent()),
        (bytes(32), consent()),
        (b"", consent()),
    ],
)
def test_anything_else_is_refused(key: bytes, presented: NewConsent) -> None:
    with pytest.raises(Refused) as caught:
        verify_consent(key, presented)
    (finding,) = caught.value.findings
    assert (finding.reason, finding.element) == (
        ErrorReason.CONSENT_SIGNATURE_INVALID,
        "signature",
    )


@pytest.mark.parametrize("bit", range(0, 512, 7))
def test_no_bit_of_the_signature_may_differ(bit: int) -> None:
    changed = bytearray(SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refused):
        verify_consent(PUBLIC, consent(signature=bytes(changed)))


def test_the_terms_are_not_what_is_signed() -> None:
    """They are decoded from the artefact by the servicer; only its bytes are checked here."""
    verify_consent(PUBLIC, msgspec.structs.replace(consent(), terms=terms(uses=1)))
