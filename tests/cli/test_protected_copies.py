"""Copies of protected texts are protected: they have the mark, or are not written."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nerharness.corpora.mark import is_marked

Cli = Callable[..., Any]
needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="files have no modes")


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    """The usual umask, by which anyone can read what is written."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the settings alone that protection makes."""
    monkeypatch.setattr("nerharness.runs.protection.go_offline", lambda: None)


def copied(cli: Cli, way: str, corpus: str, out: str, *flags: str) -> Any:
    if way == "convert":
        return cli("convert", corpus, out, "--to", "jsonl", *flags)
    return cli("validate", corpus, "--fix", out, *flags)


@pytest.mark.parametrize("way", ["convert", "validate"])
def test_a_copy_in_a_folder_has_the_mark(cli: Cli, marked: str, way: str) -> None:
    assert copied(cli, way, marked, "copy").code == 0
    assert is_marked(Path("copy/test.jsonl"))
    outcome = cli("plan", "--backend", "openai", "--strategy", "zero-shot", "--corpus", "copy")
    assert "the texts are protected, and backend 'openai' sends them" in outcome.err
    assert copied(cli, way, "copy", "again").code == 0, "the mark alone declares no label"
    assert is_marked(Path("again/test.jsonl"))


@pytest.mark.parametrize("way", ["convert", "validate"])
def test_a_copy_in_a_file_is_written_where_a_mark_protects_it(
    cli: Cli, marked: str, way: str
) -> None:
    outcome = copied(cli, way, f"{marked}/dev.jsonl", "copy.jsonl")
    assert (outcome.code, outcome.out) == (2, "")
    assert "copy.jsonl: the texts are protected, and nothing would protect this" in outcome.err
    assert "corpus.toml says protected = true" in outcome.err
    assert sorted(map(str, Path().iterdir())) == [marked]
    assert copied(cli, way, f"{marked}/dev.jsonl", f"{marked}/copy.jsonl").code == 0
    Path("corpus.toml").write_text("protected = true")
    assert copied(cli, way, f"{marked}/dev.jsonl", "copy.jsonl").code == 0


@pytest.mark.parametrize("way", ["convert", "validate"])
def test_a_mark_in_the_file_of_labels_is_handed_on(cli: Cli, marked: str, way: str) -> None:
    labels = Path(marked, "corpus.toml").rename("labels.toml")
    assert copied(cli, way, marked, "copy", "--labels", str(labels)).code == 0
    assert is_marked(Path("copy"))


@pytest.mark.parametrize("way", ["convert", "validate"])
def test_a_copy_of_texts_that_nothing_protects_has_no_mark(cli: Cli, way: str) -> None:
    assert copied(cli, way, "sample", "copy").code == 0
    assert not Path("copy/corpus.toml").exists()


def test_what_lies_in_the_folder_of_a_protected_run_is_protected(cli: Cli) -> None:
    run = ["eval", "--tagger", "gazetteer", "--limit", "2", "--protected", "--out", "run"]
    assert cli(*run).code == 0
    Path("run/notes.jsonl").write_text('{"text": "The proband has a rash."}\n')
    assert copied(cli, "convert", "run/notes.jsonl", "copy").code == 0
    assert is_marked(Path("copy"))
    assert copied(cli, "convert", "run", "labelled").code == 0
    assert is_marked(Path("labelled"))
    Path("run/run.json").write_text('{"spec": {"protected": "maybe"}}')
    assert copied(cli, "convert", "run/notes.jsonl", "unsure").code == 0
    assert is_marked(Path("unsure")), "only false takes protection off"
    Path("run/run.json").write_text("{")
    outcome = copied(cli, "convert", "run/notes.jsonl", "other")
    assert outcome.code == 2
    assert "run.json: unreadable" in outcome.err


def modes(*places: str) -> set[str]:
    """What may be done with files and folders, and all in them, by whom."""
    every = [one for place in places for one in (Path(place), *Path(place).rglob("*"))]
    return {stat.filemode(one.stat().st_mode) for one in every}


PRIVATE = {"drwx------", "-rw-------"}
OPEN = {"drwxr-xr-x", "-rw-r--r--"}


@needs_modes
@pytest.mark.parametrize("way", ["convert", "validate"])
def test_only_the_owner_can_read_a_copy(cli: Cli, marked: str, way: str) -> None:
    listing = ["copy.fixes.jsonl"] if way == "validate" else []
    assert copied(cli, way, marked, "copy").code == 0
    assert modes("copy", *listing) == PRIVATE
    assert copied(cli, way, f"{marked}/dev.jsonl", f"{marked}/copy.jsonl").code == 0
    assert modes(f"{marked}/copy.jsonl") == {"-rw-------"}
    assert copied(cli, way, "sample", "open").code == 0
    assert modes("open", *[name.replace("copy", "open") for name in listing]) == OPEN


@needs_modes
def test_only_the_owner_can_read_a_run(cli: Cli) -> None:
    run = ["eval", "--tagger", "gazetteer", "--limit", "2"]
    assert cli(*run, "--out", "runs/one").code == 0
    assert modes("runs/one") == PRIVATE
    assert cli("score", "runs/one").code == 0
    assert modes("runs/one") == PRIVATE
    Path("mine").mkdir()
    assert cli(*run, "--out", "mine").code == 0
    assert modes("mine") == {"drwxr-xr-x", "-rw-------"}, "the folder was there"


def test_guidelines_of_protected_texts_are_protected(cli: Cli, marked: str) -> None:
    outcome = cli("guidelines", marked, "--out", "guidelines.md")
    assert outcome.code == 2
    assert "guidelines.md: the texts are protected" in outcome.err
    assert not Path("guidelines.md").exists()
    assert cli("guidelines", marked, "--out", f"{marked}/guidelines.md").code == 0
    if sys.platform != "win32":
        assert modes(f"{marked}/guidelines.md") == {"-rw-------"}


def test_what_align_writes_of_protected_texts_is_protected(cli: Cli, marked: str) -> None:
    Path(marked, "named.jsonl").write_text('{"text": "A rash.", "mentions": [{"text": "rash"}]}\n')
    align = ["align", f"{marked}/named.jsonl"]
    outcome = cli(*align, "--out", "aligned.jsonl")
    assert (outcome.code, outcome.out) == (2, "")
    assert "aligned.jsonl: the texts are protected, and nothing would protect this" in outcome.err
    assert sorted(map(str, Path().iterdir())) == [marked]
    assert cli(*align, "--out", f"{marked}/aligned.jsonl").code == 0
    assert '"start": 2' in cli(*align).out
    if sys.platform != "win32":
        assert modes(f"{marked}/aligned.jsonl") == {"-rw-------"}
    Path("named.jsonl").write_bytes(Path(marked, "named.jsonl").read_bytes())
    assert cli("align", "named.jsonl", "--out", "aligned.jsonl").code == 0
    if sys.platform != "win32":
        assert modes("aligned.jsonl") == {"-rw-r--r--"}
