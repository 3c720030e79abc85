"""Label sets: declared in a file, or gathered from the annotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.corpora.jsonl import JsonlReader
from nerharness.corpora.labels import read_labels
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.types import Corpus, Label, LabelSet

TWO = """
[[labels]]
name = "sign"
definition = "what others
can  observe"

[[labels]]
name = "disease"
""".replace('"what others', '"""what others').replace('observe"', 'observe"""')


def corpus_with(folder: Path, *labels: str, given: LabelSet | None = None) -> Corpus:
    entities = ", ".join(f'{{"label": "{name}", "start": 0, "end": 1}}' for name in labels)
    (folder / "test.jsonl").write_text(f'{{"text": "a", "entities": [{entities}]}}\n', "utf-8")
    return read_corpus(JsonlReader(), folder, given)


def test_a_declaration_gives_names_in_order_and_definitions_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(TWO, encoding="utf-8")
    labels = corpus_with(tmp_path, "disease").labels
    assert tuple(labels) == (Label("sign", "what others can observe"), Label("disease"))


def test_a_declaration_beside_a_single_file_counts_too(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(TWO, encoding="utf-8")
    corpus_with(tmp_path, "disease")
    assert len(read_corpus(JsonlReader(), tmp_path / "test.jsonl", None).labels) == 2


def test_labels_given_win_over_the_declaration(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(TWO, encoding="utf-8")
    given = LabelSet((Label("other", "something else"),))
    assert corpus_with(tmp_path, "other", given=given).labels == given


def test_without_a_declaration_the_labels_are_those_that_occur(tmp_path: Path) -> None:
    assert corpus_with(tmp_path, "b", "a", "b").labels.names == ("a", "b")


def test_an_undeclared_label_is_an_error_with_line_and_suggestion(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(TWO, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        corpus_with(tmp_path, "sign", "diseases")
    assert caught.value.where == f"{tmp_path / 'test.jsonl'}:1"
    assert "'diseases' is not in the label set" in caught.value.what
    assert (
        caught.value.hint
        == "did you mean 'disease'? it has: sign, disease; declare it there, or name it in left_out"
    )


def test_entities_of_labels_that_are_left_out_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text('left_out = ["anaphor"]\n' + TWO, encoding="utf-8")
    corpus = corpus_with(tmp_path, "anaphor", "sign")
    assert corpus.labels.names == ("sign", "disease")
    (example,) = corpus.splits["test"]
    assert [entity.label for entity in example.entities] == ["sign"]
    with pytest.raises(CorpusError, match="'anaphors' is not in the label set"):
        corpus_with(tmp_path, "anaphors")


def test_an_undeclared_label_like_no_other_has_no_suggestion(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        corpus_with(tmp_path, "xyz", given=LabelSet((Label("sign"),)))
    assert caught.value.hint == "it has: sign; declare it there, or name it in left_out"


@pytest.mark.parametrize(
    "labels", [("sign", "Sign"), ("rare_disease", "rare disease"), ("a-b", "AB")]
)
def test_labels_that_differ_in_case_and_punctuation_alone_are_too_alike(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    with pytest.raises(CorpusError, match="too alike"):
        corpus_with(tmp_path, *labels)
    declaration = "\n".join(f'[[labels]]\nname = "{name}"' for name in labels)
    (tmp_path / "corpus.toml").write_text(declaration, encoding="utf-8")
    with pytest.raises(CorpusError, match="too alike"):
        corpus_with(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        'left_out = "anaphor"\n[[labels]]\nname = "sign"',
        'left_out = ["sign"]\n[[labels]]\nname = "sign"',
        "",
        "labels = 5",
        "labels = ['sign']",
        "[labels]\nname = 'sign'",
        "[[labels]]\ndefinition = 'no name'",
        "[[labels]]\nname = 5",
        "[[labels]]\nname = ''",
        "[[labels]]\nname = 'sign'\n[[labels]]\nname = 'sign'",
        "labels = []",
        "[[labels]",
        "name = ",
    ],
)
def test_a_malformed_declaration_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "labels.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_labels(file)
    assert caught.value.where == str(file)


def test_a_declaration_that_is_missing_or_not_utf8_is_an_error_that_names_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "latin.toml").write_bytes(b"[[labels]]\nname = 'caf\xe9'\n")
    for name in ("latin.toml", "nowhere.toml", "."):
        with pytest.raises(CorpusError) as caught:
            read_labels(tmp_path / name)
        assert caught.value.where == str(tmp_path / name)
