"""Files that a person writes, read as they were meant."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nerharness.text_files import read_text, read_toml


def test_a_mark_of_byte_order_is_none_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes("\ufeffä = 'é'\n".encode())
    assert read_text(file) == "ä = 'é'\n"
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\n[b]\r\nc = 'x'\r\n")
    assert read_toml(file) == {"a": 1, "b": {"c": "x"}}


def test_why_a_file_cannot_be_read_is_said_without_numbers_and_its_name(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    with pytest.raises(ValueError, match=r"^No such file or directory$"):
        read_text(file)
    with pytest.raises(ValueError, match=r"^Is a directory$"):
        read_toml(tmp_path)
    file.write_bytes(b"abc\xff")
    with pytest.raises(ValueError, match=r"^not UTF-8 at byte 3$"):
        read_toml(file)
    file.write_bytes(b"a = ")
    with pytest.raises(tomllib.TOMLDecodeError, match="end of document"):
        read_toml(file)
