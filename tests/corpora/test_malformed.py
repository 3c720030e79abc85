"""Malformed input of each format: one clear error with file and line, in little time and memory."""

from __future__ import annotations

import json
import zlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from nerharness.corpora import files
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import open_reader

HEADER = "Token,Tag,Sentence_Num,Sentence_Num_Global,File\n"
TITLE = "1|t|No rash\n1|a|\n"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;&a;">]>'
    "<collection><document><id>&b;</id></document></collection>"
)
EXTERNAL = (
    '<!DOCTYPE c [\n<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<collection><document><id>&x;</id></document></collection>"
)


def bioc(
    annotation: str = '<annotation id="1"><infon key="type">S</infon>'
    '<location offset="3" length="4"/><text>rash</text></annotation>',
    passage: str = "<passage><offset>0</offset><text>No rash</text>{}</passage>",
) -> str:
    body = passage.format(annotation)
    return f"<collection>\n<document><id>1</id>\n{body}\n</document>\n</collection>"


def bioc_json(**changes: object) -> str:
    annotation = {
        "id": "1",
        "infons": {"type": "S"},
        "locations": [{"offset": 3, "length": 4}],
        "text": "rash",
        **changes,
    }
    passage = {"offset": 0, "text": "No rash", "annotations": [annotation]}
    document = {"id": "1", "passages": [passage]}
    return '{"source": "",\n"documents": [\n' + json.dumps(document) + "]}"


CASES = {
    # csv
    "csv.no-header": ("a,b\n1,2\n", 1, "no header"),
    "csv.cut": (HEADER + "a,O\n", 2, "2 columns, expected 5"),
    "csv.open-quote": (HEADER + 'a,O,1,1,f\n"b,O,1,1,f\nc,O,1,1,f\n', 3, "not CSV"),
    "csv.tag": (HEADER + "a,X-,1,1,f\n", 2, "'X-' is not a tag"),
    "csv.apart": (HEADER + "a,O,1,1,f\nb,O,1,1,g\nc,O,1,1,f\n", 4, "do not stand together"),
    "csv.offsets": ("Word,Tag,Start,End\na,O,0,1\nb,O,0,1\n", 3, "does not follow"),
    "csv.utf8": (HEADER.encode() + b"\xff,O,1,1,f\n", 2, "0xff is not UTF-8"),
    # pubtator
    "pubtator.abstract-first": ("1|a|x\n", 1, "no title"),
    "pubtator.cut": (TITLE + "1\t3\t7", 3, "not an annotation"),
    "pubtator.other-id": (TITLE + "2\t3\t7\trash\tS\n", 3, "not an annotation"),
    "pubtator.outside": (TITLE + "1\t3\t70\trash\tS\n", 3, "outside the text"),
    "pubtator.mention": (TITLE + "1\t0\t4\trash\tS\n", 3, "annotation says 'rash'"),
    "pubtator.negative": (TITLE + "1\t-3\t7\trash\tS\n", 3, "a span needs"),
    "pubtator.carriage": ("1|t|No\rrash\n", 1, "carriage return"),
    "pubtator.utf16": ("1|t|No rash\n".encode("utf-16"), 1, "is not UTF-8"),
    # bioc-xml
    "bioc-xml.bomb": (BOMB, 1, "declares entities"),
    "bioc-xml.external": (EXTERNAL, 2, "declares entities"),
    "bioc-xml.cut": (bioc()[:120], 3, "not XML"),
    "bioc-xml.undefined": (bioc("&nope;"), 3, "not XML"),
    "bioc-xml.empty": ("", 1, "not XML"),
    "bioc-xml.offset": (bioc("", "<passage><offset>x</offset>{}</passage>"), 2, "not BioC"),
    "bioc-xml.overlap": (
        bioc("", "<passage><offset>0</offset><text>ab</text></passage>" * 2 + "{}"),
        3,
        "a passage at 0, but the text before it ends at 2",
    ),
    "bioc-xml.far": (
        bioc("", "<passage><offset>99999999999</offset><text>ab</text></passage>{}"),
        3,
        "a passage at 99999999999",
    ),
    "bioc-xml.no-type": (
        bioc('\n<annotation id="7"><location offset="0" length="1"/></annotation>'),
        4,
        "annotation '7' has no type",
    ),
    "bioc-xml.reference": (
        bioc('<relation id="R"><node refid="T9" role="x"/></relation>'),
        3,
        "refers to 'T9', which is not there",
    ),
    "bioc-xml.cycle": (
        bioc('<relation id="R"><node refid="R" role="x"/></relation>'),
        3,
        "refers to 'R', itself",
    ),
    # bioc-json
    "bioc-json.cut": (bioc_json()[:-20], 3, "not JSON"),
    "bioc-json.after": (bioc_json() + "\n\n]", 5, "something stands after the end"),
    "bioc-json.none": ('{"source": ""}', None, "no field 'documents'"),
    "bioc-json.outside": (bioc_json(locations=[{"offset": 3, "length": 5}]), 3, "outside the text"),
    "bioc-json.number": (bioc_json(locations=[{"offset": "3", "length": 4}]), 3, "whole number"),
    "bioc-json.words": (bioc_json(text="rush"), 3, "annotation says 'rush'"),
    "bioc-json.deep": ('{"a": ' + "[" * 100_000, 1, "not JSON"),
    # docbin
    "docbin.cut": (zlib.compress(b"x" * 99)[:-5], None, "not a whole .spacy file"),
    "docbin.other": (zlib.compress(b"x" * 99), None, "not a .spacy file"),
    "docbin.text": (b"no rash", None, "not a .spacy file"),
}
NEEDS = {"bioc-xml": "lxml", "docbin": "spacy"}


@pytest.mark.parametrize("case", CASES)
def test_what_is_malformed_is_one_error_with_file_and_line(
    tmp_path: Path, host: Host, case: str
) -> None:
    reader = case.partition(".")[0]
    if (module := NEEDS.get(reader)) and find_spec(module) is None:
        pytest.skip(f"needs {module}")
    content, line, message = CASES[case]
    file = tmp_path / "in.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(CorpusError) as caught:
        read_corpus(open_reader(host, f"{file}:{reader}")[0], file, None)
    assert message in caught.value.what
    assert caught.value.where == (f"{file}:{line}" if line else str(file))


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


def test_a_bomb_of_zlib_is_not_inflated(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("spacy")
    monkeypatch.setattr("nerharness.corpora.docbin.MAX_FILE", 1000)
    file = tmp_path / "in.spacy"
    file.write_bytes(zlib.compress(b"\0" * 10_000_000))
    with pytest.raises(CorpusError, match="larger than 1,000 bytes"):
        read_corpus(open_reader(host, str(file))[0], file, None)


def test_a_byte_order_mark_is_no_part_of_any_text(tmp_path: Path, host: Host) -> None:
    contents = {"csv": HEADER + "a,O,1,1,f\n", "pubtator": TITLE, "bioc-json": bioc_json()}
    for reader, content in contents.items():
        file = tmp_path / reader
        file.write_bytes(b"\xef\xbb\xbf" + content.encode())
        found, path = open_reader(host, str(file))
        ((example,),) = read_corpus(found, path, None).splits.values()
        assert not example.document.text.startswith("\ufeff")


def test_lines_of_conll_with_a_carriage_return_inside_are_an_error(
    tmp_path: Path, host: Host
) -> None:
    file = tmp_path / "a.conll"
    file.write_bytes(b"a\tO\rb\tO\n")
    with pytest.raises(CorpusError, match="line ends of two kinds"):
        read_corpus(open_reader(host, str(file))[0], file, None)


def test_brat_events_that_refer_to_themselves_are_an_error(tmp_path: Path, host: Host) -> None:
    (tmp_path / "n.txt").write_text("no rash")
    (tmp_path / "n.ann").write_text("T1\tSign 3 7\trash\nE1\tX:T1 Of:E2\nE2\tX:T1 Of:E1\n")
    with pytest.raises(CorpusError, match=r"n\.ann:2: E1 refers to itself"):
        read_corpus(open_reader(host, str(tmp_path))[0], tmp_path, None)
