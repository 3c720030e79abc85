"""Reading corpus files: splits by file name, text as UTF-8, faults with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nerharness.errors import CorpusError, UsageError

_SPLITS = {
    "train": re.compile(r"train"),
    "dev": re.compile(r"dev|valid"),
    "test": re.compile(r"test"),
}


def split_name(name: str) -> str | None:
    """Return "train", "dev" or "test" when a file's or folder's name says so, else `None`."""
    found = [split for split, pattern in _SPLITS.items() if pattern.search(name.casefold())]
    return found[0] if len(found) == 1 else None


def split_files(path: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """Return the files of a corpus by split: those of a folder, or the one file itself.

    Only files whose name says which split they are count in a folder. A single file whose name does
    not say is a split of its own, named by its stem. Raises `CorpusError` when a folder has none or
    two for the same split.
    """
    if path.is_file():
        return {split_name(path.name) or path.stem: path}
    found: dict[str, Path] = {}
    for file in candidates(path, suffixes):
        split = split_name(file.name)
        if split is None:
            continue
        if other := found.get(split):
            raise CorpusError.at(
                path, None, f"{other.name} and {file.name} are both {split}", hint="give one file"
            )
        found[split] = file
    if not found:
        raise CorpusError.at(
            path, None, f"no {'/'.join(suffixes)} file named train, dev or test in the folder"
        )
    return found


def candidates(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the file itself, or the files of a folder that have one of the suffixes, sorted."""
    if path.is_file():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and file.suffix in suffixes)


def need_path(path: Path | None, reader: str) -> Path:
    """Return the path; `UsageError` when there is none."""
    if path is None:
        raise UsageError(
            f"reader {reader!r} needs a path", where="--corpus", hint=f"write PATH:{reader}"
        )
    return path


def read_text(path: Path) -> str:
    """Return a file's text with its line ends as they are; `CorpusError` unless it is UTF-8."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError.at(path, None, f"cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError.at(
            path,
            line,
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            hint="convert the file to UTF-8",
        ) from None


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield `(number from 1, line without its end)`, past a byte-order mark."""
    text = read_text(path).removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, line.removesuffix("\r")
