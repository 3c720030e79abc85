"""Files that are written whole are on the disk when they stand in their place."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from nerharness.errors import RunError
from nerharness.whole_files import make_folder, part_of, write_whole


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """What is flushed (with its size) and renamed, in order; paths are below `tmp_path`."""
    steps: list[tuple[str, str, int]] = []

    def name(path: Path) -> str:
        return path.relative_to(tmp_path).as_posix()

    def flush(file: int) -> None:
        (path,) = (
            one
            for one in (tmp_path, *tmp_path.rglob("*"))
            if os.path.samestat(one.stat(), os.fstat(file))
        )
        steps.append(("flush", name(path), 0 if path.is_dir() else path.stat().st_size))

    def rename(path: Path, target: Path) -> None:
        steps.append(("rename", name(target), path.stat().st_size))
        replace(path, target)

    replace = Path.replace
    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(Path, "replace", rename)
    return steps


needs_folders = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be flushed")


@needs_folders
def test_content_is_flushed_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, done: list[tuple[str, str, int]]
) -> None:
    file = tmp_path / "run.json"
    for text in ("old", "Sjögren"):
        write_whole(file, text)
        size = len(text.encode())
        assert done == [
            ("flush", "run.json.part", size),
            ("rename", "run.json", size),
            ("flush", ".", 0),
        ]
        done.clear()
        assert file.read_text(encoding="utf-8") == text
        assert list(tmp_path.iterdir()) == [file]


@needs_folders
def test_a_folder_that_is_made_is_flushed_with_those_above_it(
    tmp_path: Path, done: list[tuple[str, str, int]]
) -> None:
    make_folder(tmp_path / "a" / "b")
    assert sorted(done) == [("flush", ".", 0), ("flush", "a", 0)]
    done.clear()
    make_folder(tmp_path / "a" / "b")
    assert done == []
    write_whole(tmp_path / "a" / "c" / "x.json", "x")
    assert done[0] == ("flush", "a", 0)
    assert done[-1] == ("flush", "a/c", 0)


@needs_folders
def test_a_mode_is_that_of_the_file_whatever_a_crash_left(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    part_of(file).write_text("half")
    part_of(file).chmod(0o666)
    for _ in range(2):
        write_whole(file, "one", 0o600)
        assert file.stat().st_mode & 0o777 == 0o600
    make_folder(tmp_path / "above" / "run", 0o700)
    assert (tmp_path / "above" / "run").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "above").stat().st_mode & 0o500 == 0o500


def test_a_file_that_is_written_anew_is_never_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, target: Path) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "scores.json"
    write_whole(file, "one")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, "two")
    assert file.read_text(encoding="utf-8") == "one"


def test_a_disk_that_takes_nothing_more_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = tmp_path / "run.json"
    write_whole(file, "one")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match=r"run\.json: cannot be written: Input/output error"):
        write_whole(file, "two")
    assert file.read_text(encoding="utf-8") == "one"
    assert not part_of(file).exists()


def test_a_place_where_nothing_can_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        write_whole(tmp_path / "file" / "run.json", "one")
