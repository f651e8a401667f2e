"""Subject proofs: equal to HMAC-SHA256 as the proto describes it, and bound to id and subject."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.subject_proof import (
    SubjectProofError,
    subject_proof,
    verify_subject_proof,
)

IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(IDS, st.binary(max_size=100))
def test_it_is_the_hmac_that_the_proto_describes(inquiry_id: str, subject: bytes) -> None:
    wanted = hmac.new(inquiry_id.encode("ascii"), subject, hashlib.sha256).digest()
    assert subject_proof(inquiry_id, subject) == wanted
    verify_subject_proof(inquiry_id, subject, wanted)


@given(IDS, IDS, st.binary(max_size=40), st.binary(max_size=40))
def test_of_another_inquiry_or_subject_it_is_refused(
    one: str, other: str, subject: bytes, another: bytes
) -> None:
    proof = subject_proof(one, subject)
    if one != other:
        with pytest.raises(SubjectProofError):
            verify_subject_proof(other, subject, proof)
    if subject != another:
        with pytest.raises(SubjectProofError):
            verify_subject_proof(one, another, proof)


@pytest.mark.parametrize("proof", [b"", bytes(31), bytes(32), bytes(33)])
def test_what_is_no_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(SubjectProofError):
        verify_subject_proof("0" * 32, b"US_SSN|900450001", proof)


@pytest.mark.parametrize("inquiry_id", ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32, "é" * 32])
def test_an_id_of_another_form_is_refused(inquiry_id: str) -> None:
    with pytest.raises(SubjectProofError):
        subject_proof(inquiry_id, b"US_SSN|900450001")
