"""Whatever an operator does to what a witness vouched for, the witness catches it.

Each class of mutants is drawn from a fixed seed: 50 in each run, 1,000 with ``--long``. A caught
witness has cosigned nothing of the other history, has kept evidence that anybody with the log's key
can judge, and stays stopped; and the mutant, signed as it is, does not count for who asks for
witnesses.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.sdk.logs.verification import VerificationError
from clients.sdk.witnesses.evidence import read_evidence
from clients.sdk.witnesses.policy import verify_witnessed, witness_policy
from clients.sdk.witnesses.state import WitnessState
from clients.sdk.witnesses.witness import Witness, WitnessStopped
from gateway.crypto.log_verifier import verify_log
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.witness import WitnessRefusal
from support.crypto_log import VKEY, export_log
from support.crypto_witness import COSIGNERS, WITNESSES
from support.witness_logs import History

LOG_KEY = VerifierKey.parse(VKEY)
POLICY = witness_policy([one.encode() for one in WITNESSES[:3]], 2)
TRIALS = (
    pytest.param(50, id="50"),
    pytest.param(1_000, id="1000", marks=pytest.mark.long),
)
Entries = list[bytes]
Mutation = Callable[[random.Random, Entries], Entries]


def honest(size: int) -> Entries:
    return [b"entry %d" % number for number in range(size)]


def other(size: int) -> Entries:
    return [b"other %d" % number for number in range(size)]


def forked(rng: random.Random, seen: Entries) -> Entries:
    """From some entry on another history, as long as what was seen or longer."""
    at = rng.randrange(len(seen))
    return seen[:at] + other(len(seen) - at + rng.randrange(40))


def rewritten(rng: random.Random, seen: Entries) -> Entries:
    """One entry changed, all others kept, and more added."""
    at = rng.randrange(len(seen))
    return [*seen[:at], b"rewritten", *seen[at + 1 :], *other(rng.randrange(40))]


def removed(rng: random.Random, seen: Entries) -> Entries:
    """One entry taken out, and at least one added."""
    at = rng.randrange(len(seen))
    return seen[:at] + seen[at + 1 :] + other(1 + rng.randrange(40))


def truncated(rng: random.Random, seen: Entries) -> Entries:
    """The last entries cut off."""
    return seen[: rng.randrange(len(seen))]


def rolled_back(rng: random.Random, seen: Entries) -> Entries:
    """A backup restored, and the log gone on from there, shorter or longer than it was."""
    return seen[: rng.randrange(len(seen))] + other(1 + rng.randrange(60))


MUTATIONS = (forked, rewritten, removed, truncated, rolled_back)


def witness(log: History, folder: Path, number: int = 0) -> tuple[Witness, WitnessState]:
    state = WitnessState(folder)
    return Witness(log, LOG_KEY, COSIGNERS[number], state), state


@pytest.mark.parametrize("trials", TRIALS)
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__)
def test_no_mutant_is_vouched_for(mutate: Mutation, trials: int, tmp_path: Path) -> None:
    rng = random.Random(f"witness {mutate.__name__}")
    for trial in range(trials):
        seen = honest(rng.randrange(1, 70))
        folder = tmp_path / str(trial)
        log = History(seen)
        with WitnessState(folder) as state:
            Witness(log, LOG_KEY, COSIGNERS[0], state).check_and_cosign()
        assert len(log.taken) == 1
        mutant = History(mutate(rng, seen))
        with WitnessState(folder) as state:
            _require_caught(Witness(mutant, LOG_KEY, COSIGNERS[0], state), state, mutant, log)
            # The honest log is refused too, until a person has looked into it; the other for good.
            for again in (log, mutant):
                with pytest.raises(WitnessStopped):
                    Witness(again, LOG_KEY, COSIGNERS[0], state).check_and_cosign()
            state.stop_file.unlink()
            assert not Witness(log, LOG_KEY, COSIGNERS[0], state).check_and_cosign().cosigned
            with pytest.raises(WitnessStopped):
                Witness(mutant, LOG_KEY, COSIGNERS[0], state).check_and_cosign()
        _require_no_count(mutant)


def _require_caught(
    witness: Witness, state: WitnessState, mutant: History, before: History
) -> None:
    with pytest.raises(WitnessStopped) as caught:
        witness.check_and_cosign()
    assert mutant.taken == []
    last = state.last(LOG_KEY)
    assert last is not None
    assert last[0].size == len(before.entries)
    evidence = read_evidence(caught.value.evidence)
    refusal, previous, offered = evidence.judged(LOG_KEY)
    assert refusal is caught.value.refusal
    assert (previous.size, offered.size) == (len(before.entries), len(mutant.entries))
    if offered.size < previous.size:
        assert refusal is WitnessRefusal.STALE
    elif previous.size.bit_count() > 1 or offered.size == previous.size:
        assert refusal is WitnessRefusal.FORKED
    else:
        # Of a power of two no proof holds the older root: it only fails to join.
        assert refusal in (WitnessRefusal.FORKED, WitnessRefusal.BAD_PROOF)


def _require_no_count(mutant: History) -> None:
    """The operator's own signature verifies, and is not enough."""
    exported = export_log(list(mutant.entries))
    verify_log(exported.checkpoint, VKEY, exported.files.__getitem__)
    with pytest.raises(VerificationError, match="0 of 3 witnesses"):
        verify_witnessed(exported.checkpoint, VKEY, POLICY)


@pytest.mark.parametrize("trials", TRIALS)
def test_a_split_view_counts_for_nobody(trials: int, tmp_path: Path) -> None:
    """Two histories within one interval, one to each witness: neither has two cosignatures."""
    rng = random.Random("split view")
    for trial in range(trials):
        shared = honest(rng.randrange(1, 40))
        views = [
            History([*shared, *(b"view %d %d" % (side, n) for n in range(1 + rng.randrange(20)))])
            for side in range(2)
        ]
        for number, view in enumerate(views):
            with WitnessState(tmp_path / f"{trial}-{number}") as state:
                log = History(shared)
                Witness(log, LOG_KEY, COSIGNERS[number], state).check_and_cosign()
                Witness(view, LOG_KEY, COSIGNERS[number], state).check_and_cosign()
            assert len(view.taken) == 1
            with pytest.raises(VerificationError, match="1 of 3 witnesses"):
                verify_witnessed(view.cosigned().encode(), VKEY, POLICY)
        # Whichever the third one sees, the others' next look at that history stops them.
        for number, view in enumerate(views):
            with (
                WitnessState(tmp_path / f"{trial}-{1 - number}") as state,
                pytest.raises(WitnessStopped),
            ):
                Witness(view, LOG_KEY, COSIGNERS[1 - number], state).check_and_cosign()
            assert len(view.taken) == 1


@pytest.mark.parametrize("trials", TRIALS)
def test_an_honest_log_is_never_refused(trials: int, tmp_path: Path) -> None:
    rng = random.Random("honest")
    for trial in range(trials):
        size, previous = 0, None
        for _ in range(4):
            size += rng.randrange(30)
            log = History(honest(size))
            with WitnessState(tmp_path / str(trial)) as state:
                seen = Witness(log, LOG_KEY, COSIGNERS[0], state).check_and_cosign()
            assert (seen.checkpoint.size, seen.previous_size) == (size, previous)
            assert seen.cosigned
            previous = size
