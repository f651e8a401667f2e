"""The policy loader: what it reads, what it refuses, and the place that it names."""

import contextlib
import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.policy_files import policy_folder, strict_yaml
from gateway.adapters.policy_files.strict_yaml import StrictYamlError, parse
from gateway.adapters.policy_files.yaml_policies import PolicyFileError, read_policies

SHIPPED = Path(__file__).parents[4] / "policies"
RULES, DATASET, MASKING = (
    "rules/credit.yaml",
    "datasets/credit.applicant.yaml",
    "masking/tight.v1.yaml",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "policies"))


def refusal(folder: Path) -> PolicyFileError:
    with pytest.raises(PolicyFileError) as caught:
        read_policies(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.next_step in str(caught.value)
    return caught.value


def rewrite(folder: Path, path: str, old: str, new: str) -> str:
    """Replace the first ``old`` and return the text."""
    text = (folder / path).read_text("utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    (folder / path).write_text(text, "utf-8")
    return text


def place_of(text: str, mark: str) -> tuple[int, int]:
    before = text[: text.index(mark)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class TestReading:
    def test_documents_stand_in_the_order_of_their_paths(self, folder: Path) -> None:
        bundle = read_policies(folder)
        assert bundle.files == tuple(sorted(bundle.files))
        assert [m.profile for m in bundle.documents.masking] == [
            "collection.v1",
            "collection.v2",
            "display.v1",
            "display.v2",
            "notes.v1",
            "tight.v1",
            "tight.v2",
        ]

    def test_the_digest_is_over_lengths_paths_and_bytes(self, folder: Path) -> None:
        bundle = read_policies(folder)
        state = sha256()
        for path in bundle.files:
            for part in (path.encode(), (folder / path).read_bytes()):
                state.update(len(part).to_bytes(8, "big"))
                state.update(part)
        assert bundle.digest == state.hexdigest()

    def test_the_digest_tells_a_changed_comment_and_a_renamed_file(self, folder: Path) -> None:
        first = read_policies(folder).digest
        rewrite(folder, "purposes.yaml", "# The purpose tree.", "# The tree.")
        second = read_policies(folder).digest
        (folder / "rules/fraud.yaml").rename(folder / "rules/fraud-2.yaml")
        assert len({first, second, read_policies(folder).digest}) == 3

    def test_guide_schemas_and_tests_decide_nothing(self, folder: Path) -> None:
        before = read_policies(folder)
        (folder / "README.md").write_text("other")
        (folder / "schema/rules.schema.json").write_text("{}")
        (folder / "tests").mkdir()
        (folder / "tests/any.yaml").write_text("&a *a")
        assert read_policies(folder) == before

    def test_the_pure_python_parser_reads_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        fast = read_policies(SHIPPED)
        monkeypatch.setattr(strict_yaml, "_LOADER", yaml.BaseLoader)
        assert read_policies(SHIPPED) == fast


class TestPlaces:
    """Each: file, old text, new text, and the text that stands at the named place."""

    @pytest.mark.parametrize(
        ("path", "old", "new", "mark"),
        [
            (RULES, "effect: permit\n    id: und", "effect: allow\n    id: und", "allow"),
            (RULES, "id: underwriting-applicant", "id: Underwriting", "Underwriting"),
            (RULES, "purposes: [credit.underwriting]", "purposes: []", "[]\n    recipients"),
            (RULES, "roles: [lender]", "roles: [lender, lendr]", "lendr"),
            (RULES, "{ roles: [lender] }", "{ roles: [] }", "{ roles: [] }"),
            (RULES, "using: person_name", "usng: person_name", "usng"),
            (RULES, "operator: mask, using: phone", "operator: mask", "{ operator: mask }"),
            (RULES, "bands: [12, 24, 36, 48]", "bands: [12, 12]", "{ operator: generalise, bands"),
            (RULES, "housing: { operator: keep }", "Housing: { operator: keep }", "Housing"),
            (RULES, "job: { operator: keep }", "job: { operator: kept }", "kept"),
            (RULES, "count: 20, per: day", "count: 0, per: day", "0, per: day"),
            (RULES, "max_age_days: 90", "max_age_days: 9999", "9999"),
            (RULES, "        days: 180\n", "", "id: delete_within"),
            (DATASET, "type: date", "type: datetime", "datetime"),
            (DATASET, "sensitive: true", "sensitive: yes", "yes"),
            (DATASET, "jurisdiction: CN", "jurisdiction: cn", "cn\nid"),
            (MASKING, "keep_last: 1", "keep_last: 9", "9"),
            (MASKING, "  ssn:", "  s-n:", "s-n"),
            (MASKING, "keep_first: 3", "keep_frist: 3", "keep_frist"),
            ("purposes.yaml", "version: 1", "version: 2", "2\npurposes"),
            ("purposes.yaml", "version: 1\n", "version: 1\nowner: me\n", "owner"),
        ],
    )
    def test_a_wrong_value_is_named_where_it_stands(
        self, folder: Path, path: str, old: str, new: str, mark: str
    ) -> None:
        text = rewrite(folder, path, old, new)
        error = refusal(folder)
        assert (error.path, error.line, error.column) == (path, *place_of(text, mark))
        assert str(error).startswith(f"{path}:{error.line}:{error.column}: ")

    def test_a_missing_field_is_named_where_its_rule_begins(self, folder: Path) -> None:
        text = rewrite(folder, RULES, "    dataset: credit.applicant\n", "")
        error = refusal(folder)
        assert (error.line, error.column) == place_of(text, "effect: permit")
        assert "`dataset`" in error.what

    def test_a_duplicate_key_is_named_with_the_first_one(self, folder: Path) -> None:
        text = rewrite(folder, DATASET, "provider:", "dataset: other\nprovider:")
        error = refusal(folder)
        assert (error.line, error.column) == place_of(text, "dataset: other")
        assert f"line {place_of(text, 'dataset: credit')[0]}" in error.next_step


class TestScalars:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("true", True), ("False", False), ("null", None), ("~", None), ("0", 0), ("-12", -12),
            ("999999999999999999", 999999999999999999), ("no", "no"), ("Yes", "Yes"), ("on", "on"),
            ("2026-01-31", "2026-01-31"), ("12:30:00", "12:30:00"), ("1_000", "1_000"),
            ("'1'", "1"), ('"true"', "true"), ('""', ""), (".5a", ".5a"), ("-x", "-x"), ("=", "="),
            ("征信", "征信"), (">-\n  one\n  two", "one two"), ("|-\n  one", "one"),
        ],
    )  # fmt: skip
    def test_a_scalar_has_the_type_of_its_form(self, text: str, value: object) -> None:
        assert parse(f"a: {text}\n...\n".encode()).plain() == {"a": value}

    @pytest.mark.parametrize(
        "text",
        [
            "1.0", ".5", "1e3", "0o17", "0x1F", "017", "+1", "-0", ".inf", "-.INF", ".nan", "00",
            "1000000000000000000", "", "!!str a", "! a", "&a b", "*a", "|\n  one", "|-\n  a\n  b",
            '"a\\nb"', '"\\0"', '"\\ud800"', '"\\u202e"', "x" * 2001, "'", "@a", "`a", "-",
        ],
    )  # fmt: skip
    def test_a_scalar_that_could_be_misread_is_refused(self, text: str) -> None:
        with pytest.raises(StrictYamlError):
            parse(f"a: {text}\n...\n".encode())

    @pytest.mark.parametrize("key", ["1", "true", "null", "<<", "[a]", "{a: b}", "? [a]\n", "!x a"])
    def test_a_key_is_a_string_and_nothing_merges(self, key: str) -> None:
        with pytest.raises(StrictYamlError):
            parse(f"{key}: 1\n...\n".encode())


# U+FFFC and U+FFFD stand for what was lost, and are refused.
_SHOWN = st.characters(
    codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\ufffc\ufffd"
)
_WORDS = st.text(_SHOWN, max_size=12)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=20,
)


class TestProperties:
    @given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        with contextlib.suppress(StrictYamlError):
            assert parse(data).place >= (1, 1)

    @given(st.dictionaries(_WORDS, _DATA, max_size=5))
    def test_json_is_read_as_json(self, value: dict[str, object]) -> None:
        # RFC 8259 is a subset of YAML 1.2, and has another reader to compare with.
        assert parse(f"{json.dumps(value, ensure_ascii=False)}\n...\n".encode()).plain() == value


class TestBounds:
    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("- a\n" * strict_yaml.MAX_NODES, "nodes"),
            ("[" * strict_yaml.MAX_DEPTH + "[]" + "]" * strict_yaml.MAX_DEPTH + "\n", "levels"),
            ("#" * strict_yaml.MAX_BYTES + "\n", "bytes"),
        ],
    )
    def test_one_too_many_is_refused_for_that_reason(self, text: str, what: str) -> None:
        with pytest.raises(StrictYamlError) as caught:
            parse(f"{text}...\n".encode())
        assert what in caught.value.what

    def test_as_many_as_are_allowed_are_read(self) -> None:
        items = strict_yaml.MAX_NODES - 1
        assert parse(b"- a\n" * items + b"...\n").plain() == ["a"] * items
        depth = strict_yaml.MAX_DEPTH
        parse(f"{'[' * depth}{']' * depth}\n...\n".encode())


class TestFolder:
    @pytest.mark.parametrize(
        "path",
        ["extra.yaml", "rules/a.yml", "rules/.a.yaml.swp", "rules/sub/a.yaml", "rules/A.yaml",
         "schema/a.json", "policy.py", "datasets/README.md", "lib/a.yaml"],
    )  # fmt: skip
    def test_an_unknown_file_is_refused(self, folder: Path, path: str) -> None:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("...\n")
        error = refusal(folder)
        assert path.startswith(error.path)
        assert error.line is None

    @pytest.mark.parametrize("path", ["purposes.yaml", "datasets", "masking", "rules"])
    def test_an_incomplete_set_is_refused(self, folder: Path, path: str) -> None:
        gone = folder / path
        gone.unlink() if gone.is_file() else shutil.rmtree(gone)
        assert refusal(folder).path == path

    def test_a_missing_folder_is_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "none").path == "."

    def test_a_file_in_place_of_the_folder_is_refused(self, folder: Path) -> None:
        refusal(folder / "purposes.yaml")

    def test_a_link_that_leaves_the_folder_is_refused(self, folder: Path) -> None:
        outside = folder.parent / "outside.yaml"
        shutil.move(folder / RULES, outside)
        (folder / RULES).symlink_to(outside)
        assert refusal(folder).path == RULES

    def test_a_linked_folder_that_leaves_is_refused(self, folder: Path) -> None:
        shutil.move(folder / "rules", folder.parent / "rules")
        (folder / "rules").symlink_to(folder.parent / "rules")
        assert refusal(folder).path == "rules"

    @pytest.mark.parametrize("target", ["nowhere.yaml", "credit.yaml"])
    def test_a_link_to_nowhere_or_to_itself_is_refused(self, folder: Path, target: str) -> None:
        (folder / RULES).unlink()
        (folder / RULES).symlink_to(target)
        assert refusal(folder).path == RULES

    def test_the_links_of_a_mounted_volume_are_followed(self, folder: Path) -> None:
        before = read_policies(folder)
        (folder / "..2026").mkdir()
        for name in ("purposes.yaml", "datasets", "masking", "rules"):
            shutil.move(folder / name, folder / "..2026" / name)
            (folder / name).symlink_to(Path("..data", name))
        (folder / "..data").symlink_to("..2026")
        assert read_policies(folder) == before

    def test_a_pipe_is_refused_without_waiting_for_a_writer(self, folder: Path) -> None:
        (folder / RULES).unlink()
        os.mkfifo(folder / RULES)
        assert refusal(folder).path == RULES

    def test_a_folder_with_a_document_name_is_refused(self, folder: Path) -> None:
        (folder / "rules/a.yaml").mkdir()
        assert refusal(folder).path == "rules/a.yaml"

    def test_a_file_over_the_limit_is_refused_unread(self, folder: Path) -> None:
        with (folder / RULES).open("wb") as file:
            file.truncate(10**10)
        error = refusal(folder)
        assert (error.path, error.line) == (RULES, None)

    def test_too_many_files_are_refused(self, folder: Path) -> None:
        for number in range(policy_folder.MAX_FILES):
            (folder / f"rules/r{number}.yaml").touch()
        assert "files" in refusal(folder).what

    def test_too_many_bytes_in_all_are_refused(self, folder: Path) -> None:
        filler = (folder / MASKING).read_text("utf-8") + "#" * 200_000 + "\n"
        for number in range(21):
            (folder / f"masking/m{number:02}.yaml").write_text(filler, "utf-8")
        assert "in all" in refusal(folder).what
