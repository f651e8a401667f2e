"""Our recognisers and profiles in Presidio's own engines."""

import subprocess
import sys

import pytest
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_anonymizer.entities import RecognizerResult

from gateway.detection.anonymizer import ProfileOperator, anonymizer_engine, by_plan
from gateway.detection.engine import TextEngine
from gateway.detection.presidio import BlankNlpEngine, analyzer_engine, recognisers
from gateway.domain.deid.text import TextKeys, compile_text
from gateway.domain.policy.masking import MaskFormat, MaskingDocument, TextProfile
from gateway.domain.policy.operators import Mask

TEXT = "借款人张伟，身份证11010519491231002X，手机13812345678，邮箱zhang@example.com"
KEYS = TextKeys(
    lambda type_, value: f"p:{type_}",
    lambda type_, value: f"t:{type_}",
    lambda type_, value: value[::-1],
    None,
)


@pytest.fixture(scope="module")
def analyzer() -> AnalyzerEngine:
    return analyzer_engine()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_presidios_engine_finds_what_ours_finds(
    analyzer: AnalyzerEngine, engine: TextEngine, language: str
) -> None:
    found = analyzer.analyze(TEXT, language, score_threshold=0.5)
    theirs = {(one.start, one.end, one.entity_type) for one in found}
    ours = {(one.start, one.end, one.type) for one in engine.analyse(TEXT)}
    assert ours <= theirs
    assert {"CN_RESIDENT_ID", "CN_MOBILE_NUMBER", "EMAIL_ADDRESS"} <= {one[2] for one in ours}


def test_each_result_says_why(analyzer: AnalyzerEngine) -> None:
    found = analyzer.analyze(TEXT, "zh", return_decision_process=True)
    by_type = {one.entity_type: one.analysis_explanation for one in found}
    proved = by_type["CN_RESIDENT_ID"]
    assert proved.validation_result is True
    assert proved.textual_explanation
    assert "1101" not in str(proved.to_dict())


def test_entities_narrow_what_is_returned(analyzer: AnalyzerEngine) -> None:
    found = analyzer.analyze(TEXT, "en", entities=["EMAIL_ADDRESS"])
    assert {one.entity_type for one in found} == {"EMAIL_ADDRESS"}


def test_they_stand_beside_presidios_own_in_one_registry() -> None:
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(["en"], nlp_engine=BlankNlpEngine(["en"]))
    for one in recognisers("en"):
        registry.add_recognizer(one)
    engine = AnalyzerEngine(
        registry=registry, nlp_engine=BlankNlpEngine(["en"]), supported_languages=["en"]
    )
    found = engine.analyze("ID 11010519491231002X, mail me at 10:30", "en")
    assert "CN_RESIDENT_ID" in {one.entity_type for one in found}


def test_presidios_anonymizer_masks_by_a_profile() -> None:
    phone = MaskFormat(source="a test", keep_first=3, keep_last=4)
    document = MaskingDocument(
        1, "test.v1", {"phone": phone}, TextProfile(operators={"CN_MOBILE_NUMBER": Mask("phone")})
    )
    at, mail = TEXT.index("138"), TEXT.index("zhang@")
    spans = [
        RecognizerResult("CN_MOBILE_NUMBER", at, at + 11, 0.9),
        RecognizerResult("EMAIL_ADDRESS", mail, len(TEXT), 0.9),
    ]
    operators = by_plan(compile_text(document), KEYS)
    masked = anonymizer_engine().anonymize(TEXT, spans, operators).text
    assert masked.endswith("手机138****5678，邮箱<EMAIL_ADDRESS>")


def test_without_a_plan_the_operator_does_nothing_and_says_so() -> None:
    with pytest.raises(ValueError, match="TextPlan"):
        ProfileOperator().operate("13812345678", {"entity_type": "PERSON"})


def test_the_detector_itself_needs_no_presidio() -> None:
    script = (
        "import sys\n"
        "from gateway.detection.engine import TextEngine\n"
        "found = TextEngine().analyse('\u8054\u7cfb\u4ebaJohn Smith 13812345678')\n"
        "heavy = {'presidio_analyzer', 'presidio_anonymizer', 'spacy'}\n"
        "print(len(found), sorted(heavy & {name.split('.')[0] for name in sys.modules}))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.split() == ["2", "[]"], run.stderr
