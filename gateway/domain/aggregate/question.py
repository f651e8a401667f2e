"""Questions: what an asker signs, and nobody may change after that.

Owns the three kinds as typed statements. A question names everything that its answer depends on:
dataset, snapshot, contract, cost, noise, scheme, key. Refuses free-form queries and values that no
contract lists; whether a contract lists them is for ``plan`` to check.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.domain.aggregate.contract import AggregateContract, MicroRho
from gateway.domain.policy.document_base import DottedName, InstitutionId, Name

RoundId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$", description="128 random bits")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256, in hex")]
UnixTime = Annotated[int, Meta(ge=1_700_000_000, le=7_258_118_400)]
Scheme = Literal["elgamal", "paillier"]
MAX_LIFE_S = 3600
"""From a question's issue to its expiry."""
MAX_PROOF: Final = 50_000
"""Characters: of a Paillier key of 3072 bits it is 36,864, of 4096 bits 49,152."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base of what is signed: strict JSON with its fields in order."""

    def encoded(self) -> bytes:
        """Return the bytes to sign. What was received is never encoded again, only hashed."""
        return msgspec.json.encode(self)


def know_types(*kinds: type[msgspec.Struct]) -> None:
    """Have msgspec learn these types now, while one thread imports them.

    What it knows of a type is made at the type's first use, and two first uses at the same time end
    the process: two runs in sixty with msgspec 0.22 and threads that read their first question.
    """
    for kind in kinds:
        msgspec.json.Decoder(kind)


class AskerKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The public key that an answer is encrypted under, with the proof that its owner made it.

    ``key`` is hexadecimal: for ElGamal a point of 33 bytes, for Paillier the modulus. ``proof`` is
    of possession for ElGamal, 64 bytes, hexadecimal; for Paillier of the modulus's shape, in
    base64url without padding (RFC 4648, section 5), because hexadecimal would not leave room for a
    question beside it in a message. The proof's context is ``key_context(asker)``.
    """

    scheme: Scheme
    key: Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+$", max_length=2048)]
    proof: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]+$", max_length=MAX_PROOF)]

    def proof_bytes(self) -> bytes:
        """Return the proof; raises ``ValueError`` unless it is written as ``proof_text`` does."""
        if self.scheme == "elgamal":
            proof = bytes.fromhex(self.proof)
        else:
            proof = b64decode(self.proof + "=" * (-len(self.proof) % 4), b"-_", validate=True)
        if proof_text(self.scheme, proof) != self.proof:
            raise ValueError("a proof has one spelling")
        return proof


def proof_text(scheme: Scheme, proof: bytes) -> str:
    """Return a proof as it stands in an ``AskerKey``."""
    if scheme == "elgamal":
        return proof.hex()
    return urlsafe_b64encode(proof).rstrip(b"=").decode("ascii")


def key_context(asker: str) -> bytes:
    """Return what a key's proof is bound to: the institution that it is registered for."""
    return b"veilgate/aggregate-key/v1|" + asker.encode()


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People whose value in a dimension is one of these."""

    dimension: Name
    among: Annotated[tuple[str, ...], Meta(min_length=1, max_length=512)]


class Asked(Statement, frozen=True, kw_only=True):
    """What the kinds of question have in common."""

    id: RoundId
    asker: InstitutionId
    dataset: DottedName
    snapshot: Annotated[str, Meta(max_length=32)]
    contract: Digest
    purpose: DottedName
    key: AskerKey
    issued_at: UnixTime
    expires_at: UnixTime

    def __post_init__(self) -> None:
        """Refuse a life that is empty or long."""
        if not self.issued_at < self.expires_at <= self.issued_at + MAX_LIFE_S:
            raise ValueError("a question lives for an hour at most")


class CohortQuestion(Asked, frozen=True, kw_only=True, tag_field="kind", tag="cohort"):
    """Statistics of a cohort, in groups: counts, and sums, squares, histograms of measures."""

    where: Annotated[tuple[Condition, ...], Meta(max_length=16)] = ()
    group_by: Annotated[tuple[Name, ...], Meta(max_length=4)] = ()
    sums: Annotated[tuple[Name, ...], Meta(max_length=16)] = ()
    squares: Annotated[tuple[Name, ...], Meta(max_length=16)] = ()
    """Measures whose sum of squares is asked for too: each must be among ``sums``."""
    histograms: Annotated[tuple[Name, ...], Meta(max_length=4)] = ()
    cost: MicroRho
    share_variance: Annotated[int, Meta(ge=1)]
    """Of one contributor's noise, in squared steps; follows from the rest (``plan``)."""

    def __post_init__(self) -> None:
        """Refuse names that stand twice, and squares without their sum."""
        Asked.__post_init__(self)
        filtered = tuple(one.dimension for one in self.where)
        for names in (filtered, self.group_by, self.sums, self.squares, self.histograms):
            if len(set(names)) != len(names):
                raise ValueError("a name stands twice")
        if not set(self.squares) <= set(self.sums):
            raise ValueError("squares are of measures whose sum is asked for")

    def cohort(self) -> bytes:
        """Return what two questions share that ask for the same figures of the same people.

        The id, the key and the times are not in it: an agent answers the same content with the
        same values and the same noise.
        """
        return msgspec.json.encode(
            (
                *(self.asker, self.dataset, self.snapshot, self.contract, self.where),
                *(self.group_by, self.sums, self.squares, self.histograms, self.cost),
                self.share_variance,
            )
        )


class SubjectQuestion(Asked, frozen=True, kw_only=True, tag_field="kind", tag="subject"):
    """One consenting subject over all contributors.

    ``tags`` has one commitment for each contributor, in the contract's order; ``boxes`` is the
    SHA-256 over the sealed boxes, each 32-bit length prefixed, in that order.
    """

    consent: Digest
    """The commitment to the consent: one for all contributors."""
    tags: Annotated[tuple[Digest, ...], Meta(min_length=3, max_length=256)]
    boxes: Digest


class BinningJob(Asked, frozen=True, kw_only=True, tag_field="kind", tag="binning"):
    """Events by bin for a lender's rows: features by name, the rows and their consents by root."""

    features: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=2000)]
    mode: Literal["exact", "dp"]
    cost: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    rows: Annotated[int, Meta(ge=1, le=10**7)]
    row_root: Digest
    """Merkle root (RFC 9162) over the rows' consent ids, in the order of the rows."""

    def __post_init__(self) -> None:
        """Refuse a cost where nothing is noisy, none where something is, and doubles."""
        Asked.__post_init__(self)
        if (self.mode == "dp") != (self.cost > 0):
            raise ValueError("a cost goes with the mode dp, and only with it")
        if len(set(self.features)) != len(self.features):
            raise ValueError("a name stands twice")


Question = CohortQuestion | SubjectQuestion | BinningJob
# Made at import, for the reason of ``know_types``.
_QUESTIONS: Final[msgspec.json.Decoder[Question]] = msgspec.json.Decoder(Question)


def read_question(payload: bytes) -> Question:
    """Read a signed question; raises ``ValueError`` (msgspec) for anything else."""
    return _QUESTIONS.decode(payload)


class WrongContract(ValueError):
    """A question does not fit the contract; the text names what of it."""


def require_contract(question: Asked, contract: AggregateContract) -> None:
    """Check that a question is about this very contract; raises ``WrongContract``."""
    if question.dataset != contract.dataset:
        raise WrongContract("dataset")
    if question.snapshot != contract.snapshot:
        raise WrongContract("snapshot")
    if question.contract != contract.digest:
        raise WrongContract("contract")
