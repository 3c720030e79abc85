"""Which reader reads `--corpus`, and which split is evaluated."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Findings
from nerharness.plugin.host import Host
from nerharness.runs.corpus import choose_split, load_corpus, open_reader
from nerharness.runs.reading import named_options
from nerharness.types import Source

CONLL = "no\tO\nfever\tB-Sign\n"
JSONL = '{"text": "no fever", "entities": [{"label": "Sign", "start": 3, "end": 8}]}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.conll", CONLL),
        ("a.txt", CONLL),
        ("a", CONLL),
        ("a.jsonl", JSONL),
        ("a.json", JSONL),
        ("a", JSONL),
        ("a", "\ufeff" + JSONL),
    ],
)
def test_a_file_is_read_by_what_stands_in_it(
    tmp_path: Path, host: Host, name: str, content: str
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    corpus = load_corpus(host, str(file), None)
    assert corpus.splits["a"][0].document.text == "no fever"
    assert corpus.labels.names == ("Sign",)


def test_a_folder_is_read_by_what_stands_in_it(tmp_path: Path, host: Host) -> None:
    contents = {"c/test.tsv": CONLL, "j/test.jsonl": JSONL, "b/n.txt": "no fever"}
    for name, content in {**contents, "b/n.ann": "T1\tSign 3 8\tfever\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    for folder in "cjb":
        ((example,),) = load_corpus(host, str(tmp_path / folder), None).splits.values()
        assert example.entities[0].surface(example.document.text) == "fever"


def test_the_reader_may_be_named_after_a_colon(tmp_path: Path, host: Host) -> None:
    file = tmp_path / "a:b.txt"
    file.write_text(JSONL, encoding="utf-8")
    assert load_corpus(host, f"{file}:jsonl", None).labels.names == ("Sign",)
    with pytest.raises(CorpusError, match=r"one column|not a tag"):
        load_corpus(host, f"{file}:conll", None)


def test_a_colon_in_a_path_that_exists_names_no_reader(tmp_path: Path, host: Host) -> None:
    file = tmp_path / "notes:conll"
    file.write_text(JSONL, encoding="utf-8")
    assert load_corpus(host, str(file), None).labels.names == ("Sign",)


def test_an_unknown_reader_is_an_error_with_a_suggestion(tmp_path: Path, host: Host) -> None:
    (tmp_path / "a").write_text(JSONL, encoding="utf-8")
    with pytest.raises(UsageError, match=r"unknown corpus 'jsnol'; did you mean 'jsonl'\?"):
        load_corpus(host, f"{tmp_path / 'a'}:jsnol", None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("conll:scheme=X", "conll:scheme=X: 'X' is not a choice; choose from auto"),
        ("conll:columns=word", "conll:columns=word: 'word' is no layout"),
        ("conll:colour=1", "corpus 'conll': unknown option 'colour'; it takes: columns, scheme"),
        ("run-folder:unfinished=kept", "run-folder:unfinished=kept: 'kept' is not a choice"),
    ],
)
def test_an_option_that_cannot_be_is_named_as_it_is_written(
    tmp_path: Path, host: Host, written: str, fault: str
) -> None:
    (tmp_path / "a").write_text(CONLL, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        open_reader(host, f"{tmp_path / 'a'}:{written}")
    assert str(caught.value).startswith(fault)


@pytest.mark.parametrize("content", ["Just some prose\nover two lines.\n", "\n", "a,b\n1,2\n"])
def test_what_no_reader_recognises_is_an_error_that_lists_the_readers(
    tmp_path: Path, host: Host, content: str
) -> None:
    file = tmp_path / "notes.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_corpus(host, str(file), None)
    assert caught.value.where == str(file)
    assert "brat, conll, csv, datasets, docbin, jsonl" in caught.value.hint


def test_a_folder_that_no_reader_recognises_is_an_error(tmp_path: Path, host: Host) -> None:
    with pytest.raises(CorpusError, match="the folder is empty: no corpus in it"):
        load_corpus(host, str(tmp_path), None)
    (tmp_path / "notes").mkdir()
    with pytest.raises(CorpusError, match="no reader recognises"):
        load_corpus(host, str(tmp_path), None)


@pytest.mark.parametrize(
    "wanted", ["nowhere", "nowhere:conll", "no/where.jsonl", ":jsonl", "x" * 5000], ids=len
)
def test_a_path_that_is_not_there_is_an_error(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CorpusError, match="no such file or folder"):
        load_corpus(host, wanted, None)


def test_an_option_of_a_reader_may_have_digits_in_its_name() -> None:
    assert named_options("a:b:conll:of_2=x") == ("a:b", "conll", {"of_2": "x"})
    assert named_options("a:2=x") == ("a", "2=x", {}), "that is no name of an option"


def test_a_home_folder_that_is_not_there_is_an_error(host: Host) -> None:
    with pytest.raises((CorpusError, UsageError)):
        load_corpus(host, "~nobody-of-this-name/corpus", None)


def test_something_that_is_neither_file_nor_folder_is_an_error(host: Host) -> None:
    with pytest.raises(CorpusError):
        load_corpus(host, os.devnull, None)


def test_an_unreadable_file_is_an_error(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    file = tmp_path / "a.jsonl"
    file.write_text(JSONL, encoding="utf-8")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(CorpusError, match="Permission denied"):
        load_corpus(host, f"{file}:jsonl", None)


def test_the_sample_is_chosen_by_name_alone(host: Host, tmp_path: Path) -> None:
    assert load_corpus(host, "sample", None).name == "sample"
    with pytest.raises(UsageError, match="takes no path"):
        load_corpus(host, f"{tmp_path}:sample", None)


def opened(host: Host, wanted: object) -> Source:
    reader, path = open_reader(host, str(wanted))
    return reader.open(path, None, Findings())


def test_the_split_is_test_unless_another_is_named(host: Host) -> None:
    source = opened(host, "sample")
    assert choose_split(source, None) == "test"
    assert choose_split(source, "dev") == "dev"
    with pytest.raises(UsageError, match="has no split 'tset'"):
        choose_split(source, "tset")


def test_the_only_split_is_taken_whatever_its_name(tmp_path: Path, host: Host) -> None:
    (tmp_path / "notes.jsonl").write_text(JSONL, encoding="utf-8")
    assert choose_split(opened(host, tmp_path / "notes.jsonl"), None) == "notes"


def test_without_a_test_split_one_of_several_must_be_named(tmp_path: Path, host: Host) -> None:
    for split in ("train", "dev"):
        (tmp_path / f"{split}.jsonl").write_text(JSONL, encoding="utf-8")
    with pytest.raises(UsageError, match="has no split 'test'; it has: dev, train"):
        choose_split(opened(host, tmp_path), None)
