"""A keyholder's calls for a question about one subject.

Owns their requests and the typed answers, nothing of which is checked here. Refuses to show a tag
or a salt: what they are printed as names the contributor only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from clients.keyholder.calls import (
    KeyholderClient,
    Received,
    Stage,
    statement_message,
    statement_of,
)
from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Rpc
from clients.sdk.codecs.common import encode_subject
from clients.sdk.subject import Subject
from gateway.crypto.statement import SignedStatement
from veilgate.v1 import aggregate_pb2 as pb

# It changes nothing at the gateway but the log, where it is refused.
PREPARE: Final = Rpc(
    "/veilgate.v1.AggregateService/PrepareSubject", pb.PrepareSubjectResponse, safe=True
)


@dataclass(frozen=True, slots=True)
class PreparedTag:
    """What one contributor knows the subject by, and the statement of its box key."""

    contributor: str
    tag: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    box_key: SignedStatement = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the gateway gave for one consent, by its word."""

    tags: tuple[PreparedTag, ...]
    commitments: SignedStatement


@dataclass(frozen=True, slots=True)
class Sent:
    """A question about a subject and what goes with it; only the gateway gets the consent's id."""

    question: SignedStatement
    boxes: Sequence[bytes]
    commitments: SignedStatement
    consent_id: str


class ExposureClient(KeyholderClient):
    """A keyholder's connection, with the calls about one subject."""

    def prepare(
        self,
        dataset: str,
        purpose: str,
        consent_id: str,
        subject: Subject,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Prepared:
        """Return tags of the consent's subject, and commitments to them."""
        request = pb.PrepareSubjectRequest(
            dataset=dataset,
            purpose=purpose,
            consent_id=consent_id,
            subject=encode_subject(subject.type, subject.value),
        )
        return self._run(iter(Call(PREPARE, request, _prepared, timeout)))

    def ask_about(self, sent: Sent, limit: int, timeout: float) -> Iterator[Stage | Received]:
        """Send a signed question about a subject; as ``ask``."""
        request = pb.AskRequest(
            question=statement_message(sent.question),
            boxes=sent.boxes,
            commitments=statement_message(sent.commitments),
            consent_id=sent.consent_id,
        )
        return self.send(request, limit, timeout)


def _prepared(answer: pb.PrepareSubjectResponse) -> Prepared:
    tags = tuple(
        PreparedTag(one.contributor, one.tag, one.salt, statement_of(one.box_key))
        for one in answer.tags
    )
    return Prepared(tags, statement_of(answer.commitments))
