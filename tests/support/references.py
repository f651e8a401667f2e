"""Subjects by their oblivious reference, made with the keys of a gateway's own home."""

from __future__ import annotations

from typing import Any

from clients.cli.local.demo_data.identity import Identity
from clients.cli.local.home import Home
from clients.sdk import ClientProfile
from clients.sdk.codecs.common import encode_artefact
from clients.sdk.consents.signing import PAYLOAD_TYPE, load_signing_key
from gateway.adapters.keys.keyring import load_keyring
from gateway.crypto.dsse import pae
from gateway.crypto.oprf import evaluate
from gateway.domain.subject import normalise
from gateway.domain.vocabulary import IdentifierType
from support.live_gateway import underwriting_terms
from veilgate.v1 import consent_pb2, subject_pb2


def reference_of(home: Home, applicant: Identity) -> subject_pb2.SubjectReference:
    """What SubjectService.Evaluate would give for the applicant, unblinded."""
    keyring = load_keyring(home.folder / "keys")
    identifier = normalise(IdentifierType(applicant.identity_type), applicant.identity_number)
    output = evaluate(keyring.oblivious.secret_key, identifier.encoded())
    return subject_pb2.SubjectReference(key_version=keyring.version, value=output)


def consent_by_reference(
    profile: ClientProfile,
    applicant: Identity,
    reference: subject_pb2.SubjectReference,
    **changes: Any,
) -> consent_pb2.SignedConsent:
    """``underwriting_consent`` for the reference: the artefact holds no identifier."""
    artefact = encode_artefact(underwriting_terms(profile, applicant, **changes))
    artefact.ClearField("subject")
    artefact.subject_reference.CopyFrom(reference)
    raw = artefact.SerializeToString(deterministic=True)
    key, key_id = load_signing_key(profile)
    return consent_pb2.SignedConsent(
        artefact=raw, key_id=key_id, signature=key.sign(pae(PAYLOAD_TYPE, raw))
    )
