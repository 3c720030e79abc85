"""The columns of the `conll` reader: empty cells, white space inside of cells, and comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.corpora.conll import ConllReader
from nerharness.corpora.sources import read_corpus
from nerharness.plugin.host import Host
from nerharness.runs.conversion import make_writer
from nerharness.runs.corpus import load_corpus
from nerharness.types import Document, Entity, Example, Source, Span


def read(tmp_path: Path, content: str, layout: str = "") -> Example:
    """Return the one document that the reader finds."""
    file = tmp_path / "a.tsv"
    file.write_text(content, encoding="utf-8")
    ((example,),) = read_corpus(ConllReader(layout), file, None).splits.values()
    return example


def named(example: Example) -> list[tuple[str, str]]:
    return [(e.label, e.surface(example.document.text)) for e in example.entities]


@pytest.mark.parametrize("row", ["gout\tB-X\t", "gout\tB-X\t\t", "gout\t\tB-X\t", "gout\tB-X\tO\t"])
def test_empty_cells_at_the_end_of_a_line_hide_no_tag(tmp_path: Path, row: str) -> None:
    example = read(tmp_path, f"no\tO\n{row}\n")
    assert named(example) == ([] if row.endswith("O\t") else [("X", "gout")])


@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        ("_,token,tag", "id1\tword\tO\tO\n\tgout\tB-X\tO\n"),
        ("_,token,tag", "\tword\tO\n\tgout\tB-X\n"),
        ("token,tag,_", "word\tO\tx\ngout\tB-X\t\n"),
        ("token,_,tag", "word\t\tO\ngout\t\tB-X\n"),
        ("_,tag,token,_", "\tO\tword\t\n\tB-X\tgout\t\n"),
    ],
)
def test_an_empty_cell_keeps_its_column(tmp_path: Path, layout: str, rows: str) -> None:
    example = read(tmp_path, rows, layout)
    assert example.document.text == "word gout"
    assert named(example) == [("X", "gout")]


@pytest.mark.parametrize(
    "rows",
    [
        "\ttoken\ttag\n0\tword\tO\n1\tgout\tB-X\n",
        "token\ttag\t\nword\tO\ngout\tB-X\t\n",
        "token\ttag\tnote\nword\tO\t\ngout\tB-X\tO\n",
    ],
)
def test_a_header_line_may_have_empty_cells_and_so_may_the_rows(tmp_path: Path, rows: str) -> None:
    example = read(tmp_path, rows)
    assert example.document.text == "word gout"
    assert named(example) == [("X", "gout")]


SPACES = ["\u00a0", "\u2003", "\u3000", "\x1f", "\u2028", "\x85"]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("gap", [" ", "  ", "\t", "\tNN\t", " NN "])
@pytest.mark.parametrize("token", ["10{}mg", "10{}", "{}mg", "a{}b{}c"])
def test_only_tabs_and_spaces_part_cells(tmp_path: Path, space: str, gap: str, token: str) -> None:
    word = token.replace("{}", space)
    example = read(tmp_path, f"of{gap}O\n{word}{gap}B-X\n")
    assert example.document.text == f"of {word}"
    assert named(example) == [("X", word)]


def test_a_no_break_space_behind_a_tag_is_no_part_of_a_label(tmp_path: Path) -> None:
    example = read(tmp_path, "mg\tB-X\u00a0\nof O\u00a0\n")
    assert named(example) == [("X", "mg")]


@pytest.mark.parametrize("writer", ["conll", "csv", "datasets"])
@pytest.mark.parametrize("word", ["10\u00a0mg", "10\u00a0", "\u2003mg"])
def test_a_token_with_a_no_break_space_comes_back(
    host: Host, tmp_path: Path, writer: str, word: str
) -> None:
    if writer == "datasets":
        pytest.importorskip("datasets")
    end = len(word)
    document = Document(
        "a", f"{word} of", (Span(0, end), Span(end + 1, end + 3)), (Span(0, end + 3),)
    )
    example = Example(document, (Entity.at("X", 0, end),))
    target = tmp_path / "train"
    assert not make_writer(host, writer).write(Source("s", None, {"train": [example]}), target)
    assert load_corpus(host, f"{target}:{writer}", None).splits == {"train": (example,)}


@pytest.mark.parametrize(
    ("before", "line", "token"),
    [
        ("", "# blood group O", False),
        ("", "# O", True),
        ("No O\n", "# blood group O", False),
        ("No O\n", "# group B-X", False),
        ("No O\n", "# O", True),
        ("No O\n", "# B-X", True),
        ("No O\n", "#1 O", True),
        ("No O\n", "# note", False),
        ("No DT I-NP O\n", "# NN I-NP O", True),
        ("No DT I-NP O\n", "# O", False),
        ("No DT I-NP O\n", "# in blood group O", False),
        ("No\tO\n", "# O", False),
        ("No\tO\n", "#\tO", True),
        ("No\tO\n", "# blood group\tO", True),
        ("No\tDT\tNP\tO\n", "# blood group O", False),
    ],
)
def test_a_line_that_begins_with_a_number_sign_is_a_token_if_it_is_built_like_a_row(
    tmp_path: Path, before: str, line: str, token: bool
) -> None:
    example = read(tmp_path, f"{before}{line}\nrash B-X\n")
    expected = ["No"] if before else []
    expected += [line.rpartition("\t")[0] or line.split()[0]] if token else []
    assert example.document.text == " ".join([*expected, "rash"])


@pytest.mark.parametrize(
    ("layout", "line", "token"),
    [
        ("token,tag,_", "# O note", True),
        ("token,tag,_", "# note O", False),
        ("token,tag,_", "# O", False),
        ("tag,token", "# O", False),
        ("", "# x O", True),
        ("", "# O", False),
    ],
)
def test_the_columns_that_are_named_say_where_a_token_that_is_a_number_sign_has_its_tag(
    tmp_path: Path, layout: str, line: str, token: bool
) -> None:
    row = {"tag,token": "B-X rash", "": "rash x B-X"}.get(layout, "rash B-X x")
    head = "" if layout else "token pos tag\n"
    example = read(tmp_path, f"{head}{line}\n{row}\n", layout)
    assert example.document.text == ("# rash" if token else "rash")
