"""Ids of any spelling, written in every format: they come back as they were, or are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora.trips import WRITERS, back, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.segment import segment
from nerharness.types import Entity, Example

ODD = ["", " ", "#", "# id = b", "= b", "newdoc", "-DOCSTART-", "a\tO", '"', "'a'", "a,b", "a;b"]
ODD += ["\ufeffa", "a\u00a0b", "\u2028", "\x85", "\x1f", "a|t|b", "a.txt", "a.ann", "a.txt/b", "a/"]
ODD += ["train-1", "train-2", "test/a", "train/a", "../a", "a\\b", "é", "e\u0301", "x" * 300]
ids = st.sampled_from(ODD) | st.text(st.sampled_from('ab \t\n\r\x00|,"#/._-'), max_size=4)

LOSING = ["brat", "conll:marks=docstart"]


def document(id: str, number: int) -> Example:
    """Return a document that tells by its text which one it is."""
    return Example(segment(id, f"rash {number}"), (Entity.at("Sign", 0, 4),))


@pytest.mark.parametrize("writer", [*WRITERS[:-2], LOSING[1]])
@given(named=st.lists(ids, min_size=1, max_size=3, unique=True))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_documents_come_back_with_their_ids_or_nothing_is_written(
    host: Host, tmp_path_factory: pytest.TempPathFactory, writer: str, named: list[str]
) -> None:
    examples = [document(id, number) for number, id in enumerate(named)]
    folder = tmp_path_factory.mktemp("trip")
    try:
        losses = write(host, writer, examples, folder / "train")
    except CorpusError:
        assert not list(folder.iterdir())
        return
    found = {example.document.text: example for example in back(host, writer, folder / "train")}
    changed = sum(found.pop(example.document.text) != example for example in examples)
    assert not found
    # Where ids are lost, as brat's may be, that is counted, and no document for another.
    assert changed <= losses.pop("ids", 0) if writer in LOSING else not changed
    assert not losses


@pytest.mark.parametrize("writer", ["jsonl", "bioc-json", *WRITERS[-2:]])
def test_formats_that_are_no_lines_hold_any_id_but_none(
    host: Host, tmp_path: Path, writer: str
) -> None:
    examples = [document(id, number) for number, id in enumerate(ODD) if id]
    assert not write(host, writer, examples, tmp_path / "train")
    assert back(host, writer, tmp_path / "train") == examples


@pytest.mark.parametrize("writer", WRITERS)
def test_ids_that_differ_in_white_space_alone_stay_two(
    host: Host, tmp_path: Path, writer: str
) -> None:
    examples = [document("a b", 1), document("a  b", 2)]
    assert not write(host, writer, examples, tmp_path / "train")
    found = back(host, writer, tmp_path / "train")
    assert sorted(found, key=lambda example: example.document.text) == examples


@pytest.mark.parametrize(
    ("writer", "id"),
    [
        ("conll", "a "),
        ("conll", "a\nb"),
        ("conll", ""),
        ("csv", "a\r\nb"),
        ("pubtator", "a|b"),
        ("pubtator", "\ufeffa"),
        ("bioc-xml", ""),
        ("docbin", ""),
        ("datasets", ""),
    ],
)
def test_an_id_that_a_format_cannot_hold_is_an_error(
    host: Host, tmp_path: Path, writer: str, id: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        write(host, writer, [document(id, 1)], tmp_path / "train")
    assert caught.value.what == f"the id {id!r} of a document cannot be written in this format"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (["a", "a.txt/b"], r"'a\.txt/b' would be a\.txt/b\.txt, where another one stands"),
        (["a.txt/b", "a"], r"'a' would be a\.txt, where another one stands"),
        (["a:", "a?"], r"'a\?' would be a_\.txt, where another one stands"),
        (["x" * 300], "File name too long"),
        (["late test/a"], "'late test/a' would be read as one of the split 'test'"),
    ],
)
def test_ids_that_cannot_be_the_names_of_files_are_an_error(
    host: Host, tmp_path: Path, named: list[str], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        write(host, "brat", [document(*pair[::-1]) for pair in enumerate(named)], tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("in.jsonl", r'{"id": "\ud800", "text": "rash"}'),
        ("in.json", r'{"documents": [{"id": "\ud800", "passages": []}]}'),
    ],
)
def test_an_id_that_is_no_text_is_an_error_with_its_line(
    host: Host, tmp_path: Path, name: str, line: str
) -> None:
    (tmp_path / name).write_text(line)
    with pytest.raises(CorpusError, match="field 'id' has a lone surrogate") as caught:
        convert(host, str(tmp_path / name), tmp_path / "out", "jsonl")
    assert caught.value.where == f"{tmp_path / name}:1"
