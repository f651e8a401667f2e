"""One round of encrypted sums: noise, masks, encryption, sum, re-randomising, reading."""

from fractions import Fraction
from hashlib import sha256

import pytest

from gateway.crypto.discrete_gaussian import discrete_gaussian
from gateway.crypto.elgamal import Ciphertext, ElGamalError, SecretKey, sum_many
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.masks import MaskingKey, MaskRoster, apply_masks
from gateway.domain.privacy.budget import micro_rho
from gateway.domain.privacy.noise import NoisePlan, Sensitivity, plan_noise

CLIP = 1_000
CELLS = [[120, 0, -999], [7, 1_000, 3], [0, 0, 0], [1_000, 1_000, 1_000]]
"""Each contributor's values, of which a person touches one."""
TRUE = [sum(column) for column in zip(*CELLS, strict=True)]

SECRET = SecretKey.generate()
PLAN: NoisePlan = plan_noise(
    Sensitivity(contributors=len(CELLS), cells_a_person=1, clips=(CLIP,)),
    cost=micro_rho(Fraction(1, 4)),
    colluding=1,
    length=len(TRUE),
)


def contributions() -> list[list[bytes]]:
    """What each contributor sends: 66 bytes a cell."""
    keys = [MaskingKey.generate() for _ in CELLS]
    roster = MaskRoster(
        sha256(b"Q").digest(), sha256(b"U").digest(), tuple(key.public_key() for key in keys)
    )
    sent = []
    for place, (key, values) in enumerate(zip(keys, CELLS, strict=True)):
        noisy = [value + noise() for value in values]
        masks = roster.masks(key, place, "sum", ORDER, len(noisy))
        public = SECRET.public_key()
        sent.append([c.to_bytes() for c in public.encrypt_many(apply_masks(noisy, masks, ORDER))])
    return sent


def noise() -> int:
    tail = PLAN.share_tail
    return max(-tail, min(tail, discrete_gaussian(PLAN.share_variance)))


def combined(sent: list[list[bytes]]) -> list[Ciphertext]:
    """What the gateway makes of it, without any key but the public one."""
    columns = zip(*([Ciphertext.from_bytes(one) for one in row] for row in sent), strict=True)
    return SECRET.public_key().rerandomise_many([sum_many(column) for column in columns])


def test_the_sum_is_read_with_its_noise_and_nothing_else() -> None:
    bound = PLAN.span(CLIP)
    read = SECRET.decrypt_many(combined(contributions()), -bound, bound)
    # Ten standard deviations: less than one failure in 10^22.
    limit = 10 * PLAN.total_variance**0.5
    assert all(abs(got - true) <= limit for got, true in zip(read, TRUE, strict=True))


@pytest.mark.parametrize("gone", range(len(CELLS)))
def test_without_one_contributor_nothing_is_read(gone: int) -> None:
    """The attack on a dropped contributor: the other masks do not vanish."""
    sent = contributions()
    del sent[gone]
    bound = PLAN.span(CLIP)
    for ciphertext in combined(sent):
        with pytest.raises(ElGamalError, match="out_of_bound"):
            SECRET.decrypt(ciphertext, -bound, bound)


def test_one_contribution_alone_is_unreadable_to_the_keyholder() -> None:
    bound = PLAN.span(CLIP)
    for row in contributions():
        for one in row:
            with pytest.raises(ElGamalError, match="out_of_bound"):
                SECRET.decrypt(Ciphertext.from_bytes(one), -bound, bound)


def test_two_rounds_of_one_question_do_not_cancel() -> None:
    """A contribution of another round, with other ephemeral keys, spoils the sum."""
    first, second = contributions(), contributions()
    bound = PLAN.span(CLIP)
    for ciphertext in combined([second[0], *first[1:]]):
        with pytest.raises(ElGamalError, match="out_of_bound"):
            SECRET.decrypt(ciphertext, -bound, bound)
