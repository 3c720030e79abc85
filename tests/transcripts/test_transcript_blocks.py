"""Cutting a file into blocks, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts.kit import written

from nerharness.errors import CorpusError
from nerharness.transcripts import blocks as module
from nerharness.transcripts import looks_like_transcript, read_transcript

# name, text, for each block the line of its separator and its lines
CUT = [
    ("two blocks", "######\na : O\n######\nb : O\n", [(1, ["a : O"]), (3, ["b : O"])]),
    ("no line end at the end", "######\na : O", [(1, ["a : O"])]),
    # A refusal that was stripped to nothing still stands for its sentence.
    ("a blank block", "######\n\n######\na : O\n", [(1, []), (3, ["a : O"])]),
    ("a blank block at the end", "######\na : O\n######\n", [(1, ["a : O"]), (3, [])]),
    # Only empty lines fall away; one of spaces counts as a line, so that it takes a word's place.
    ("empty lines", "######\n\na : O\n\n  \nb : O\n\n", [(1, ["a : O", "  ", "b : O"])]),
    # A block is stripped as a whole: its first and last line lose the space that inner ones keep.
    ("space at the edges", "######\n  a : \n b : \n", [(1, ["a : ", " b :"])]),
    # The separator parts inside a line, too; and the rest of a longer one begins the next block.
    ("in a line", "######\na : O ######b : O", [(1, ["a : O"]), (2, ["b : O"])]),
    ("seven", "#######\na : O\n", [(1, ["#", "a : O"])]),
    ("twelve", "############\na : O\n", [(1, []), (1, ["a : O"])]),
    ("line ends of Windows", "######\r\na : O\r\n\r\nb : O\r\n", [(1, ["a : O", "b : O"])]),
    ("old line ends", "######\ra : O\rb : O\r######\r", [(1, ["a : O", "b : O"]), (4, [])]),
    # Other characters that end lines for some do not end one here.
    ("other line ends", "######\na\u2028b : O\x0bc\n", [(1, ["a\u2028b : O\x0bc"])]),
    ("a byte-order mark", "\ufeff######\na : O\n", [(1, ["a : O"])]),
]


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*case, id=name) for name, *case in CUT]
)
def test_cut(text: str, expected: list[tuple[int, list[str]]], tmp_path: Path) -> None:
    found = read_transcript(written(tmp_path, text))
    assert [(block.line, block.lines) for block in found] == expected
    assert not any(block.preamble for block in found)


def test_what_precedes_the_first_separator_is_in_no_block_and_counted(tmp_path: Path) -> None:
    found = read_transcript(written(tmp_path, "model: x\n\na : B-SIGN\n######\nb : O\n######\n"))
    assert [(block.line, block.lines, block.preamble) for block in found] == [
        (4, ["b : O"], 2),
        (6, [], 0),
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param(b"", None, "no line ######", id="empty"),
        pytest.param(b"a : O\nb : O\n", None, "no line ######", id="no separator"),
        pytest.param(b"#####\na : O\n", None, "no line ######", id="five"),
        pytest.param(b"######\nO\nO\n######\n", None, "no line `token : TAG`", id="no lines"),
        pytest.param(b"a : O\n######\n", None, "no line `token : TAG`", id="only before"),
        pytest.param(b"######\na : O\nb\xff : O\n", 3, "byte 0xff is not UTF-8", id="Latin-1"),
        pytest.param(b"\xef\xbb\xbf######\r\n\xe9", 2, "0xe9 is not UTF-8", id="after a mark"),
        pytest.param(b"######\ra : O\r\xe9", 3, "0xe9 is not UTF-8", id="old line ends"),
        pytest.param("######\na : O\n".encode("utf-16"), 1, "0xff is not UTF-8", id="UTF-16"),
    ],
)
def test_broken_files_are_one_error(
    content: bytes, line: int | None, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(CorpusError, match=message) as caught:
        read_transcript(path)
    assert caught.value.where == (str(path) if line is None else f"{path}:{line}")


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(CorpusError, match="cannot be read"):
            read_transcript(path)
        assert not looks_like_transcript(path)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "######\na : O\n"
    monkeypatch.setattr(module, "MAX_FILE", len(text))
    assert read_transcript(written(tmp_path, text))
    with pytest.raises(CorpusError, match="larger than 13 bytes"):
        read_transcript(written(tmp_path, text + "\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("######\na : O\n", True),
        ("######\r\n[a : B-SIGN]\r\n", True),
        ("\n  ######  \nI cannot.\n######\nfever : i-rare disease\n", True),
        ("made by x\n######\n: : O\n", True),
        ("a : O\n######\n", False),
        ("###### Heading\nnote : O\n", False),
        ("######\nsome : prose\n", False),
        ("######\n : O\n", False),
        ("Token,Tag\na,O\n", False),
        ("a\tO\n\nb\tO\n", False),
        ("", False),
    ],
)
def test_looks_like_a_transcript(text: str, expected: bool, tmp_path: Path) -> None:
    assert looks_like_transcript(written(tmp_path, text)) is expected


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path, "x" * 70_000 + "\n######\na : O\n")
    assert not looks_like_transcript(path)
    assert looks_like_transcript(written(tmp_path, b"######\na : O\n" + b"\xe9" * 100))
