"""A lender and a bureau in one process, over the German credit data; and the clear text beside it.

The clear-text reference counts rows and events in plain Python and shares no code with the product
but the rule of which bins are merged, which its own tests check.
"""

import csv
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from hashlib import sha256
from math import log
from pathlib import Path

import numpy as np

from clients.agent.binning.account import Price
from clients.agent.binning.bureau import Bureau
from clients.agent.binning.history import Place, PlacedHistory, RowSets
from clients.agent.binning.setup import BureauSetup, Codes
from clients.keyholder.binning.lender import Lender, LenderSetup
from gateway.crypto.discrete_gaussian import discrete_gaussian
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.elgamal.possession import prove_possession
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.sealed_channel import ChannelKey
from gateway.domain.aggregate.binning import FeatureFigures, ordinary_bins, require_binning
from gateway.domain.aggregate.binning_rows import RowBinding, bound
from gateway.domain.aggregate.binning_talk import context_of
from gateway.domain.aggregate.contract import (
    AggregateContract,
    BinnedFeature,
    BinningTerms,
    Budget,
    read_contract,
)
from gateway.domain.aggregate.question import AskerKey, BinningJob, key_context
from gateway.domain.policy.document_base import Bilingual, Recipients

DATA = Path(__file__).parents[2] / "clients/cli/local/demo_data/germancredit.csv"
LENDER, BUREAU = "lender-a", "demo-bureau"
NOW = 1_795_000_000
KIND = "CN_RESIDENT_ID"
NUMBERS = {
    "duration_in_month": (8, 16, 36, 45),
    "credit_amount": (1_400, 1_800, 4_000, 9_200),
    "age_in_years": (26, 28, 35, 37),
}
TEXTS = ("status_of_existing_checking_account", "credit_history", "purpose", "housing", "property")


@cache
def people() -> tuple[dict[str, str], ...]:
    with DATA.open(newline="") as file:
        return tuple(csv.DictReader(file))


def labels() -> list[int]:
    return [int(one["creditability"] == "bad") for one in people()]


def identifiers(count: int = 1000) -> list[bytes]:
    return [b"11010119900101%04d" % number for number in range(count)]


@cache
def contract(
    minimum_rows: int = 200, minimum_bin: int = 10, cost: int = 10**9
) -> AggregateContract:
    features = [_number(name, edges) for name, edges in NUMBERS.items()]
    features += [_text(name) for name in TEXTS]
    terms = BinningTerms(
        bureau=BUREAU,
        purposes=("credit.underwriting",),
        recipients=Recipients(institutions=(LENDER,)),
        articles=("PIPL 13",),
        features=tuple(features),
        modes=("exact", "dp"),
        minimum_rows=minimum_rows,
        minimum_bin=minimum_bin,
        budget=Budget(limit=10**9, a_question=cost, period_days=30, refusals=20),
    )
    return read_contract(
        AggregateContract(
            version=1,
            dataset="credit.applicant",
            title=Bilingual("Applicants", "申请人"),
            snapshot="2026-10",
            contributors=(BUREAU,),
            minimum_contributors=1,
            binning=terms,
        ).encoded()
    )


def _number(name: str, edges: tuple[int, ...]) -> BinnedFeature:
    return BinnedFeature(name=name, title=Bilingual(name, name), edges=edges)


def _text(name: str) -> BinnedFeature:
    values = sorted({one[name] for one in people()})
    return BinnedFeature(
        name=name, title=Bilingual(name, name), groups=tuple((value,) for value in values)
    )


def bin_of(feature: BinnedFeature, text: str) -> int:
    """The bin of one value, in plain Python; an empty text is missing."""
    missing = ordinary_bins(feature)
    if not text:
        return missing
    if feature.edges:
        return sum(Decimal(text) >= edge for edge in feature.edges)
    return next((at for at, group in enumerate(feature.groups) if text in group), missing)


@dataclass
class People:
    """A bureau's snapshot in memory."""

    rows: Sequence[dict[str, str]] = field(default_factory=people)
    names: Sequence[bytes] = field(default_factory=identifiers)

    @property
    def people(self) -> int:
        return len(self.names)

    def identifiers(self) -> Sequence[bytes]:
        return self.names

    def references(self) -> Sequence[bytes]:
        return [tag_of(one) for one in self.names]

    def codes(self, feature: BinnedFeature) -> Codes:
        return np.array([bin_of(feature, row[feature.name]) for row in self.rows], dtype=np.uint8)


def tag_of(identifier: bytes) -> bytes:
    """The bureau's reference of a person, by some function of the identifier."""
    return sha256(b"tag" + identifier).digest()


def binding_of(identifier: bytes) -> RowBinding:
    """What the gateway says of a row whose consent is this person's."""
    return bound(secrets.token_bytes(32), tag_of(identifier), secrets.token_bytes(32))


def root_of(bindings: Sequence[RowBinding]) -> str:
    return CompactRange().extend(leaf_hash(one.leaf) for one in bindings).root().hex()


class OpenHistory:
    """Lets everything through."""

    def admit(self, matched: object, people: int) -> None:
        pass


def job_of(
    secret: SecretKey,
    terms: AggregateContract,
    features: Sequence[str],
    rows: int,
    mode: str = "exact",
    cost: int = 0,
) -> BinningJob:
    public = secret.public_key().to_bytes()
    return BinningJob(
        id=secrets.token_hex(16),
        asker=LENDER,
        dataset=terms.dataset,
        snapshot=terms.snapshot,
        contract=terms.digest,
        purpose="credit.underwriting",
        key=AskerKey(
            scheme="elgamal",
            key=public.hex(),
            proof=prove_possession(secret, key_context(LENDER)).hex(),
        ),
        issued_at=NOW,
        expires_at=NOW + 3600,
        features=tuple(features),
        mode=mode,  # type: ignore[arg-type]
        cost=cost,
        rows=rows,
        row_root="00" * 32,
    )


@dataclass
class Pair:
    """One job, ready to be talked through."""

    lender: Lender
    bureau: Bureau
    secret: SecretKey
    job: BinningJob
    setup: LenderSetup

    def talk(self, spoil: Callable[[bytes], bytes] = lambda part: part) -> None:
        """Pass parts on until the bureau can answer; `spoil` sees what the lender sends."""
        back: list[bytes] = []
        for part in self.lender.start():
            back += self.bureau.receive(spoil(part))
        for part in back:
            for reply in self.lender.receive(part):
                for _ in self.bureau.receive(spoil(reply)):
                    raise AssertionError("the bureau has said all")

    def figures(self) -> tuple[FeatureFigures, ...]:
        self.talk()
        answered = self.bureau.answer()
        for part in self.bureau.seal_counts(answered):
            for _ in self.lender.receive(part):
                raise AssertionError("the lender has said all")
        counts = self.lender.counts(answered.ciphertexts)
        return self.lender.open(counts, answered.ciphertexts)


def pair(
    rows: Sequence[int] | None = None,
    *,
    features: Sequence[str] = (*NUMBERS, *TEXTS),
    mode: str = "exact",
    cost: int = 0,
    events: Sequence[int] | None = None,
    data: People | None = None,
    history: RowSets | None = None,
    terms: AggregateContract | None = None,
    noise: Callable[..., int] = discrete_gaussian,
    processes: int = 1,
    names: Sequence[bytes] | None = None,
    declared: int = 1_024,
    consenting: Callable[[bytes], bytes] = lambda identifier: identifier,
) -> Pair:
    """A job about some of the thousand people, in random order.

    `consenting` says who consented where a row's identifier goes into the alignment.
    """
    terms = terms or contract()
    chosen = list(range(1000)) if rows is None else list(rows)
    random.shuffle(chosen)
    known = events if events is not None else labels()
    own = names or identifiers(max(chosen) + 1)
    secret = SecretKey.generate()
    job = job_of(secret, terms, features, len(chosen), mode, cost)
    plan = require_binning(job, terms)
    context = context_of(job.encoded(), b"manifest")
    lender_key, bureau_key = ChannelKey.generate(), ChannelKey.generate()
    setup = LenderSetup(
        job=job,
        plan=plan,
        context=context,
        kind=KIND,
        identifiers=[own[row] for row in chosen],
        labels=bytes(known[row] for row in chosen),
        secret=secret,
        processes=processes,
    )
    bindings = [binding_of(consenting(one)) for one in setup.identifiers]
    place = Place(
        job=job.id,
        lender="group-a",
        dataset=job.dataset,
        snapshot=job.snapshot,
        k=10,
        price=Price(budget=plan.terms.budget, cost=job.cost, now=NOW),
    )
    bureau_setup = BureauSetup(
        job=job,
        plan=plan,
        context=context,
        row_root=root_of(bindings),
        kind=KIND,
        data=data or People(),
        history=PlacedHistory(history, place) if history else OpenHistory(),
        declared_people=declared,
        processes=processes,
        noise=noise,
    )
    bureau = Bureau(bureau_setup, bureau_key.open(lender_key.public_key(), context, first=False))
    for one in bindings:
        bureau.bind(one.encoded())
    return Pair(
        Lender(setup, lender_key.open(bureau_key.public_key(), context, first=True)),
        bureau,
        secret,
        job,
        setup,
    )


def clear_text(
    rows: Sequence[int],
    feature: BinnedFeature,
    spans: Sequence[tuple[int, int]],
    zero: float = 0.5,
    data: Sequence[dict[str, str]] | None = None,
) -> tuple[list[tuple[int, int, float]], float]:
    """Rows, events and WOE of each span of bins, and the IV: straight from the table."""
    table, known = data or people(), labels()
    good, bad = [], []
    for first, last in spans:
        inside = [row for row in rows if first <= bin_of(feature, table[row][feature.name]) <= last]
        events = sum(known[row] for row in inside)
        bad.append(events)
        good.append(len(inside) - events)
    bads, goods = [one or zero for one in bad], [one or zero for one in good]
    woe = [log((b / sum(bads)) / (g / sum(goods))) for b, g in zip(bads, goods, strict=True)]
    value = sum(
        (b / sum(bads) - g / sum(goods)) * weight
        for b, g, weight in zip(bads, goods, woe, strict=True)
    )
    figures = [(b + g, b, weight) for b, g, weight in zip(bad, good, woe, strict=True)]
    return figures, value
