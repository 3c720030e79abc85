"""Malformed input of each format: one clear error with file and line, in little time and memory."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from nerharness.corpora import files
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import load_corpus, open_reader

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


SAID = "W\u00f6rter: no rash"
GOOD = {
    "conll": "# newdoc id = a\nW\u00f6rter\tO\nrash\tB-S\n\n# newdoc id = b\nrash\tB-S\n",
    "csv": HEADER + "W\u00f6rter,O,1,1,f\nrash,B-S,1,1,f\nrash,B-S,1,1,g\n",
    "pubtator": "".join(f"{n}|t|{SAID}\n{n}|a|x\n{n}\t11\t15\trash\tS\n\n" for n in "12"),
    "bioc-xml": bioc(passage="<passage><offset>0</offset><text>W\u00f6rash</text>{}</passage>"),
    "bioc-json": bioc_json().replace("No rash", "No rash, W\u00f6rter"),
    "jsonl": "".join(f'{{"id": "{n}",\t"text": "{SAID}"}}\n' for n in "12"),
    "brat": "T1\tS 11 15\trash\n#1\tNote T1\tW\u00f6rter\n",
}
"""A corpus in each format that is text, with a letter outside of ASCII."""


def place(folder: Path, reader: str, content: bytes) -> tuple[str, Path]:
    """Write the corpus; return what names it to a command, and the file that holds the content."""
    folder.mkdir(exist_ok=True)
    file = folder / ("n.ann" if reader == "brat" else "in.txt")
    file.write_bytes(content)
    if reader == "brat":
        (folder / "n.txt").write_text(SAID, encoding="utf-8")
    return f"{folder if reader == 'brat' else file}:{reader}", file


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
    if (module := NEEDS.get(reader)) and find_spec(module) is None:
        pytest.skip(f"needs {module}")
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
    if (module := NEEDS.get(reader)) and find_spec(module) is None:
        pytest.skip(f"needs {module}")
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


def test_a_key_and_a_run_of_spaces_take_no_longer_than_their_length(
    tmp_path: Path, host: Host
) -> None:
    wanted, _ = place(tmp_path / "in", "conll", b"# id = x" + b" " * 300_000 + b"y\na\tO\n")
    assert load_corpus(host, wanted, None)


def test_a_long_chain_of_events_is_no_circle_and_takes_little_time(
    tmp_path: Path, host: Host
) -> None:
    chain = "".join(f"E{n}\tX:E{n + 1}\n" for n in range(20_000))
    content = f"T1\tS 11 15\trash\n{chain}E20000\tX:T1\n"
    wanted, _ = place(tmp_path / "in", "brat", content.encode())
    assert load_corpus(host, wanted, None)


def test_elements_past_the_last_line_that_is_counted_have_none(tmp_path: Path, host: Host) -> None:
    pytest.importorskip("lxml")
    annotation = '<annotation id="7"><location offset="0" length="1"/></annotation>'
    text = bioc(annotation).replace("\n", "\n" * 70_000, 1)
    wanted, file = place(tmp_path / "in", "bioc-xml", text.encode())
    with pytest.raises(CorpusError, match="annotation '7' has no type") as caught:
        load_corpus(host, wanted, None)
    assert caught.value.where == str(file)


def test_a_document_type_that_stands_elsewhere_is_not_looked_for(
    tmp_path: Path, host: Host
) -> None:
    pytest.importorskip("lxml")
    text = f'<!DOCTYPE collection SYSTEM "http://127.0.0.1:9/BioC.dtd">\n{bioc()}'
    assert load_corpus(host, place(tmp_path / "in", "bioc-xml", text.encode())[0], None)


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
    with pytest.raises(CorpusError, match="cannot be read: 'utf-8' codec") as caught:
        load_corpus(host, f"{tmp_path / 'in'}:datasets", None)
    assert caught.value.where == f"{tmp_path / 'in' / 'train'}:1"


def dataset(folder: Path) -> Path:
    """Write a dataset; return its Arrow file."""
    datasets = pytest.importorskip("datasets")
    rows = {"tokens": [["a", "rash"]] * 9, "ner_tags": [["O", "B-S"]] * 9}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows)}).save_to_disk(str(folder))
    (file,) = folder.rglob("*.arrow")
    return file


def test_an_error_in_xml_has_its_own_line_after_one_further_down_in_another_file(
    tmp_path: Path, host: Host
) -> None:
    pytest.importorskip("lxml")
    for name, above in (("far", 40), ("near", 1)):
        text = bioc("&nope;").replace("\n", "\n" * above, 1)
        wanted, file = place(tmp_path / name, "bioc-xml", text.encode())
        with pytest.raises(CorpusError, match="Entity 'nope' not defined") as caught:
            load_corpus(host, wanted, None)
        assert caught.value.where == f"{file}:{above + 2}"
