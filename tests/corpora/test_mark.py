"""Where a mark may stand that protects a corpus, and where it may not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nerharness.corpora.mark import is_marked
from nerharness.errors import CorpusError


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    """A corpus in a folder of a folder that a `corpus.toml` marks."""
    corpus = tmp_path / "protected" / "deep" / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "test.jsonl").write_text("{}\n")
    (tmp_path / "protected" / "corpus.toml").write_text("protected = true\n")
    return corpus


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder without a mark."""
    folder = tmp_path / "elsewhere" / "other"
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text("{}\n")
    return folder


def test_a_mark_above_protects_folders_and_files(protected: Path, other: Path) -> None:
    assert is_marked(protected)
    assert is_marked(protected / "test.jsonl")
    assert not is_marked(other)
    assert not is_marked(other / "train.jsonl")


def test_a_mark_protects_what_links_lead_to(protected: Path, other: Path) -> None:
    link = other.parent / "link"
    link.symlink_to(protected)
    assert is_marked(link)
    assert is_marked(link / "test.jsonl")
    (other / "test.jsonl").symlink_to(protected / "test.jsonl")
    assert is_marked(other / "test.jsonl")
    assert is_marked(other), "one file of a corpus is enough"


@pytest.mark.parametrize("target", ["protected/deep/corpus", "protected/deep/corpus/test.jsonl"])
def test_a_mark_protects_what_links_in_folders_of_a_corpus_lead_to(
    protected: Path, other: Path, tmp_path: Path, target: str
) -> None:
    between = tmp_path / "between" / "texts"
    between.mkdir(parents=True)
    (between / "notes").symlink_to(tmp_path / target)
    (other / "texts").symlink_to(between)
    assert is_marked(other)


def test_a_mark_protects_the_corpus_that_a_folder_in_it_is_part_of(
    protected: Path, tmp_path: Path
) -> None:
    assert is_marked(tmp_path), "some of its files stand below the mark"


def test_links_that_lead_back_or_nowhere_are_no_fault(
    other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("back", "again"):
        (other / name).symlink_to(other.parent)
    (other / "itself").symlink_to(other / "itself")
    (other / "nowhere").symlink_to(other / "lost")
    walk = os.walk

    def short(*arguments: Any, **rest: Any) -> Iterator[Any]:
        for number, step in enumerate(walk(*arguments, **rest)):
            assert number < 9, "it goes round in circles"
            yield step

    monkeypatch.setattr("os.walk", short)
    assert not is_marked(other)


def test_a_mark_that_cannot_be_read_is_found_where_links_lead(protected: Path, other: Path) -> None:
    (other / "test.jsonl").symlink_to(protected / "test.jsonl")
    (protected / "corpus.toml").write_text("protected = 1\n")
    with pytest.raises(CorpusError, match="protected must be true or false, got 1"):
        is_marked(other)


def test_a_run_that_does_not_say_plainly_that_it_is_not_protected_is(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    for said, protects in (('"no"', True), ("null", True), ("true", True), ("false", False)):
        run.write_text(f'{{"spec": {{"protected": {said}}}}}')
        assert is_marked(tmp_path) is protects
