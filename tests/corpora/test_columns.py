"""The columns of the `conll` reader: empty cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.corpora.conll import ConllReader
from nerharness.corpora.sources import read_corpus
from nerharness.types import Example


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
