"""References: naming a subject so that the gateway never sees the identifier.

Owns blinding, having evaluated, and checking (RFC 9497). Refuses an evaluation that is not proven
to be under the pinned key: a gateway that used a key of its own for each client could tell whose
references it meets again. The key that comes with the answer is never what is checked against.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Rpc
from clients.sdk.calls.method import Method, TrustedMethod
from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.identity.trust import Trust
from clients.sdk.normal_form import encoded_identifier
from clients.sdk.subject import SubjectReference
from clients.sdk.vocabulary import IdentifierType, word_of
from gateway.crypto.errors import CryptoError
from gateway.crypto.oprf_client import Blinded, blind, finalize_batch
from veilgate.v1 import subject_pb2 as pb

_SERVICE: Final = "/veilgate.v1.SubjectService/"
KEY: Final = Rpc(f"{_SERVICE}GetReferenceKey", pb.GetReferenceKeyResponse, safe=True)
# Each evaluation counts against the day's quota, whether its answer arrives or not.
EVALUATE: Final = Rpc(f"{_SERVICE}Evaluate", pb.EvaluateResponse, safe=False)
MAX_BATCH: Final = 1000
"""Elements in one evaluation."""


@dataclass(frozen=True, slots=True)
class ReferenceKey:
    """A key of the gateway's, by its word: to be compared with what the operator gave you.

    ``public_key`` is an element of ristretto255, 32 bytes.
    """

    key_version: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Evaluated elements (32 bytes each, in the order sent) and one proof over all of them.

    ``quota_left`` is how many elements may still be evaluated today.
    """

    elements: tuple[bytes, ...]
    proof: bytes
    key_version: str
    quota_left: int


def _reference_key(timeout: float = DEFAULT_TIMEOUT) -> Flow[ReferenceKey]:
    """The public key of evaluations, by the gateway's word."""

    def read(answer: pb.GetReferenceKeyResponse) -> ReferenceKey:
        return ReferenceKey(answer.key_version, answer.public_key)

    return iter(Call(KEY, pb.GetReferenceKeyRequest(), read, timeout))


def _evaluate(
    blinded_elements: Sequence[bytes], timeout: float = DEFAULT_TIMEOUT
) -> Flow[Evaluation]:
    """Have 1 to 1000 blinded elements evaluated; the proof is not checked yet."""
    return iter(_evaluation(blinded_elements, timeout))


def _evaluation(elements: Sequence[bytes], timeout: float) -> Call[Evaluation]:
    def read(answer: pb.EvaluateResponse) -> Evaluation:
        if len(answer.evaluated_elements) != len(elements):
            raise AnswerError("does not have one evaluated element for each that was sent")
        return Evaluation(
            tuple(answer.evaluated_elements), answer.proof, answer.key_version, answer.quota_left
        )

    return Call(EVALUATE, pb.EvaluateRequest(blinded_elements=elements), read, timeout)


def _reference(
    trust: Trust,
    subject_type: str,
    subject_id: str,
    reference_key: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[SubjectReference]:
    """A subject's reference; the identifier is blinded here and does not leave this process.

    ``reference_key`` is the gateway's public key in hex; the profile's where it is left out. Counts
    as one evaluation of today's quota.

    Raises:
        RequestError: no valid identifier, or no pinned key.
        AnswerError: the evaluation is not proven to be under that key.
    """
    found = yield from _references(trust, [(subject_type, subject_id)], reference_key, timeout)
    return found[0]


def _references(
    trust: Trust,
    subjects: Iterable[tuple[str, str]],
    reference_key: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[tuple[SubjectReference, ...]]:
    """References of 1 to 1000 pairs of type and identifier, in their order, by one evaluation.

    Raises:
        RequestError: none or too many, one that is no valid identifier, or no pinned key; then
            nothing has been sent.
        AnswerError: the evaluation is not proven to be under that key.
    """
    key = trust.evaluation_key(reference_key)
    blinded = _blinded(subjects)
    evaluation = yield from _evaluation([one.element for one in blinded], timeout)
    try:
        outputs = finalize_batch(blinded, evaluation.elements, evaluation.proof, key)
        return tuple(SubjectReference(evaluation.key_version, output) for output in outputs)
    except (CryptoError, ValueError) as error:
        raise AnswerError("is not an evaluation under the pinned key") from error


def _blinded(subjects: Iterable[tuple[str, str]]) -> list[Blinded]:
    messages = [encoded_identifier(word_of(IdentifierType, kind), raw) for kind, raw in subjects]
    if not 1 <= len(messages) <= MAX_BATCH:
        raise RequestError(f"an evaluation takes 1 to {MAX_BATCH} subjects", "Send them in parts.")
    return [blind(message) for message in messages]


class SubjectCalls:
    """References of subjects."""

    reference_key = Method(_reference_key)
    evaluate = Method(_evaluate)
    reference = TrustedMethod(_reference)
    references = TrustedMethod(_references)
