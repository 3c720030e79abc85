"""Which split a name says: a word of it does, not a part of a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nerharness.corpora.brat import BratReader
from nerharness.corpora.files import split_name
from nerharness.corpora.jsonl import JsonlReader
from nerharness.findings import Findings

SAYS = {
    "train.jsonl": "train",
    "wnut17train.conll": "train",
    "CDR_TrainingSet.PubTator.txt": "train",
    "NCBItrainset_corpus.txt": "train",
    "train1": "train",
    "dev.tsv": "dev",
    "devel.tsv": "dev",
    "NCBIdevelopset_corpus.txt": "dev",
    "emerging.dev.conll": "dev",
    "validation": "dev",
    "notes-valid.jsonl": "dev",
    "DevelopmentSet": "dev",
    "NCBItestset_corpus.txt": "test",
    "emerging.test.annotated": "test",
    "TEST": "test",
    "notes_test.jsonl": "test",
    "testNotes": "test",
    "Ärzte-Test": "test",
    "train_dev.tsv": None,
    "Atteste": None,
    "latest_notes": None,
    "devices": None,
    "invalid": None,
    "strain": None,
    "contest.jsonl": None,
    "Testlabor": None,
    "éTest": "test",
    "ätest": None,
}


@pytest.mark.parametrize(("name", "split"), SAYS.items())
def test_a_word_of_a_name_says_the_split(name: str, split: str | None) -> None:
    assert split_name(name) == split


def texts(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".txt").write_text("No rash.", encoding="utf-8")
        file.with_suffix(".ann").write_text("", encoding="utf-8")


def lines(folder: Path, *names: str) -> None:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(json.dumps({"text": "No rash."}) + "\n", encoding="utf-8")


def test_files_of_no_split_are_said(tmp_path: Path) -> None:
    lines(tmp_path / "corpus", "notes_test.jsonl", "a.jsonl", "latest.jsonl")
    said = r"corpus: 2 of 3 files, .*, are not read; those that are: test notes_test.jsonl"
    with pytest.warns(UserWarning, match=said):
        source = JsonlReader().open(tmp_path / "corpus", None, Findings())
    assert list(source.splits) == ["test"]


def test_texts_of_no_split_are_said(tmp_path: Path) -> None:
    texts(tmp_path / "wards", "test/1", "icu/1", "latest/1")
    said = r"wards: 2 of 3 texts, in no folder .*, are a split 'wards' of their own"
    with pytest.warns(UserWarning, match=said):
        source = BratReader().open(tmp_path / "wards", None, Findings())
    assert {split: len(list(found)) for split, found in source.splits.items()} == {
        "test": 1,
        "wards": 2,
    }


def test_nothing_is_said_where_all_texts_are_of_a_split_or_none_is(tmp_path: Path) -> None:
    texts(tmp_path / "corpus", "train/1", "test/1", "test/more/2")
    assert list(BratReader().open(tmp_path / "corpus", None, Findings()).splits) == [
        "test",
        "train",
    ]
    texts(tmp_path / "latest", "1", "Atteste/1")
    assert list(BratReader().open(tmp_path / "latest", None, Findings()).splits) == ["latest"]


def test_nothing_is_said_where_all_files_are_of_a_split(tmp_path: Path) -> None:
    lines(tmp_path / "corpus", "train.jsonl", "test.jsonl")
    assert len(JsonlReader().open(tmp_path / "corpus", None, Findings()).splits) == 2
