"""Malformed input of any format: one clear error with file and line, in little time and memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from corpora.formats import GOOD, HEADER, TITLE, bioc_json, place, skip_without

from nerharness.corpora import files
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import load_corpus, open_reader


@pytest.mark.parametrize("reader", ["conll", "jsonl", "csv", "pubtator"])
def test_a_huge_line_is_an_error_before_it_is_held(
    tmp_path: Path, host: Host, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 1000)
    file = tmp_path / "in.txt"
    file.write_text("x" * 1001)
    with pytest.raises(CorpusError, match="a line of more than 1,000 bytes"):
        read_corpus(open_reader(host, f"{file}:{reader}")[0], file, None)


@pytest.mark.parametrize("reader", ["bioc-json", "brat"])
def test_a_file_too_large_to_be_held_is_an_error(
    tmp_path: Path, host: Host, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_FILE", 10)
    file = tmp_path / "in.txt"
    file.write_text("x" * 11)
    (tmp_path / "in.ann").write_text("")
    path = tmp_path if reader == "brat" else file
    with pytest.raises(CorpusError, match="larger than 10 bytes"):
        read_corpus(open_reader(host, f"{path}:{reader}")[0], path, None)


def test_a_byte_order_mark_is_no_part_of_any_text(tmp_path: Path, host: Host) -> None:
    contents = {"csv": HEADER + "a,O,1,1,f\n", "pubtator": TITLE, "bioc-json": bioc_json()}
    for reader, content in contents.items():
        file = tmp_path / reader
        file.write_bytes(b"\xef\xbb\xbf" + content.encode())
        found, path = open_reader(host, str(file))
        ((example,),) = read_corpus(found, path, None).splits.values()
        assert not example.document.text.startswith("\ufeff")


def cut_in_a_letter(text: str) -> bytes:
    data = text.encode()
    return data[: data.rfind(b"\xc3") + 1]


FAULTS: dict[str, tuple[Callable[[str], bytes], dict[str, tuple[int | None, str]]]] = {
    "cut in a letter": (
        cut_in_a_letter,
        {
            "conll": (2, "0xc3 is not UTF-8"),
            "csv": (2, "0xc3 is not UTF-8"),
            "pubtator": (5, "0xc3 is not UTF-8"),
            "bioc-xml": (3, "not XML"),
            "bioc-json": (3, "0xc3 is not UTF-8"),
            "jsonl": (2, "0xc3 is not UTF-8"),
            "brat": (2, "0xc3 is not UTF-8"),
        },
    ),
    "in Latin-1": (
        lambda text: text.encode("latin-1"),
        {
            "conll": (2, "0xf6 is not UTF-8"),
            "csv": (2, "0xf6 is not UTF-8"),
            "pubtator": (1, "0xf6 is not UTF-8"),
            "bioc-xml": (3, "not XML: Invalid bytes in character encoding"),
            "bioc-json": (3, "0xf6 is not UTF-8"),
            "jsonl": (1, "0xf6 is not UTF-8"),
            "brat": (2, "0xf6 is not UTF-8"),
        },
    ),
    "in UTF-16 without a mark": (
        lambda text: text.encode("utf-16-be"),
        {
            "conll": (1, "is not a tag"),
            "csv": (1, "no header"),
            "pubtator": (1, "0xf6 is not UTF-8"),
            "bioc-xml": (1, "not XML"),
            "bioc-json": (3, "0xf6 is not UTF-8"),
            "jsonl": (1, "0xf6 is not UTF-8"),
            "brat": (2, "0xf6 is not UTF-8"),
        },
    ),
    "with bare carriage returns": (
        lambda text: text.replace("\n", "\r").encode(),
        {
            "conll": (1, "line ends of two kinds"),
            "csv": (1, "line ends of two kinds"),
            "pubtator": (1, "line ends of two kinds"),
            "jsonl": (1, "not JSON: Extra data"),
            "brat": (1, "line ends of two kinds"),
        },
    ),
    "of null bytes": (
        lambda _: b"\0" * 100_000,
        {
            "conll": (1, "one column"),
            "csv": (1, "no header"),
            "pubtator": (1, "no title"),
            "bioc-xml": (1, "not XML"),
            "bioc-json": (1, "not JSON"),
            "jsonl": (1, "not JSON"),
        },
    ),
    "of one long line": (
        lambda _: b"T" * 1_000_000,
        {
            "conll": (1, "one column"),
            "csv": (1, "not CSV: field larger"),
            "pubtator": (1, "no title"),
            "bioc-xml": (1, "not XML"),
            "bioc-json": (1, "not JSON"),
            "jsonl": (1, "not JSON"),
            "brat": (1, "not a text-bound annotation"),
        },
    ),
}
MATRIX = [(fault, reader) for fault, (_, expected) in FAULTS.items() for reader in expected]


@pytest.mark.parametrize(("fault", "reader"), MATRIX)
def test_a_file_that_is_faulty_as_a_whole_is_one_brief_error_and_nothing_is_written(
    tmp_path: Path, host: Host, fault: str, reader: str
) -> None:
    skip_without(reader)
    spoil, expected = FAULTS[fault]
    line, message = expected[reader]
    wanted, file = place(tmp_path / "in", reader, spoil(GOOD[reader]))
    with pytest.raises(CorpusError) as caught:
        convert(host, wanted, tmp_path / "out", "jsonl")
    assert message in caught.value.what
    assert caught.value.where == f"{file}:{line}"
    assert len(str(caught.value)) < 1000
    assert [entry.name for entry in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("spoil", ["\n", "\r\n", "mixed", "mark"])
@pytest.mark.parametrize("reader", GOOD)
def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing(
    tmp_path: Path, host: Host, reader: str, spoil: str
) -> None:
    skip_without(reader)
    text = GOOD[reader].replace("W\u00f6rash", "No rash")
    content = {
        "\n": text,
        "\r\n": text.replace("\n", "\r\n"),
        "mixed": text.replace("\n", "\r\n", 1),
        "mark": "\ufeff" + text,
    }[spoil]
    wanted, _ = place(tmp_path / "in", reader, content.encode())
    right, _ = place(tmp_path / "right", reader, text.encode())
    (found,) = load_corpus(host, wanted, None).splits.values()
    (expected,) = load_corpus(host, right, None).splits.values()
    assert [e.document for e in found] == [e.document for e in expected]
    assert [e.entities for e in found] == [e.entities for e in expected]
