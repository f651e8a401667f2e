"""From options to a question, its price, and the layout that agents and keyholder share."""

import time
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.keyholder.calls import BudgetView
from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.expected import preview
from clients.keyholder.keys.held_key import make_key
from clients.keyholder.planner import contract_of, draft
from clients.keyholder.rounds import RoundStore, open_question
from clients.keyholder.wanted import Figure, conditions, micro_rho, quantile
from clients.sdk.failure import RequestError
from gateway.crypto.paillier import Packing
from gateway.domain.aggregate.packing_plan import Layout, layout_of
from gateway.domain.aggregate.question import AskerKey, Condition, WrongContract, read_question
from gateway.domain.privacy.budget import shown_epsilon
from support.keyholders import ASKER, DATASET, World, contract, wanted

NOW = 1_790_000_000
BUDGET = BudgetView(DATASET, 5_000_000, 1_000_000, 3_000_000, 2, 20, NOW, NOW + 86_400)
PAILLIER = AskerKey(scheme="paillier", key="ff" * 384, proof="00")


def test_figures_become_the_sums_that_they_are_made_of() -> None:
    asked = wanted(
        figures=(
            Figure("deviation", "months"),
            Figure("mean", "amount"),
            Figure("quantile", "amount", "0.5"),
        )
    )
    assert asked.sums == ("amount", "months")
    assert asked.squares == ("months",)
    assert asked.histograms == ("amount",)


def test_the_same_wish_in_another_order_is_the_same_question() -> None:
    one = wanted(where=conditions(["market=CN", "housing=rent", "housing=own"]))
    other = wanted(where=conditions(["housing=own", "housing=rent", "market=CN"]))
    assert one == other
    assert one.where == (Condition("housing", ("own", "rent")), Condition("market", ("CN",)))


def test_a_question_is_what_gateway_and_agents_will_compute(tmp_path: Path) -> None:
    terms = contract()
    planned = draft(wanted(figures=(Figure("mean", "amount"),)), terms, ASKER)
    key = make_key("elgamal", ASKER)
    question = planned.question(ASKER, key.public, NOW)
    again = read_question(question.encoded())
    assert again == question
    assert question.contract == terms.digest
    assert question.share_variance == planned.plan.noise.share_variance
    assert question.expires_at == NOW + 3600
    assert question.id != planned.question(ASKER, key.public, NOW).id


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "credit.marketing"},
        {"where": conditions(["colour=red"])},
        {"where": conditions(["market=US"])},
        {"group_by": ("colour",)},
        {"group_by": ("market", "market")},
        {"figures": (Figure("mean", "height"),)},
        {"figures": (Figure("histogram", "months"),)},
        {"figures": (Figure("sum", "Not A Name"),)},
        {"cost": 2_000_000},
        {"cost": 7},
    ],
)
def test_what_the_contract_does_not_list_is_refused_before_anybody_is_asked(
    changes: dict[str, object],
) -> None:
    with pytest.raises(KeyholderError):
        draft(wanted(**changes), contract(), ASKER)


def test_a_dataset_without_cohorts_is_refused() -> None:
    with pytest.raises(KeyholderError):
        draft(wanted(), contract(cohort=None), ASKER)


def test_a_key_of_the_other_scheme_makes_no_question() -> None:
    with pytest.raises(KeyholderError):
        draft(wanted(), contract(), ASKER).question(ASKER, PAILLIER, NOW)


@pytest.mark.parametrize("encoded", [b"{}", b"[]", b"", contract().encoded() + b" "])
def test_bytes_that_are_no_contract_are_refused(encoded: bytes) -> None:
    with pytest.raises(KeyholderError):
        contract_of(encoded, DATASET)


def test_another_datasets_contract_is_refused() -> None:
    with pytest.raises(KeyholderError):
        contract_of(contract().encoded(), "credit.other")


@pytest.mark.parametrize("word", ["0", "-1", "0.0000001", "x", "", "1e9", "NaN", "Infinity"])
def test_a_cost_is_a_positive_number_of_millionths(word: str) -> None:
    with pytest.raises(RequestError):
        micro_rho(word)


def test_costs_are_exact() -> None:
    assert (micro_rho("0.05"), micro_rho("1"), micro_rho("0.000001")) == (50_000, 1_000_000, 1)


@pytest.mark.parametrize("word", ["amount", "amount:", "amount:0", "amount:1", "amount:x", "a:NaN"])
def test_a_quantile_needs_a_share_between_0_and_1(word: str) -> None:
    with pytest.raises(RequestError):
        quantile(word)


@pytest.mark.parametrize("word", ["market", "market=", "=CN"])
def test_a_filter_has_a_name_and_a_value(word: str) -> None:
    with pytest.raises(RequestError):
        conditions([word])


def test_the_preview_says_what_the_contract_and_the_budget_say() -> None:
    figures = (Figure("mean", "amount"), Figure("histogram", "amount"), Figure("sum", "months"))
    planned = draft(wanted(figures=figures), contract(), ASKER)
    shown = preview(planned, BUDGET)
    assert (shown.left_before, shown.left_after) == (4_000_000, 3_950_000)
    assert shown.epsilon == str(shown_epsilon(50_000, Decimal("1e-6")))
    assert shown.epsilon_ever == str(shown_epsilon(3_050_000, Decimal("1e-6")))
    assert shown.scheme == "elgamal"
    assert (shown.values, shown.ciphertexts) == (7, 7)
    assert shown.honest == 2, "of four, one may be missing and one may tell its noise"
    people, mean, _, total = shown.figures
    sigma = planned.plan.noise.total_variance**0.5
    assert people.errors == {0: pytest.approx(sigma / 1024)}
    assert total.errors == {0: pytest.approx(sigma * 64 / 1024)}
    assert list(mean.errors) == [20, 1_000, 10_000]
    assert mean.errors[10_000] < mean.errors[1_000] < mean.errors[20]


def test_a_budget_that_does_not_cover_is_shown_below_zero() -> None:
    poor = BudgetView(DATASET, 1_000_000, 990_000, 990_000, 0, 20, NOW, NOW + 1)
    assert preview(draft(wanted(), contract(), ASKER), poor).left_after == -40_000


@pytest.mark.parametrize("members", [3, 4])
@pytest.mark.parametrize("people_at_most", [10**7, 10**9])
def test_the_layout_is_the_packing_of_the_cryptography(members: int, people_at_most: int) -> None:
    figures = tuple(Figure(kind, "amount") for kind in ("variance", "histogram"))
    terms = contract(people_at_most)
    plan = draft(wanted(figures=figures, group_by=("market", "housing")), terms, ASKER).plan
    layout = Layout("paillier", 3072, members, plan.noise.share_tail + 10**9, plan.shape.length)
    packing = Packing(3072, members, layout.lowest, layout.highest)
    assert (layout.width, layout.slots, layout.offset) == (
        packing.width,
        packing.slots,
        packing.offset,
    )
    packed = packing.pack([0] * layout.length)
    assert len(packed) == layout.ciphertexts
    assert layout.ciphertext_size == 768
    values = [layout.highest] * layout.length
    totals = [members * one for one in packing.pack(values)]
    assert packing.unpack(totals, layout.length) == [layout.total_bound] * layout.length


@given(
    members=st.integers(2, 256),
    bound=st.integers(1, 1 << 80),
    bits=st.integers(3072, 4096),
    length=st.integers(1, 500),
)
def test_every_layout_is_a_packing(members: int, bound: int, bits: int, length: int) -> None:
    layout = Layout("paillier", bits, members, bound, length)
    packing = Packing(bits, members, layout.lowest, layout.highest)
    assert (layout.width, layout.slots) == (packing.width, packing.slots)
    assert layout.ciphertexts == len(packing.pack([0] * length))
    assert (1 << 8 * layout.ciphertext_size) > (1 << 2 * bits) - 1


def test_a_layout_needs_the_plans_scheme_and_a_modulus_that_holds_a_slot() -> None:
    plan = draft(wanted(), contract(10**9), ASKER).plan
    assert layout_of(plan, PAILLIER, 4).ciphertexts == 1
    with pytest.raises(WrongContract):
        layout_of(plan, AskerKey(scheme="elgamal", key="02", proof="00"), 4)
    with pytest.raises(WrongContract):
        layout_of(plan, AskerKey(scheme="paillier", key="ff", proof="00"), 4)


def test_fewer_members_never_need_more_ciphertexts(tmp_path: Path) -> None:
    plan = draft(wanted(group_by=("market", "housing")), contract(10**9), ASKER).plan
    counts = [layout_of(plan, PAILLIER, members).ciphertexts for members in range(2, 257)]
    assert counts == sorted(counts)


def test_a_stored_question_comes_back_byte_for_byte(tmp_path: Path) -> None:
    world = World(tmp_path)
    opened, _ = world.question(wanted(group_by=("market",)), contract(), int(time.time()))
    RoundStore(tmp_path / "rounds").add(opened)
    again = RoundStore(tmp_path / "rounds").get(opened.id)
    assert again == opened
    assert again.statement.payload == opened.statement.payload


@pytest.mark.parametrize("identity", ["", "..", "x" * 32, "../../etc/passwd", "0" * 31])
def test_an_id_from_outside_names_no_other_folder(tmp_path: Path, identity: str) -> None:
    for call in (RoundStore(tmp_path).get, RoundStore(tmp_path).state, RoundStore(tmp_path).answer):
        with pytest.raises(ResultRefused) as caught:
            call(identity)
        assert caught.value.wrong is Wrong.NOT_OPEN


def test_a_round_that_ended_is_not_opened(tmp_path: Path) -> None:
    world = World(tmp_path)
    opened, _ = world.question(wanted(), contract(), int(time.time()))
    store = RoundStore(tmp_path / "rounds")
    store.add(opened)
    store.end(opened.id, "ROUND_VOID")
    store.end(opened.id, "AGGREGATE_REFUSED")
    assert store.state(opened.id) == "ended"
    with pytest.raises(ResultRefused) as caught:
        store.claim(opened.id)
    assert caught.value.wrong is Wrong.NOT_OPEN


def test_a_question_stored_beside_another_wish_is_damaged(tmp_path: Path) -> None:
    world = World(tmp_path)
    opened, _ = world.question(wanted(), contract(), int(time.time()))
    other = msgspec.structs.replace(opened.wanted, figures=(Figure("sum", "amount"),))
    with pytest.raises(KeyholderError):
        open_question(opened.statement, other, opened.contract)
