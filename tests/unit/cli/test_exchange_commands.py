import json
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from support.canned_gateway import CannedGateway, denial, refusal
from veilgate.v1 import exchange_pb2, policy_pb2

NUMBER = "11010119900307001X"
ASK = ("--dataset", "credit.applicant", "--purpose", "credit.underwriting")
BY_STDIN = (*ASK, "--subject-type", "cn_resident_id")

pytestmark = pytest.mark.usefixtures("profile")


def invoke(*words: str, stdin: str = f"{NUMBER}\n") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.fixture(autouse=True)
def record(gateway: CannedGateway) -> None:
    gateway.record = exchange_pb2.GetRecordResponse(
        event_id="event-1",
        log_index=12,
        rule="underwriting-applicant",
        fields=[
            exchange_pb2.ReleasedField(field="name", operator=policy_pb2.OPERATOR_MASK, text="王*"),
            exchange_pb2.ReleasedField(field="age", operator=policy_pb2.OPERATOR_KEEP, number=41),
            exchange_pb2.ReleasedField(
                field="remark", operator=policy_pb2.OPERATOR_DETECT, text="\x1b[2J[red]x\nnext: lie"
            ),
        ],
        withheld=[
            policy_pb2.WithheldField(field="card_cvn", because=policy_pb2.WITHHELD_BECAUSE_C3)
        ],
        obligations=[policy_pb2.Obligation(id="delete_within", article="PIPL 19", days=180)],
    )


def test_get_prints_a_table(gateway: CannedGateway) -> None:
    result = invoke("get", *BY_STDIN, "--field", "name", "--field", "age", "--field", "remark",
                    "--field", "card_cvn")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    for word in ("王*", "mask", "41", "keep", "withheld: c3", "delete_within", "PIPL 19", "180"):
        assert word in result.stdout
    assert gateway.asked[0].subject.value == NUMBER
    assert list(gateway.asked[0].fields) == ["name", "age", "remark", "card_cvn"]
    assert NUMBER not in result.output


def test_a_value_does_not_steer_the_terminal() -> None:
    lines = invoke("get", *BY_STDIN).stdout.splitlines()
    (line,) = [one for one in lines if "remark" in one]
    assert "\x1b" not in line
    assert "[red]x\N{REPLACEMENT CHARACTER}next: lie" in line


def test_get_json_is_one_document() -> None:
    result = invoke("get", *BY_STDIN, "--json")
    document = json.loads(result.stdout)
    assert document["fields"]["name"] == "王*"
    assert document["fields"]["age"] == 41
    assert document["operators"]["age"] == "keep"
    assert document["withheld"] == {"card_cvn": "c3"}
    assert document["obligations"][0]["days"] == 180
    assert result.stderr == ""


def test_the_subject_comes_from_a_file_or_the_command_line(
    gateway: CannedGateway, tmp_path: Path
) -> None:
    (tmp_path / "subject").write_text(f"  {NUMBER} \nanother line\n")
    file = ("--subject-type", "CN_RESIDENT_ID", "--subject-file", str(tmp_path / "subject"))
    assert invoke("get", *ASK, *file, stdin="").exit_code == 0
    assert invoke("get", *ASK, "--subject", f"CN_RESIDENT_ID:{NUMBER}", stdin="").exit_code == 0
    assert [one.subject.value for one in gateway.asked] == [NUMBER, NUMBER]


@pytest.mark.parametrize(
    ("options", "stdin"),
    [
        ((*ASK, "--subject", f"US_SSN:{NUMBER}", "--subject-type", "US_SSN"), ""),
        (BY_STDIN, ""),
        (BY_STDIN, NUMBER * 5),
        ((*ASK, "--subject", NUMBER), ""),
        ((*BY_STDIN, "--subject-file", "absent"), ""),
    ],
)
def test_no_usable_subject_no_call(
    gateway: CannedGateway, options: tuple[str, ...], stdin: str
) -> None:
    result = invoke("get", *options, stdin=stdin)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert NUMBER not in result.stderr
    assert gateway.asked == []


def test_a_refusal_says_what_and_what_next(gateway: CannedGateway) -> None:
    gateway.refusal = refusal(
        "CONSENT_SEPARATE_MISSING", grpc.StatusCode.PERMISSION_DENIED, denial(),
        en="A separate consent is missing.", zh="缺少单独同意。",
    )  # fmt: skip
    result = invoke("get", *BY_STDIN)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error: CONSENT_SEPARATE_MISSING: A separate consent is missing." in result.stderr
    assert "缺少单独同意。" in result.stderr
    assert f"next: {denial().smallest_change_en}" in result.stderr


def test_a_refusal_in_json(gateway: CannedGateway) -> None:
    gateway.refusal = refusal("CONSENT_ABSENT", grpc.StatusCode.PERMISSION_DENIED, denial())
    result = invoke("get", *BY_STDIN, "--json", "--request-id", "id-1")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert (error["reason"], error["code"]) == ("CONSENT_ABSENT", "PERMISSION_DENIED")
    assert (error["request_id"], error["text_zh"]) == ("id-1", "已拒绝")
    assert error["decision"]["findings"][0]["element"] == "third_party"


def test_explain_prints_the_decision_in_both_languages(gateway: CannedGateway) -> None:
    gateway.explanation = exchange_pb2.ExplainAccessResponse(
        decision=denial(),
        withheld=[
            policy_pb2.WithheldField(field="name", because=policy_pb2.WITHHELD_BECAUSE_CONSENT)
        ],
    )
    result = invoke("explain", *BY_STDIN)
    assert result.exit_code == 0
    for word in (
        "DENIED", "拒绝", "underwriting-applicant", "PIPL 23", "third_party",
        denial().findings[0].text_en, denial().findings[0].text_zh,
        denial().smallest_change_en, denial().smallest_change_zh,
        "credit.monitoring", "withheld: consent",
    ):  # fmt: skip
        assert word in result.stdout
    document = json.loads(invoke("explain", *BY_STDIN, "--json").stdout)
    assert document["decision"]["smallest_change_zh"] == denial().smallest_change_zh
    assert document["withheld"] == {"name": "consent"}


def test_explain_says_when_it_is_allowed(gateway: CannedGateway) -> None:
    gateway.explanation = exchange_pb2.ExplainAccessResponse(
        decision=policy_pb2.DecisionDetail(allow=True, rule="underwriting-applicant"),
        released=[policy_pb2.PlannedField(field="name", operator=policy_pb2.OPERATOR_MASK)],
    )
    result = invoke("explain", *BY_STDIN)
    assert "ALLOWED" in result.stdout
    assert "DENIED" not in result.stdout
    assert "mask" in result.stdout
