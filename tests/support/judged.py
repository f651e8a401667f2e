"""Rounds that a judge hears of: real contributions, and a gateway that is honest or is not.

Owns evidence as an agent writes it, with one thing wrong at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from clients.agent.errors import Word
from clients.agent.judge.file import EvidenceFile
from clients.agent.judge.judge import judge
from clients.agent.judge.rules import Keys
from clients.agent.judge.verdict import Rule, Verdict
from clients.agent.orders import QuestionOrder, ResultOrder, RosterOrder
from clients.agent.outcome.combination import Combination
from clients.agent.outcome.evidence import Evidence
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution, digest_of
from support.agents_combination import Combining, Parts
from support.agents_contributed import contributed
from support.agents_logged import entry_of, logged, shown_in
from support.agents_steps import round_of
from support.agents_world import OWN, World
from support.crypto_log import SIGNER


@dataclass
class Trial:
    """A finished round: what came of it is evidence, of whatever is changed."""

    world: World
    order: QuestionOrder
    roster: RosterOrder
    parts: Parts

    @property
    def round(self) -> str:
        """The round's id."""
        return round_of(self.order)

    @property
    def keys(self) -> Keys:
        """What a judge got out of band."""
        return keys_of(self.world)

    def evidence(self, how: Combining | None = None, **entry: Any) -> Evidence:
        """Evidence of a combination made like this; ``entry`` changes what the log has."""
        result, shown = (how or Combining())(self.world, self.order, self.roster, self.parts)
        return self.of(logged(result, SIGNER, **entry), shown)

    def of(self, result: ResultOrder, shown: Combination) -> Evidence:
        """Evidence of this result."""
        return Evidence(
            word=Word.COMBINATION,
            noticed_at=0,
            agent=OWN,
            round=self.round,
            question=self.order.question.payload,
            roster=self.roster,
            result=result,
            shown=shown,
            contract=self.world.contract.encoded(),
        )

    def sent_by(self, name: str, change: Callable[[bytes], bytes], **said: int) -> Trial:
        """The round where a member signed for other ciphertexts than are valid."""
        content = change(self.parts[name][1])
        honest = msgspec.json.decode(self.parts[name][0].payload, type=Contribution)
        changed = msgspec.structs.replace(honest, digest=sha256(content).hexdigest(), **said)
        signed = self.world.signer(name, "agent").sign(CONTRIBUTION_TYPE, changed.encoded())
        return replace(self, parts={**self.parts, name: (signed, content)})


def keys_of(world: World) -> Keys:
    """The network's anchors, the gateway's key, the log's."""
    from gateway.crypto.statement import Anchors

    anchors = Anchors(world.authority.certificate, "veilgate.example")
    return Keys(anchors, world.round_key.public_key, SIGNER.verifier_key)


def trial(world: World, folder: Path) -> Trial:
    """A round that every contributor of the contract has contributed to."""
    made = contributed(world, folder)
    return Trial(world, made.order, made.roster, made.parts)


def honest_pair(first: Trial, second: Trial) -> tuple[Evidence, Evidence]:
    """Evidence of two rounds of an honest gateway: one result each, in one log."""
    made = [
        Combining(more={"log_index": at})(one.world, one.order, one.roster, one.parts)
        for at, one in enumerate((first, second), start=1)
    ]
    entries = [b'{"kind":"A"}', *(entry_of(result) for result, _ in made), b'{"kind":"B"}']
    one, other = (
        trial.of(shown_in(result, entries, at), shown)
        for at, (trial, (result, shown)) in enumerate(zip((first, second), made, strict=True), 1)
    )
    return one, other


def as_read(evidence: Evidence) -> EvidenceFile:
    """What a judge reads of a file."""
    return msgspec.json.decode(msgspec.json.encode(evidence), type=EvidenceFile)


def proven(keys: Keys, *files: EvidenceFile) -> set[tuple[str, Rule, str]]:
    """Whom the files convict of what."""
    found: Verdict = judge(keys, files)
    return {(one.who, one.rule, one.round) for one in found.findings}


__all__ = ["Trial", "as_read", "digest_of", "keys_of", "proven", "trial"]
