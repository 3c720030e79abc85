"""Malformed CSV, PubTator and CoNLL."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora.formats import HEADER, TITLE, Case, is_one_error, place

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.findings import Finding
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus, open_reader
from nerharness.runs.validation import validate

CASES: dict[str, Case] = {
    "csv.no-header": ("a,b\n1,2\n", 1, "no header"),
    "csv.cut": (HEADER + "a,O\n", 2, "2 columns, expected 5"),
    "csv.open-quote": (HEADER + 'a,O,1,1,f\n"b,O,1,1,f\nc,O,1,1,f\n', 3, "not CSV"),
    "csv.tag": (HEADER + "a,X-,1,1,f\n", 2, "'X-' is not a tag"),
    "csv.apart": (HEADER + "a,O,1,1,f\nb,O,1,1,g\nc,O,1,1,f\n", 4, "do not stand together"),
    "csv.offsets": ("Word,Tag,Start,End\na,O,0,1\nb,O,0,1\n", 3, "does not follow"),
    "csv.utf8": (HEADER.encode() + b"\xff,O,1,1,f\n", 2, "0xff is not UTF-8"),
    "pubtator.abstract-first": ("1|a|x\n", 1, "no title"),
    "pubtator.cut": (TITLE + "1\t3\t7", 3, "not an annotation"),
    "pubtator.other-id": (TITLE + "2\t3\t7\trash\tS\n", 3, "not an annotation"),
    "pubtator.outside": (TITLE + "1\t3\t70\trash\tS\n", 3, "outside the text"),
    "pubtator.mention": (TITLE + "1\t0\t4\trash\tS\n", 3, "annotation says 'rash'"),
    "pubtator.negative": (TITLE + "1\t-3\t7\trash\tS\n", 3, "a span needs"),
    "pubtator.carriage": ("1|t|No\rrash\n", 1, "carriage return"),
    "pubtator.utf16": ("1|t|No rash\n".encode("utf-16"), 1, "is not UTF-8"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_malformed_is_one_error_with_file_and_line(
    tmp_path: Path, host: Host, case: str
) -> None:
    is_one_error(tmp_path, host, case.partition(".")[0], CASES[case])


def test_lines_of_conll_with_a_carriage_return_inside_are_an_error(
    tmp_path: Path, host: Host
) -> None:
    file = tmp_path / "a.conll"
    file.write_bytes(b"a\tO\rb\tO\n")
    with pytest.raises(CorpusError, match="line ends of two kinds"):
        read_corpus(open_reader(host, str(file))[0], file, None)


def test_a_key_and_a_run_of_spaces_take_no_longer_than_their_length(
    tmp_path: Path, host: Host
) -> None:
    wanted, _ = place(tmp_path / "in", "conll", b"# id = x" + b" " * 300_000 + b"y\na\tO\n")
    assert load_corpus(host, wanted, None)


RASH, OTHER = "1|t|No rash\n1\t3\t7\trash\tS\n", "2|t|A rash\n2\t2\t6\trash\tS\n"


def test_a_title_begins_a_document_of_pubtator_without_a_blank_line_too(
    tmp_path: Path, host: Host
) -> None:
    file, findings = tmp_path / "a.pubtator", list[Finding]()
    file.write_text(RASH + RASH + OTHER)
    done = validate(host, str(file), findings.append, fix=tmp_path / "b.pubtator")
    assert [(f.kind, f.place.line) for f in findings if f.kind == "syntax"] == [
        ("syntax", 3),
        ("syntax", 5),
    ]
    assert done.lost == 0
    (examples,) = load_corpus(host, str(tmp_path / "b.pubtator"), None).splits.values()
    assert [(e.document.id, len(e.entities)) for e in examples] == [("1", 1), ("1-2", 1), ("2", 1)]
    with pytest.raises(CorpusError, match=r"a\.pubtator:3: a title, but no blank line before it"):
        load_corpus(host, str(file), None)
