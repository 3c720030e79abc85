"""Paths and files to try readers on: some that are none of theirs, and damaged copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from nerharness.errors import NerharnessError
from nerharness.testing.mutation import damaged
from nerharness.testing.rules import require, shown

_DAMAGES = 150
_FOREIGN = {
    "empty": b"",
    "bytes.bin": bytes(range(256)) * 8,
    "photo.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "broken.json": b'{"a": [1, 2',
}


def check_detection(detect: Callable[[Path], bool], path: Path) -> None:
    """Raise `AssertionError` unless `detect` knows the path, and does not raise for others."""
    require(detect(path) is True, f"detect() must return True for {path}")
    with TemporaryDirectory() as folder:
        for name, content in _FOREIGN.items():
            (Path(folder) / name).write_bytes(content)
        (Path(folder) / "folder").mkdir()
        others = [Path(folder) / name for name in (*_FOREIGN, "folder")]
        for other in others:
            said = detect(other)
            require(isinstance(said, bool), f"detect() said {shown(said)} of {other.name}")
        for other in others[1:3]:
            require(not detect(other), f"detect() must return False for {other.name}, no text")


def check_damage(read: Callable[[Path], object], path: Path) -> None:
    """Raise `AssertionError` unless each damaged copy is read, or refused as a user's mistake."""
    with TemporaryDirectory() as folder:
        for copy, content in _damaged_copies(path, Path(folder)):
            try:
                read(copy)
            except NerharnessError as error:
                require(error.where, f"say in `where` which file and line: {error}")
            except Exception as error:
                raise AssertionError(
                    f"raise CorpusError with file and line, not {type(error).__name__} "
                    f"({shown(str(error))}), for a file with {shown(content)}"
                ) from error


def _damaged_copies(path: Path, folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield copies in which one file is damaged, with its content."""
    draw = Random(3)
    copy = folder / path.name
    if path.is_dir():
        shutil.copytree(path, copy)
    else:
        shutil.copyfile(path, copy)
    files = sorted(one for one in copy.rglob("*") if one.is_file()) if copy.is_dir() else [copy]
    whole = {file: file.read_bytes() for file in files}
    for _ in range(_DAMAGES):
        file = draw.choice(files)
        content = damaged(whole[file], draw)
        file.write_bytes(content)
        yield copy, content
        file.write_bytes(whole[file])
