"""Tab-separated names, and folders of texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.errors import CorpusError, UsageError
from nerharness.knowledge import text
from nerharness.knowledge.glossary import Glossary
from nerharness.knowledge.text import TextReader
from nerharness.knowledge.tsv import TsvReader
from nerharness.plugin.host import Host
from nerharness.runs.prompting import load_knowledge
from nerharness.types import Knowledge, Passage


def written(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8", newline="")
    return file


def test_columns_go_by_their_names_and_quotes_are_letters(tmp_path: Path) -> None:
    rows = [
        "ID\tDefinition\tLABEL\tSynonyms\tOther\tparents",
        'X:1\t\tdisease "of one kind\t\tz',
        "",
        'X:2\tA "copper" disease.\tWilson disease\tWD| hepatolenticular|wd||\tz\tX:1|X:7',
        "X:3\tno name here\t",
    ]
    found = TsvReader().read(written(tmp_path, "x.tsv", "\r\n".join(rows)))
    assert found == Knowledge(
        (
            Passage('disease "of one kind', "", (), "X:1"),
            Passage(
                "Wilson disease",
                'A "copper" disease.',
                ("WD", "hepatolenticular"),
                "X:2",
                ('disease "of one kind',),
            ),
        ),
        {"without a name": 1},
    )


def test_a_mapping_is_read_as_names_of_its_subjects(tmp_path: Path) -> None:
    rows = [
        "# curie_map:",
        "#   X: http://x/X_",
        "subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label",
        "X:1\tgout\tskos:exactMatch\tY:1\turic arthritis",
        "X:1\tgout\tskos:exactMatch\tY:2\tpodagra",
    ]
    found = TsvReader().read(written(tmp_path, "x.sssom.tsv", "\n".join(rows)))
    assert found.passages == (Passage("gout", "", ("uric arthritis", "podagra"), "X:1"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no header line"),
        ("# only\n", "no header line"),
        ("ID\tType\nX:1\ty\n", r"x\.tsv:1: no column of names"),
        ("name\nx\ty\n", r"x\.tsv:2: 2 columns under a header of 1"),
        ("name\tid\n\tX:1\n", "no concept to be used: 1 without a name"),
    ],
)
def test_a_malformed_table_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        TsvReader().read(written(tmp_path, "x.tsv", content))


def test_texts_are_cut_into_whole_sentences_that_overlap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "SIZE", 40)
    written(tmp_path, "b.txt", "One is here. Two is there. Three is far\naway. Four.")
    written(tmp_path, "a/c.md", "Before.\n\n# Gout #\n\nGout hurts.\n\n## Rest\n")
    written(tmp_path, "a/.hidden.md", "Not this.")
    written(tmp_path, ".git/x.md", "Nor this.")
    written(tmp_path, "a/d.csv", "Nor that.")
    found = TextReader().read(tmp_path)
    assert [(p.id, p.title, p.text) for p in found.passages] == [
        ("a/c.md#0", "c", "Before."),
        ("a/c.md#1", "Gout", "Gout hurts."),
        ("b.txt#0", "b", "One is here. Two is there."),
        ("b.txt#1", "b", "Two is there. Three is far away. Four."),
    ]


def test_a_sentence_longer_than_a_passage_is_a_passage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "SIZE", 10)
    file = written(tmp_path, "x.txt", "A. This one is longer. This one is longer too. B. C.")
    assert [p.text for p in TextReader().read(file).passages] == [
        "A.",
        "This one is longer.",
        "This one is longer too.",
        "B. C.",
    ]


def test_texts_of_nothing_are_an_error(tmp_path: Path) -> None:
    written(tmp_path, "x.txt", " \n")
    with pytest.raises(CorpusError, match="no text"):
        TextReader().read(tmp_path)


def test_the_glossary_takes_no_path(tmp_path: Path) -> None:
    assert len(Glossary().read(None).passages) > 200
    with pytest.raises(UsageError, match="built in"):
        Glossary().read(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("k.jsonl", '{"name": "gout", "definition": "d"}'),
        ("k.obo", "[Term]\nid: X:1\nname: gout\n"),
        ("k.json", '{"graphs": [{"nodes": [{"id": "x", "lbl": "gout"}]}]}'),
        ("k.tsv", "label\ngout\n"),
        ("gout.txt", "Gout."),
        ("folder/gout.md", "Gout."),
    ],
)
def test_the_reader_is_found_by_what_stands_there(
    host: Host, tmp_path: Path, name: str, content: str
) -> None:
    file = written(tmp_path, name, content)
    path = tmp_path / Path(name).parts[0]
    assert load_knowledge(host, str(path)).passages[0].title == "gout"
    assert file.exists()


def test_a_reader_can_be_named(host: Host, tmp_path: Path) -> None:
    file = written(tmp_path, "names.data", "label\ngout\n")
    assert load_knowledge(host, f"{file}:tsv").passages[0].title == "gout"
    with pytest.raises(CorpusError, match=r"no reader recognises this knowledge.*PATH:READER"):
        load_knowledge(host, str(file))
    with pytest.raises(UsageError, match="did you mean 'tsv'"):
        load_knowledge(host, f"{file}:tsvv")
    with pytest.raises(CorpusError, match="--knowledge nowhere"):
        load_knowledge(host, "nowhere")
