"""Labelled corpora in all their forms, and what is said of broken ones."""

import json
from pathlib import Path

import pytest

from gateway.detection.evaluation.labelled import CorpusError, Labelled, Mark
from gateway.detection.evaluation.reading import read_corpus


def read(folder: Path, name: str, content: str, **mapped: str) -> list[Labelled]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return list(read_corpus(path, mapped))


def test_our_lines(tmp_path: Path) -> None:
    row = {"text": "张三来电", "spans": [{"start": 0, "end": 2, "type": "PERSON"}]}
    rows = [row, {**row, "group": "notes", "language": "zh", "entities": []}]
    found = read(tmp_path, "a.jsonl", "\n".join(json.dumps(one) for one in rows) + "\n\n")
    marks = (Mark(0, 2, "PERSON"),)
    assert found == [Labelled("张三来电", marks), Labelled("张三来电", marks, "notes", "zh")]


def test_entities_in_place_of_spans(tmp_path: Path) -> None:
    row = {"text": "ab", "entities": [{"start": 0, "end": 1, "type": "A", "score": 0.5}]}
    assert read(tmp_path, "a.jsonl", json.dumps(row)) == [Labelled("ab", (Mark(0, 1, "A"),))]


@pytest.mark.parametrize("name", ["presidio.jsonl", "presidio.json"])
def test_the_form_of_presidio_s_research_set(tmp_path: Path, name: str) -> None:
    span = {"entity_type": "GPE", "entity_value": "Bonn", "start_position": 3, "end_position": 7}
    row = {"full_text": "in Bonn", "masked": "in {{GPE}}", "spans": [span], "template_id": 3}
    content = json.dumps([row] if name.endswith(".json") else row)
    assert read(tmp_path, name, content) == [Labelled("in Bonn", (Mark(3, 7, "GPE"),))]
    renamed = read(tmp_path, name, content, GPE="LOCATION")
    assert renamed[0].marks == (Mark(3, 7, "LOCATION"),)
    assert read(tmp_path, name, content, GPE="")[0].marks == ()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "is not JSON"),
        ("[]", "is not an object"),
        ('{"spans": []}', "has no `text`"),
        ('{"text": "a"}', "has no `spans`"),
        ('{"text": "a", "spans": [1]}', "a span is not an object"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1}]}', "has no `type`"),
        ('{"text": "a", "spans": [{"start": 0, "end": 2, "type": "A"}]}', "a mark ends at 2"),
        ('{"text": "a", "spans": [{"start": 0, "end": 1, "type": "a b"}]}', "a type is written"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(CorpusError, match=r"a\.jsonl:2: ") as caught:
        read(tmp_path, "a.jsonl", '{"text": "", "spans": []}\n' + line)
    assert caught.value.what.startswith(what)


def test_tagged_characters_and_tokens(tmp_path: Path) -> None:
    content = (
        "# newdoc id = O\n# text = 王小明 called O\n"
        "1\t王\tB-PER\t-\tx\n2\t小明\tI-PER\t-\tx\n3\t，\tO\t-\t-\n"
        "4\tcalled\tO\t-\t-\n5\tAnn\tB-PER\t-\tx\n6\tLee\tB-PER\t-\tx\n\n"
        "1\tIn\tO\t-\t-\n2\tBonn\tB-LOC\t-\tx\n"
    )
    found = read(tmp_path, "a.iob2", content, PER="PERSON")
    assert [one.text for one in found] == ["王小明，called Ann Lee", "In Bonn"]
    marks = [found[0].text[mark.start : mark.end] for mark in found[0].marks]
    assert marks == ["王小明", "Ann", "Lee"]
    assert found[1].marks == ()
    assert found[0].group == "a"
    everything = read(tmp_path, "a.iob2", content)
    assert everything[1].marks == (Mark(3, 7, "LOC"),)


def test_columns_by_spaces_and_a_token_that_is_a_hash(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- O\n\n# O\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n"
    (found,) = read(tmp_path, "a.conll", content)
    assert found.text == "# EU rejects"
    assert found.marks == (Mark(2, 4, "ORG"),)


def test_a_line_without_a_tag_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.conll:2: has no tag"):
        read(tmp_path, "a.conll", "a O\nb\n")
