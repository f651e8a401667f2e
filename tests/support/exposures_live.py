"""A live gateway with real agents of four institutions, and an asker's command line before it.

Owns their start and end, consents to questions about one subject, and the clear text that answers
are compared with. Checks nothing of what it is told.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from clients.cli.local.demo_data.dataset import Applicant, applicants
from clients.cli.local.demo_data.loans import key_of
from clients.cli.local.demo_scenes.agent_child import AgentChild, start_agents
from clients.cli.local.dev_agents import INTEGERS, OPEN_LOANS
from clients.cli.local.dev_members import CONTRIBUTORS
from clients.cli.main import app
from clients.keyholder.exposure.asking import Exposures
from clients.keyholder.exposure.calls import ExposureClient
from clients.keyholder.exposure.question import Wish
from clients.keyholder.identity import Identity, identity_of
from clients.sdk.client import VeilgateClient
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.subject import Subject
from clients.sdk.vocabulary import IdentifierType, SeparateConsent
from support.live_gateway import LiveGateway, running_gateway
from support.members import Member

ASKER = "lender-a"
DATASET = "credit.loans"
PURPOSE = "credit.underwriting"
UNIT = 1000


@dataclass
class LiveExposures:
    """What a test works with. ``lender`` is the asker, who grants the consents."""

    gateway: LiveGateway
    lender: Member
    agents: Mapping[str, AgentChild]
    folder: Path

    def consent(self, who: Applicant, **changes: Any) -> str:
        """Grant a consent to the question about this applicant; return its id."""
        terms = {
            "datasets": (DATASET,),
            "providers": tuple(one for one in CONTRIBUTORS if one != ASKER),
            "separate_consents": (SeparateConsent.THIRD_PARTY,),
            "uses": 10,
            **changes,
        }
        return self.lender.grant(who, **terms).consent_id

    def words(self, who: Applicant, consent: str, asker: str = ASKER) -> tuple[str, ...]:
        """The words of the command that asks."""
        file = self.folder / f"{who.applicant_no}.txt"
        file.write_text(f"{who.identity_number}\n", encoding="utf-8")
        subject = ("--subject-type", who.identity_type, "--subject-file", str(file))
        profile = ("--profile", str(self.gateway.home.profile(asker)))
        wanted = (DATASET, "--purpose", PURPOSE, "--consent", consent)
        sealed = ("--key-file", str(self.folder / "secret"))
        return ("aggregate", "exposure", *wanted, *subject, *sealed, *profile)

    def run(self, who: Applicant, consent: str, asker: str = ASKER, *more: str) -> Result:
        """Ask, by the command."""
        return CliRunner().invoke(app, [*self.words(who, consent, asker), *more])

    def json(self, who: Applicant, consent: str) -> Any:
        """Ask, and return the answer."""
        result = self.run(who, consent, ASKER, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def reason(self, who: Applicant, consent: str, asker: str = ASKER) -> str:
        """Ask, and return why the gateway refused."""
        result = self.run(who, consent, asker, "--json")
        assert result.exit_code == 1, result.stdout
        found: str = json.loads(result.stdout)["error"]["reason"]
        return found

    def wish(self, who: Applicant, consent: str) -> Wish:
        """The same as a value."""
        subject = Subject(IdentifierType(who.identity_type), who.identity_number)
        return Wish(DATASET, PURPOSE, consent, subject)

    @contextmanager
    def parts(self) -> Iterator[tuple[Exposures, ExposureClient, Identity]]:
        """The asker's parts, for questions that the command would not send."""
        profile = ClientProfile.load(self.gateway.home.profile(ASKER))
        identity = identity_of(profile)
        with ExposureClient(profile) as client, VeilgateClient(profile) as people:
            yield Exposures(identity, client, people, evaluates=True), client, identity

    def kept(self, pattern: str) -> list[Path]:
        """The asker's files on questions about subjects."""
        folder = self.gateway.home.profile(ASKER).parent / "keyholder" / "exposures"
        return [one for one in folder.rglob(pattern) if one.is_file()]

    def forget(self) -> None:
        """Lose what the asker kept."""
        shutil.rmtree(self.gateway.home.profile(ASKER).parent / "keyholder")

    def log_of(self, institution: str) -> str:
        """What an agent has said so far."""
        return (self.gateway.home.folder / f"agent-{institution}.log").read_text(encoding="utf-8")

    def clear_text(self, who: Applicant) -> dict[str, dict[str, int]]:
        """What each institution's own file says, those that know nothing left out."""
        found = {}
        for one in CONTRIBUTORS:
            path = self.gateway.home.agent(one).parent / OPEN_LOANS
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    if row["identity_key"] == key_of(who):
                        found[one] = {name: int(row[name]) for name in INTEGERS}
        return found

    def people(self, holders: int) -> Iterator[Applicant]:
        """Applicants of whom so many institutions hold an open loan."""
        for one in applicants():
            known = self.clear_text(one).values()
            if sum(loan["open"] for loan in known) == holders:
                yield one


@contextmanager
def live_exposures(folder: Path) -> Iterator[LiveExposures]:
    """Everything, running."""
    folder.mkdir()
    secret = folder / "secret"
    secret.write_bytes(b"\x07" * 32)
    secret.chmod(0o600)
    with ExitStack() as open_things:
        gateway = open_things.enter_context(running_gateway(folder / "home"))
        _point_to(gateway)
        agents = start_agents(gateway.home)
        for agent in agents.values():
            open_things.callback(agent.stop)
        for agent in agents.values():
            agent.wait_until_ready()
        lender = open_things.enter_context(Member(gateway, ASKER))
        yield LiveExposures(gateway, lender, agents, folder)


def _point_to(gateway: LiveGateway) -> None:
    """Write the port that the gateway really got into every profile."""
    profiles = [gateway.home.profile(one) for one in CONTRIBUTORS]
    for path in (*profiles, *(gateway.home.agent(one) for one in CONTRIBUTORS)):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"localhost:0", gateway.address, text), encoding="utf-8")
