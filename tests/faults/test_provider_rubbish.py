"""A provider's process that answers rubbish, dies or hangs: the gateway's end of the channel.

Each case must come out as a typed refusal, never as data and never as another exception, and the
process is replaced: the next honest answer gets through.
"""

import pytest

from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.adapters.providers import process_provider
from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.process_provider import ProcessProvider
from gateway.adapters.providers.sources import SqliteSource
from gateway.domain.reasons import Refused
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType
from support.faults_rubbish_provider import ENVIRONMENT, HONEST, MODULE, QUOTED, RUBBISH
from support.faults_serving import python_path
from support.process import PROJECT
from support.provider_engines import inquiry

DATASET = "credit.applicant"
FIELDS = ("housing", "credit_amount")
ADDRESS = Address("US_SSN", "900000001")
ASKED = inquiry(SubjectIdentifier(IdentifierType.US_SSN, "900000001"), FIELDS)
INVALID = {"too few values", "too many values", "a number for a text", "a text for a number"}
TIMEOUT_S = 0.5


def _expected(rubbish: str) -> str:
    if rubbish == "silence":
        return "PROVIDER_TIMEOUT"
    return "PROVIDER_ANSWER_INVALID" if rubbish in INVALID else "PROVIDER_UNAVAILABLE"


@pytest.mark.parametrize("rubbish", sorted(set(RUBBISH) - {HONEST}))
async def test_rubbish_is_refused_and_the_next_honest_answer_gets_through(
    rubbish: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process_provider, "PROCESS_MODULE", MODULE)
    monkeypatch.setenv("PYTHONPATH", python_path())
    monkeypatch.setenv(ENVIRONMENT, rubbish)
    source = SqliteSource(DATASET, "kind", "number", path="unused.db", table="applicant")
    provider = ProcessProvider(source, TIMEOUT_S)
    (contract,) = read_policies(PROJECT / "policies").documents.datasets
    provider.use_contract(contract)
    try:
        with pytest.raises(Refused) as caught:
            await provider.look_up(ADDRESS, ASKED)
        assert caught.value.reason.value == _expected(rubbish)
        monkeypatch.setenv(ENVIRONMENT, HONEST)
        if rubbish in INVALID:
            # The process is in order as far as the channel can see: it is another's to replace.
            return
        found = await provider.look_up(ADDRESS, ASKED)
        assert found is not None
        assert found.values == {"housing": "a", "credit_amount": 1}
    finally:
        provider.close()
        # What a sibling prints goes to the gateway's own output.
        assert QUOTED not in capfd.readouterr().err
