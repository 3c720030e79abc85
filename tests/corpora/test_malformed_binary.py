"""Malformed files of spaCy and of datasets."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from corpora.formats import Case, is_one_error

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus, open_reader

CASES: dict[str, Case] = {
    "docbin.cut": (zlib.compress(b"x" * 99)[:-5], None, "not a whole .spacy file"),
    "docbin.other": (zlib.compress(b"x" * 99), None, "not a .spacy file"),
    "docbin.text": (b"no rash", None, "not a .spacy file"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_malformed_is_one_error_with_file_and_line(
    tmp_path: Path, host: Host, case: str
) -> None:
    is_one_error(tmp_path, host, case.partition(".")[0], CASES[case])


def test_a_bomb_of_zlib_is_not_inflated(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("spacy")
    monkeypatch.setattr("nerharness.corpora.docbin.MAX_FILE", 1000)
    file = tmp_path / "in.spacy"
    file.write_bytes(zlib.compress(b"\0" * 10_000_000))
    with pytest.raises(CorpusError, match="larger than 1,000 bytes"):
        read_corpus(open_reader(host, str(file))[0], file, None)


@pytest.mark.parametrize("cut", [0, 10, 0.5, -30])
def test_a_dataset_that_is_cut_off_is_an_error(tmp_path: Path, host: Host, cut: float) -> None:
    file = dataset(tmp_path / "in")
    data = file.read_bytes()
    file.write_bytes(data[: int(cut * len(data)) if cut == 0.5 else int(cut)])
    with pytest.raises(CorpusError, match="no dataset on disk"):
        load_corpus(host, f"{tmp_path / 'in'}:datasets", None)


def test_a_dataset_with_text_that_is_not_utf8_is_an_error(tmp_path: Path, host: Host) -> None:
    file = dataset(tmp_path / "in")
    file.write_bytes(file.read_bytes().replace(b"rash", b"\xff\xfe\xfd\xfc"))
    with pytest.raises(CorpusError, match=r"cannot be read: .*Invalid UTF8") as caught:
        load_corpus(host, f"{tmp_path / 'in'}:datasets", None)
    assert caught.value.where == str(tmp_path / "in" / "train")


def dataset(folder: Path) -> Path:
    """Write a dataset; return its Arrow file."""
    datasets = pytest.importorskip("datasets")
    rows = {"tokens": [["a", "rash"]] * 9, "ner_tags": [["O", "B-S"]] * 9}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows)}).save_to_disk(str(folder))
    (file,) = folder.rglob("*.arrow")
    return file
