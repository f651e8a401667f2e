from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.aggregate.contract import AggregateContract, SubjectTerms
from gateway.domain.aggregate.subject import (
    SubjectFigures,
    bounds_of,
    box_context,
    boxes_digest,
    tag_commitment,
    values_of,
)
from gateway.domain.policy.document_base import Bilingual, Recipients
from gateway.domain.vocabulary import Role

TERMS = SubjectTerms(
    purposes=("credit.underwriting",),
    recipients=Recipients(roles=(Role.LENDER,)),
    articles=("PIPL 13",),
    identifiers=("CN_RESIDENT_ID",),
    unit=1000,
    largest=10_000_000,
    buckets=(1, 30, 60, 90),
)
CONTRACT = AggregateContract(
    version=1,
    dataset="credit.loans",
    title=Bilingual("Loans", "贷款"),
    snapshot="2026-10-31",
    contributors=("a-1", "b-1", "c-1"),
    minimum_contributors=3,
    subject=TERMS,
)
figures = st.builds(
    SubjectFigures, st.booleans(), st.integers(-(10**15), 10**15), st.integers(0, 10**6)
)


@given(figures)
def test_values_lie_within_a_contributors_part_of_the_bounds(one: SubjectFigures) -> None:
    for value, bound in zip(values_of(one, TERMS), bounds_of(CONTRACT, TERMS), strict=True):
        assert 0 <= value <= bound // len(CONTRACT.contributors)


@given(figures)
def test_who_holds_nothing_gives_zeros_and_who_holds_is_in_one_bucket_at_most(
    one: SubjectFigures,
) -> None:
    holds, _, *buckets = values_of(one, TERMS)
    if not one.holds:
        assert set(values_of(one, TERMS)) == {0}
    assert sum(buckets) == int(bool(holds) and one.days_past_due >= TERMS.buckets[0])


def test_amounts_are_rounded_to_the_unit_and_the_worst_days_fall_into_their_bucket() -> None:
    assert values_of(SubjectFigures(True, 1499, 0), TERMS) == (1, 1, 0, 0, 0, 0)
    assert values_of(SubjectFigures(True, 1500, 30), TERMS) == (1, 2, 0, 1, 0, 0)
    assert values_of(SubjectFigures(True, 10**9, 365), TERMS) == (1, 10_000, 0, 0, 0, 1)


@given(st.binary(max_size=40), st.text(max_size=9), st.binary(max_size=40), st.binary(max_size=9))
def test_a_commitment_has_one_reading(salt: bytes, name: str, tag: bytes, more: bytes) -> None:
    one = tag_commitment(salt, name, tag)
    assert one != tag_commitment(salt + more + b"x", name, tag)
    if more:
        assert one != tag_commitment(salt, name, more + tag)
        assert tag_commitment(salt + more, name, tag) != tag_commitment(salt, name, more + tag)


def test_boxes_and_contexts_have_one_reading() -> None:
    assert boxes_digest([b"ab", b"c"]) != boxes_digest([b"a", b"bc"])
    assert boxes_digest([b"a", b"b"]) != boxes_digest([b"b", b"a"])
    assert box_context("ab", "c") != box_context("a", "bc")
