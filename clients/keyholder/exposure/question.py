"""From a wish to know one person's exposure to a question that can be signed.

Owns the wish, the draft with its sealed boxes, and the open question with what is sent beside it.
Refuses what the contract does not let be asked, before anything is sent. It keeps no identifier and
no tag: those are in the boxes, which only the contributors' agents can open.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from clients.keyholder.errors import KeyholderError
from clients.keyholder.exposure.calls import Sent
from clients.keyholder.exposure.checks import CheckedTags
from clients.sdk.normal_form import encoded_identifier
from clients.sdk.subject import Subject
from gateway.crypto.elgamal import CIPHERTEXT_SIZE
from gateway.crypto.hpke import seal_box
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract, SubjectTerms
from gateway.domain.aggregate.question import (
    MAX_LIFE_S,
    AskerKey,
    SubjectQuestion,
    WrongContract,
    read_question,
    require_contract,
)
from gateway.domain.aggregate.statements import digest_of
from gateway.domain.aggregate.subject import (
    bounds_of,
    box_context,
    boxes_digest,
    require_subject_terms,
)

_NEXT: Final = "See what may be asked: veilgate aggregate contract"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to ask about, what for, and the consent to it.

    Raises:
        RequestError: the subject is no identifier of its type.
    """

    dataset: str
    purpose: str
    consent_id: str
    subject: Subject

    def __post_init__(self) -> None:
        """Refuse what no reference could be made of."""
        encoded_identifier(self.subject.type, self.subject.value)

    @property
    def identifier(self) -> bytes:
        """The subject in its normal form: two spellings of one person are one."""
        return encoded_identifier(self.subject.type, self.subject.value)


@dataclass(frozen=True, slots=True)
class OpenExposure:
    """An own signed question about a subject, and what is sent beside it."""

    statement: SignedStatement
    question: SubjectQuestion
    contract: AggregateContract
    commitments: SignedStatement
    boxes: tuple[bytes, ...] = field(repr=False)
    consent_id: str

    @property
    def id(self) -> str:
        """The round."""
        return self.question.id

    @property
    def digest(self) -> str:
        """Of the signed bytes, in hex."""
        return digest_of(self.statement.payload)

    @property
    def terms(self) -> SubjectTerms:
        """The contract's terms, which the question is of."""
        return require_subject_terms(self.question, self.contract)

    @property
    def bounds(self) -> tuple[int, ...]:
        """The largest sum that each value can have."""
        return bounds_of(self.contract, self.terms)

    @property
    def most_bytes(self) -> int:
        """What the ciphertexts of a result can have at most."""
        return len(self.bounds) * CIPHERTEXT_SIZE

    @property
    def sent(self) -> Sent:
        """What is sent: the same bytes each time."""
        return Sent(self.statement, self.boxes, self.commitments, self.consent_id)


def require_wish(wish: Wish, contract: AggregateContract) -> SubjectTerms:
    """Return the terms that a wish is of.

    Raises:
        KeyholderError: the contract does not let it be asked.
    """
    terms = contract.subject
    if terms is None:
        raise KeyholderError("the dataset answers no questions about one subject", _NEXT)
    if wish.purpose not in terms.purposes:
        raise KeyholderError(
            "the contract does not know that purpose", f"Give one of {', '.join(terms.purposes)}."
        )
    if wish.subject.type.value not in terms.identifiers:
        raise KeyholderError(
            "the contract does not know that type of identifier",
            f"Give one of {', '.join(terms.identifiers)}.",
        )
    return terms


def draft_exposure(
    *,
    wish: Wish,
    asker: str,
    contract: AggregateContract,
    checked: CheckedTags,
    key: AskerKey,
    now: int,
) -> tuple[SubjectQuestion, tuple[bytes, ...]]:
    """Return a question with a fresh id, and its boxes; it ends when the commitments do."""
    identity = secrets.token_hex(16)
    boxes = tuple(
        seal_box(one.content, one.box_key, box_context(identity, one.contributor))
        for one in checked.tags
    )
    question = SubjectQuestion(
        id=identity,
        asker=asker,
        dataset=contract.dataset,
        snapshot=contract.snapshot,
        contract=contract.digest,
        purpose=wish.purpose,
        key=key,
        issued_at=now,
        expires_at=min(now + MAX_LIFE_S, checked.said.expires_at),
        consent=checked.said.consent,
        tags=checked.said.tags,
        boxes=boxes_digest(boxes),
    )
    return question, boxes


def open_exposure(
    statement: SignedStatement,
    contract: AggregateContract,
    commitments: SignedStatement,
    boxes: tuple[bytes, ...],
    consent_id: str,
) -> OpenExposure:
    """Put together what belongs together.

    Raises:
        KeyholderError: it does not.
    """
    try:
        question = read_question(statement.payload)
        if not isinstance(question, SubjectQuestion):
            raise WrongContract("kind")
        require_contract(question, contract)
        require_subject_terms(question, contract)
        if boxes_digest(boxes) != question.boxes:
            raise WrongContract("boxes")
    except ValueError:
        raise KeyholderError("the stored question is malformed", "Ask anew.") from None
    return OpenExposure(statement, question, contract, commitments, boxes, consent_id)
