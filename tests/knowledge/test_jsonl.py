"""Knowledge files of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.errors import CorpusError
from nerharness.knowledge.jsonl import JsonlReader
from nerharness.types import Passage


def test_entries_are_read_with_and_without_synonyms(tmp_path: Path) -> None:
    file = tmp_path / "k.jsonl"
    lines = [
        '{"name": "CF", "definition": "A disease.", "synonyms": ["mucoviscidosis"]}',
        "",
        '{"name": "A-T", "definition": "Another one.", "id": "X:1", "parents": ["ataxia"]}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert JsonlReader().read(file).passages == (
        Passage("CF", "A disease.", ("mucoviscidosis",)),
        Passage("A-T", "Another one.", (), "X:1", ("ataxia",)),
    )


def test_line_separators_inside_a_string_do_not_part_lines(tmp_path: Path) -> None:
    file = tmp_path / "k.jsonl"
    file.write_text('{"name": "CF", "definition": "A\u2028disease."}\n', encoding="utf-8")
    assert JsonlReader().read(file).passages[0].text == "A\u2028disease."


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b'{"name": "CF"}',
        b'{"definition": "A disease."}',
        b'{"name": "CF", "definition": "A disease.", "synonyms": 5}',
        b'{"name": "CF", "definition": "caf\xe9"}',
    ],
)
def test_a_malformed_line_is_an_error_with_file_and_line(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "k.jsonl"
    file.write_bytes(b'{"name": "A-T", "definition": "One."}\n' + line + b"\n")
    with pytest.raises(CorpusError) as caught:
        JsonlReader().read(file)
    assert caught.value.where == f"{file}:2"


def test_a_file_that_is_missing_or_empty_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    for name in ("empty.jsonl", "nowhere.jsonl"):
        with pytest.raises(CorpusError, match=name):
            JsonlReader().read(tmp_path / name)
