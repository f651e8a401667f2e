"""What the shipped model finds in English. All names are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.context import ContextWords
from gateway.detection.names.english.recogniser import EnglishNames
from gateway.detection.names.english.spans import TextSpan
from gateway.detection.names.english.tagger import EnglishTagger
from gateway.detection.names.english.tokens import TWO_LATIN_LETTERS
from gateway.detection.recognisers.patterns import Gates
from gateway.detection.text.document import Document
from gateway.detection.text.view import View

WORDS = ContextWords([])
NAMES = EnglishNames()


def view(text: str) -> View:
    return Document(text, WORDS).folded


def people(text: str) -> list[str]:
    one = view(text)
    return [
        one.text[found.start : found.end]
        for found in NAMES.find(one)
        if found.entity == "PERSON" and found.score >= 0.5
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("My name is Harriet Oakenfold.", ["Harriet Oakenfold"]),
        ("Borrower: Daniel Whitcombe, DOB 1984-02-11", ["Daniel Whitcombe"]),
        ("Dear Mrs. Castellanos,", ["Castellanos"]),
        ("spoke w/ gary hopkins re pmt, will pay $200 on friday", ["gary hopkins"]),
        ("GUARANTOR: MICHAEL DUNNE PH 555-201-3344", ["MICHAEL DUNNE"]),
        ("Reference: Siobhan O'Brien (sister) 555-201-3344", ["Siobhan O'Brien"]),
        ("联系人 Jonathan Keller 电话 555-201-3344", ["Jonathan Keller"]),
        ("与Jonathan沟通，承诺周五还款", ["Jonathan"]),
        ("The co-signer, Zhang Xiaoming, signed on Friday.", ["Zhang Xiaoming"]),
        ("Payee: Wei-Ling Chen Amount: $450", ["Wei-Ling Chen"]),
        ("Please call Priya Raghunathan back before noon.", ["Priya Raghunathan"]),
        ("Sincerely,\n\nRobert J. McAllister", ["Robert J. McAllister"]),
        (
            "Signed by Ahmed Al-Rashid in the presence of María Fuentes",
            ["Ahmed Al-Rashid", "María Fuentes"],
        ),
        ("How can we reach Nguyen Van Thanh?", ["Nguyen Van Thanh"]),
        ("Michelle Okonkwo's phone is out of service.", ["Michelle Okonkwo"]),
    ],
)
def test_finds_names(text: str, wanted: list[str]) -> None:
    assert people(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "The Borrower shall repay the Loan in 36 equal monthly instalments.",
        "Will you grant access? Please mark the bill as paid in May and chase the invoice.",
        "Section 4. Governing Law. This Agreement is governed by the laws of England and Wales.",
        "SELECT LastName, FirstName FROM Customers WHERE City = 'London' ORDER BY LastName;",
        "return self._client.fetch(Request.from_dict(payload), timeout=30)",
        "Wells Fargo and JPMorgan Chase reported earnings on Tuesday.",
        "CUST CALLED, ADVISED BALANCE DUE, PTP FRIDAY",
        "Q1 2023 4.5 3.2 1.1 Q2 2023 4.9 3.0 1.4",
        "The property at 14 Jackson Street, Houston was appraised at $250,000.",
        "借款人已还款，金额 5000 元，APP 内可查",
        '{"status": "OK", "code": 200, "items": [], "nextPage": null}',
        "Dear Customer, your statement is ready.",
    ],
)
def test_finds_no_name_where_there_is_none(text: str) -> None:
    assert people(text) == []


def test_places_and_organisations_stay_below_every_default_threshold() -> None:
    found = list(NAMES.find(view("The Bank of America opened an office in London, England.")))
    others = [one for one in found if one.entity in {"LOCATION", "ORGANIZATION"}]
    assert others
    assert all(one.score < 0.5 for one in others)


def test_many_views_give_what_each_gives() -> None:
    texts = ["Call Peter Lindqvist.", "1234", "", "联系人电话", "Dear Anna,", "no name here"]
    views = [view(text) for text in texts]
    assert NAMES.find_many(views) == [list(NAMES.find(one)) for one in views]
    assert [bool(found) for found in NAMES.find_many(views)][1:4] == [False] * 3


def test_reasons_repeat_nothing_of_the_text() -> None:
    for found in NAMES.find(view("Loan officer: Gwendolyn Ashworth, Springfield Bank")):
        assert set(found.why.split()) <= {
            "the",
            "model",
            "is",
            "sure",
            "finds",
            "it",
            "likely",
            "possible",
        }


@given(st.text(st.sampled_from("aé12 .联ñŁ-@"), max_size=12))
def test_the_gate_is_open_wherever_two_latin_letters_stand(text: str) -> None:
    one = view(text)
    if TWO_LATIN_LETTERS.search(one.text):
        assert Gates(EnglishNames.GATES).open(one.ascii)


@pytest.mark.parametrize(
    "text",
    ["Pay to IBAN GB90WEST64368025111068 by Friday", "Alipay ID: 2088161234567890", "Tel: 555"],
)
def test_a_label_and_its_number_are_no_name(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("a.b.carter346@example.com，13800138000", False),
        ("见 https://example.com/John-Smith 与 www.example.com", False),
        ("a.b.carter346@example.com Jo", True),
        ("John@Smith", True),
        ("John @ 5", True),
    ],
)
def test_an_address_alone_is_not_read(
    text: str, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    spans = EnglishTagger.spans

    def noted(tagger: EnglishTagger, texts: list[str]) -> list[list[TextSpan]]:
        read.extend(texts)
        return spans(tagger, texts)

    monkeypatch.setattr(EnglishTagger, "spans", noted)
    list(NAMES.find(view(text)))
    assert read == ([text] if asked else [])
