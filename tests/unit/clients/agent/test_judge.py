"""A judge by signatures alone: the guilty are named, and no file convicts anybody else."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from clients.agent.errors import AgentError, Refused, Word
from clients.agent.judge.file import EvidenceFile, read_evidence
from clients.agent.judge.judge import MOST_FILES, judge
from clients.agent.judge.rules import Keys
from clients.agent.judge.verdict import GATEWAY, TEXTS, Remark, Rule
from clients.agent.outcome.evidence import EvidenceFolder
from clients.agent.rounds import Rounds
from clients.cli.main import app
from gateway.crypto.ed25519 import SigningKey
from gateway.domain.aggregate.question import CohortQuestion, read_question
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution, Roster
from support.agents import TestedAgent
from support.agents_combination import CHEATS, SIZE, SWAPPED_LATER, Combining
from support.agents_steps import contributed, ready_of
from support.agents_world import CONTRIBUTORS, World
from support.crypto_log import SIGNER
from support.judged import Trial, as_read, honest_pair, keys_of, proven, trial


@pytest.fixture(scope="module")
def finished(world: World, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trial(world, tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def another(world: World, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trial(world, tmp_path_factory.mktemp("another"))


def gateway(one: Trial, rule: Rule) -> set[tuple[str, Rule, str]]:
    return {(GATEWAY, rule, one.round)}


def test_evidence_of_an_honest_round_convicts_nobody(finished: Trial) -> None:
    verdict = judge(finished.keys, [as_read(finished.evidence())])
    assert verdict.findings == ()
    assert verdict.remarks == ()


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_false_proof_convicts_the_gateway(finished: Trial, cheat: str) -> None:
    file = as_read(finished.evidence(CHEATS[cheat]))
    assert proven(finished.keys, file) == gateway(finished, Rule.FALSE_COMBINATION)


@pytest.mark.parametrize("swap", SWAPPED_LATER)
def test_what_nobody_signed_proves_nothing(finished: Trial, swap: str) -> None:
    verdict = judge(finished.keys, [as_read(finished.evidence(SWAPPED_LATER[swap]))])
    assert verdict.findings == ()
    assert Remark.NOT_SIGNED_FOR in verdict.remarks


def test_a_result_of_another_number_of_ciphertexts_convicts_the_gateway_and_no_member(
    finished: Trial,
) -> None:
    file = as_read(finished.evidence(Combining(more={"ciphertexts": 1})))
    assert proven(finished.keys, file) == gateway(finished, Rule.FALSE_COMBINATION)


@pytest.mark.parametrize(
    "change", [{"result": "11" * 32}, {"kind": "AGGREGATE_OPENED"}, {"round": "11" * 16}]
)
def test_another_entry_in_the_log_convicts_the_gateway(
    finished: Trial, change: dict[str, Any]
) -> None:
    file = as_read(finished.evidence(**change))
    assert proven(finished.keys, file) == gateway(finished, Rule.OTHER_RELEASE)
    # By another log's key nothing is known of that entry; without any, it is not looked at.
    stranger = replace(finished.keys, log_key=None)
    verdict = judge(stranger, [file])
    assert (verdict.findings, verdict.remarks) == ((), (Remark.NO_LOG_KEY,))


@pytest.mark.parametrize(
    "change",
    [lambda one: b"\xff" * SIZE + one[SIZE:], lambda one: one[:-1], lambda one: one + bytes(SIZE)],
)
def test_a_member_that_signs_for_what_is_no_ciphertext_is_named(
    finished: Trial, change: Any
) -> None:
    guilty = finished.sent_by("lender-c", change)
    # What the gateway added up is another matter: it signed a root over this.
    how = Combining(added=lambda _: finished.parts)
    found = proven(finished.keys, as_read(guilty.evidence(how)))
    assert found == {("lender-c", Rule.INVALID_CIPHERTEXTS, finished.round)}


def test_another_question_than_was_signed_for_convicts_nobody(finished: Trial) -> None:
    """Under another key nothing is valid, and no proof holds."""
    question = read_question(finished.order.question.payload)
    assert isinstance(question, CohortQuestion)
    other = msgspec.structs.replace(question, key=World().asker_key())
    file = msgspec.structs.replace(as_read(finished.evidence()), question=other.encoded())
    verdict = judge(finished.keys, [file])
    assert (verdict.findings, verdict.remarks) == ((), (Remark.OTHER_QUESTION,))


@pytest.mark.parametrize("signer", [("lender-b", "agent"), ("lender-c", "keyholder")])
def test_a_member_is_not_convicted_by_what_somebody_else_signed(
    finished: Trial, signer: tuple[str, str]
) -> None:
    guilty = finished.sent_by("lender-c", lambda one: one[:-1])
    said, content = guilty.parts["lender-c"]
    forged = finished.world.signer(*signer).sign(CONTRIBUTION_TYPE, said.payload)
    framed = replace(guilty, parts={**guilty.parts, "lender-c": (forged, content)})
    how = Combining(added=lambda _: finished.parts)
    assert proven(finished.keys, as_read(framed.evidence(how))) == set()


def test_a_member_is_not_convicted_by_a_statement_that_it_did_not_sign(finished: Trial) -> None:
    guilty = finished.sent_by("lender-c", lambda one: one[:-1])
    forged, content = guilty.parts["lender-c"]
    # The gateway signs a root over a statement that it made up for the member.
    other = finished.world.signer("lender-b", "agent").sign("x", b"y")
    for false in (
        replace(forged, signature=bytes(70)),
        replace(forged, chain=other.chain),
        replace(forged, chain=()),
    ):
        framed = replace(guilty, parts={**guilty.parts, "lender-c": (false, content)})
        how = Combining(added=lambda _: finished.parts)
        assert proven(finished.keys, as_read(framed.evidence(how))) == set()


def test_two_signed_rosters_convict_the_gateway(finished: Trial, tmp_path: Path) -> None:
    agent = TestedAgent.make(finished.world, tmp_path / "state")
    order, first, _ = contributed(agent)
    folder = EvidenceFolder(tmp_path / "state")
    rounds = Rounds(agent.trust, agent.store, {}, folder)
    smaller = dict(zip(CONTRIBUTORS, first.readies, strict=True))
    del smaller["lender-c"]
    second = finished.world.roster(order, smaller)
    with pytest.raises(Refused) as refused:
        rounds.follow(second)
    assert refused.value.word is Word.SECOND_ROSTER
    (path,) = (tmp_path / "state" / "evidence").iterdir()
    file = read_evidence(path)
    assert proven(finished.keys, file) == {(GATEWAY, Rule.TWO_ROSTERS, file.round)}
    # Signed by somebody else, or the same once more, it is none.
    forged = SigningKey.generate()
    unsigned = finished.world.roster(order, smaller, forged)
    said = msgspec.json.decode(path.read_bytes())
    for other in (unsigned, first):
        said["second"] = msgspec.to_builtins(other)
        assert proven(finished.keys, msgspec.convert(said, EvidenceFile)) == set()


def test_two_results_of_one_round_in_two_files_convict_the_gateway(finished: Trial) -> None:
    one = finished.evidence()
    other = finished.evidence(Combining(total=CHEATS["one more in a cell"].total))
    files = as_read(one), as_read(replace_shown(other))
    assert (GATEWAY, Rule.TWO_RESULTS, finished.round) in proven(finished.keys, *files)
    assert proven(finished.keys, files[0], files[0]) == set()


def test_a_member_that_signed_two_contributions_is_named(finished: Trial) -> None:
    """Its masks are in both: their difference is that of its values, bare."""
    honest, other = finished.evidence(), finished.sent_by("lender-c", lambda one: one[::-1])
    assert honest.shown is not None
    # The gateway shows one member this and another member that, and signed for the first only.
    second = msgspec.structs.replace(
        honest, shown=replace(honest.shown, contributions=tuple(other.parts.values()))
    )
    files = as_read(honest), as_read(second)
    assert proven(finished.keys, *files) == {
        ("lender-c", Rule.TWO_CONTRIBUTIONS, finished.round),
    }
    assert proven(finished.keys, files[0], files[0]) == set()
    # To another roster it is another matter, which is not its maker's to tell.
    forged, content = other.parts["lender-c"]
    said = msgspec.json.decode(forged.payload, type=Contribution)
    elsewhere = msgspec.structs.replace(said, roster="11" * 32).encoded()
    signed = finished.world.signer("lender-c", "agent").sign(CONTRIBUTION_TYPE, elsewhere)
    parts = {**finished.parts, "lender-c": (signed, content)}
    second = msgspec.structs.replace(
        honest, shown=replace(honest.shown, contributions=tuple(parts.values()))
    )
    assert proven(finished.keys, files[0], as_read(second)) == set()


def replace_shown(evidence: Any) -> Any:
    return msgspec.structs.replace(evidence, shown=None)


@pytest.mark.parametrize("members", ["few", "stranger"])
def test_a_roster_against_the_contract_convicts_the_gateway(finished: Trial, members: str) -> None:
    said = msgspec.json.decode(finished.roster.roster.payload, type=Roster)
    kept = said.members[:2]
    if members == "stranger":
        stranger = msgspec.structs.replace(kept[1], contributor="zz-stranger")
        kept = (*said.members[:3], stranger)
    names = [one.contributor for one in said.members]
    readies = dict(zip(names, finished.roster.readies, strict=True))
    roster = finished.world.roster(finished.order, readies, None, members=kept)
    file = as_read(msgspec.structs.replace(finished.evidence(), roster=roster, result=None))
    assert proven(finished.keys, file) == gateway(finished, Rule.ROSTER_TERMS)
    # The contract is the question's, or it says nothing.
    other = msgspec.structs.replace(finished.world.contract, minimum_contributors=4)
    assert proven(finished.keys, msgspec.structs.replace(file, contract=other.encoded())) == set()


def test_an_agent_keeps_a_roster_with_a_stranger_in_it(finished: Trial, tmp_path: Path) -> None:
    agent = TestedAgent.make(finished.world, tmp_path / "state")
    folder = EvidenceFolder(tmp_path / "state")
    rounds = Rounds(agent.trust, agent.store, {}, folder)
    order = finished.world.order(finished.world.question())
    own = ready_of(agent, order)
    stranger = finished.world.ready(order, "zz-stranger")
    readies = {**finished.world.others(order, own), "zz-stranger": stranger}
    with pytest.raises(Refused) as refused:
        rounds.follow(finished.world.roster(order, readies))
    assert refused.value.word is Word.ROSTER
    (path,) = (tmp_path / "state" / "evidence").iterdir()
    file = read_evidence(path)
    assert proven(finished.keys, file) == {(GATEWAY, Rule.ROSTER_TERMS, file.round)}


def test_by_another_gateway_s_key_nothing_is_proven(finished: Trial) -> None:
    keys = replace(finished.keys, round_key=SigningKey.generate().public_key)
    verdict = judge(keys, [as_read(finished.evidence(CHEATS["no proof"]))])
    assert (verdict.findings, verdict.remarks) == ((), (Remark.NO_RESULT,))


def test_pieces_of_two_rounds_put_together_convict_nobody(finished: Trial, another: Trial) -> None:
    mine, theirs = map(msgspec.to_builtins, honest_pair(finished, another))
    for name in ("question", "roster", "result", "shown", "contract", "round"):
        file = msgspec.convert({**mine, name: theirs[name]}, EvidenceFile)
        assert proven(finished.keys, file) == set()


Tree = Any
HOW = st.sampled_from(["flip", "cut", "grow", "empty", "other", "drop", "twice", "swap", "zero"])


def leaves(tree: Tree, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, containers too."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += leaves(value, (*path, key))
    return found


def at(tree: Tree, path: tuple[Any, ...]) -> Tree:
    for key in path:
        tree = tree[key]
    return tree


def altered(value: Any, how: str, spot: int) -> Any:
    """A value with one thing changed; texts are base64 where they can be."""
    if isinstance(value, list) and value:
        place = spot % len(value)
        return {
            "drop": value[:place] + value[place + 1 :],
            "twice": [*value, value[place]],
            "swap": value[1:] + value[:1],
        }.get(how, [])
    if isinstance(value, str):
        try:
            content = b64decode(value, validate=True)
        except ValueError:
            return value[::-1]
        place = spot % max(1, len(content))
        flipped = content[:place] + bytes([spot % 255 ^ 1]) + content[place + 1 :]
        changed = {"flip": flipped, "cut": content[:place], "grow": content + b"\0"}
        return b64encode(changed.get(how, b"")).decode()
    return None


def mutated(data: st.DataObject, file: Tree, pool: list[Tree]) -> Tree:
    """The document with a few of its places altered, or taken from another's."""
    document = json.loads(json.dumps(file))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(leaves(document)))
        how, spot = data.draw(HOW), data.draw(st.integers(0, 1 << 16))
        donor = data.draw(st.sampled_from(pool))
        parent = at(document, path[:-1])
        try:
            # A copy: what is altered next must not be altered in the donor, too.
            found = json.loads(json.dumps(at(donor, path)))
        except (LookupError, TypeError):
            found = None
        parent[path[-1]] = found if how == "other" else altered(parent[path[-1]], how, spot)
    return document


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_no_altered_file_convicts_anybody_who_is_innocent(
    finished: Trial, another: Trial, documents: list[Tree], data: st.DataObject
) -> None:
    file = mutated(data, data.draw(st.sampled_from(documents[2:])), documents)
    try:
        read = msgspec.convert(file, EvidenceFile, builtin_types=())
    except msgspec.ValidationError:
        return
    guilty = {
        (GATEWAY, Rule.FALSE_COMBINATION, finished.round),
        # It has signed several logs by now, and neither round's result is in all of them.
        *((GATEWAY, Rule.OTHER_RELEASE, one.round) for one in (finished, another)),
        ("lender-c", Rule.INVALID_CIPHERTEXTS, finished.round),
        ("lender-c", Rule.TWO_CONTRIBUTIONS, finished.round),
    }
    assert proven(finished.keys, read) <= guilty


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_nothing_that_honest_parties_signed_can_be_made_into_evidence(
    finished: Trial, documents: list[Tree], data: st.DataObject
) -> None:
    honest = documents[:2]
    file = mutated(data, data.draw(st.sampled_from(honest)), honest)
    try:
        read = msgspec.convert(file, EvidenceFile, builtin_types=())
    except msgspec.ValidationError:
        return
    beside = [msgspec.convert(one, EvidenceFile) for one in honest]
    assert proven(finished.keys, read, *beside) == set()


@pytest.fixture(scope="module")
def documents(finished: Trial, another: Trial) -> list[Tree]:
    """Files of two honest rounds, and of three cheats in the first of them."""
    guilty = finished.sent_by("lender-c", lambda one: one[:-1])
    made = [
        *honest_pair(finished, another),
        finished.evidence(CHEATS["one more in a cell"]),
        finished.evidence(result="11" * 32),
        guilty.evidence(Combining(added=lambda _: finished.parts)),
    ]
    return [json.loads(msgspec.json.encode(one)) for one in made]


def test_what_is_no_evidence_is_refused(tmp_path: Path, finished: Trial) -> None:
    for content in (b"", b"[]", b'{"word": 1}', b"\xff", b"[" * 100_000):
        (tmp_path / "file.json").write_bytes(content)
        with pytest.raises(AgentError):
            read_evidence(tmp_path / "file.json")
    with pytest.raises(AgentError):
        read_evidence(tmp_path / "absent.json")
    with pytest.raises(AgentError):
        judge(finished.keys, [as_read(finished.evidence())] * (MOST_FILES + 1))


def command(world: World, folder: Path, *words: str) -> tuple[int, Any, str]:
    (folder / "anchors.pem").write_bytes(world.authority.certificate)
    given = ["--anchors", str(folder / "anchors.pem"), "--log-key", SIGNER.verifier_key.encode()]
    given += ["--round-key", world.round_key.public_key.raw.hex()]
    ended = CliRunner().invoke(app, ["aggregate", "judge", *words, *given, "--json"])
    return ended.exit_code, json.loads(ended.stdout) if ended.stdout else None, ended.stderr


def test_the_command_names_the_guilty_and_ends_with_1_where_nothing_is_proven(
    finished: Trial, tmp_path: Path
) -> None:
    cheat, honest = tmp_path / "cheat.json", tmp_path / "honest.json"
    cheat.write_bytes(msgspec.json.encode(finished.evidence(CHEATS["cells swapped"])))
    honest.write_bytes(msgspec.json.encode(finished.evidence()))
    status, said, _ = command(finished.world, tmp_path, str(honest), str(cheat))
    assert status == 0
    assert {(one["who"], one["rule"]) for one in said["findings"]} == {
        *((GATEWAY, "two_results"), (GATEWAY, "false_combination")),
    }
    status, said, _ = command(finished.world, tmp_path, str(honest))
    assert (status, said["findings"]) == (1, [])
    (tmp_path / "none.json").write_text("{}")
    assert command(finished.world, tmp_path, str(tmp_path / "none.json"))[0] == 1


def test_the_command_takes_its_keys_from_a_profile(finished: Trial, tmp_path: Path) -> None:
    (tmp_path / "cheat.json").write_bytes(
        msgspec.json.encode(finished.evidence(CHEATS["no proof"]))
    )
    (tmp_path / "anchors.pem").write_bytes(finished.world.authority.certificate)
    profile = tmp_path / "agent.toml"
    key = finished.world.round_key.public_key.raw.hex()
    profile.write_text(f'anchors = "anchors.pem"\nround_key = "{key}"\n')
    words = ["aggregate", "judge", str(tmp_path / "cheat.json"), "--profile"]
    ended = CliRunner().invoke(app, [*words, str(profile)])
    assert ended.exit_code == 0, ended.stderr
    assert TEXTS[Rule.FALSE_COMBINATION].split()[0] in ended.stdout
    assert Remark.NO_LOG_KEY in ended.stderr
    profile.write_text('anchors = "anchors.pem"\nround_key = "xx"\n')
    assert CliRunner().invoke(app, [*words, str(profile)]).exit_code == 2
    profile.write_text("")
    assert CliRunner().invoke(app, [*words, str(profile)]).exit_code == 2


def test_every_rule_has_its_words() -> None:
    assert set(TEXTS) == set(Rule)
    assert isinstance(keys_of(World()), Keys)
