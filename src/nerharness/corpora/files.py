"""Reading corpus files: splits by file name, text as UTF-8, faults with file and line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from nerharness.errors import CorpusError, UsageError
from nerharness.journal import DESCRIPTION, JOURNAL

MAX_LINE = 1 << 26
"""Bytes of the longest line that is read."""
MAX_FILE = 1 << 29
"""Bytes of the largest file that is read as a whole, not line by line."""

_WORD = re.compile(r"[A-Z]{2,}|[A-Z]?[^\W\d_A-Z]+")
"""A word of a name: letters alone, the first or all of them capitals, as in `NCBI testSet_Dev2`."""
_SPLITS = {
    "train": re.compile(r"train(ing)?(set)?"),
    "dev": re.compile(r"(dev|devel|develop|development|valid|validation)(set)?"),
    "test": re.compile(r"test(ing)?(set)?"),
}


def split_name(name: str) -> str | None:
    """Return "train", "dev" or "test" when a word of a file's or folder's name says so."""
    words = [word.casefold() for word in _WORD.findall(name)]
    found = [split for split, known in _SPLITS.items() if any(map(known.fullmatch, words))]
    return found[0] if len(found) == 1 else None


def split_files(
    path: Path, suffixes: Sequence[str], files: Sequence[Path] | None = None
) -> dict[str, Path]:
    """Return the files of a corpus by split: those of a folder, or the one file itself.

    Only files whose name says which split they are count in a folder; if there are others, that is
    warned about. A single file whose name does not say is a split of its own, named by its stem;
    `files` are others than those that stand in the folder. Raises `CorpusError` when a folder has
    none or two for the same split.
    """
    if path.is_file():
        return {split_name(path.name) or path.stem: path}
    found: dict[str, Path] = {}
    files = candidates(path, suffixes) if files is None else files
    for file in files:
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
            path,
            None,
            f"no {'/'.join(suffixes)} file named train, dev or test in the folder",
            hint="give one file, or rename it",
        )
    if len(found) < len(files):
        read = ", ".join(f"{split} {file.name}" for split, file in found.items())
        others = "whose names do not say train, dev or test"
        warnings.warn(
            f"{path}: {len(files) - len(found):,} of {len(files):,} files, {others}, are not read; "
            f"those that are: {read}",
            stacklevel=2,
        )
    return found


def candidates(path: Path, suffixes: Sequence[str]) -> list[Path]:
    """Return the file itself, or the files of a folder that have one of the suffixes, sorted.

    Those of a run are no corpus's.
    """
    if path.is_file():
        return [path]
    if is_run(path):
        return []
    return sorted(file for file in path.iterdir() if file.is_file() and file.suffix in suffixes)


def is_run(path: Path) -> bool:
    """Tell whether it is the folder of a run."""
    return all((path / name).is_file() for name in (DESCRIPTION, JOURNAL))


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
        if path.stat().st_size > MAX_FILE:
            raise CorpusError.at(path, None, f"larger than {MAX_FILE:,} bytes", hint="cut it up")
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError.at(path, None, f"cannot be read: {error.strerror}") from None
    return _decoded(data, path, 1)


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield `(number from 1, line without its end)`, past a byte-order mark.

    Holds one line at a time; `CorpusError` for one longer than `MAX_LINE` bytes.
    """
    last = 0
    try:
        with path.open("rb") as stream:
            number = 0
            while data := stream.readline(MAX_LINE + 1):
                number += 1
                if len(data) > MAX_LINE:
                    raise CorpusError.at(path, number, f"a line of more than {MAX_LINE:,} bytes")
                line = _decoded(data, path, number)
                if number == 1:
                    line = line.removeprefix("\ufeff")
                yield number, line.removesuffix("\n").removesuffix("\r")
                last = data[-1]
            if not number or last == ord("\n"):  # what stands after the last line end
                yield number + 1, ""
    except OSError as error:
        raise CorpusError.at(path, None, f"cannot be read: {error.strerror}") from None


def _decoded(data: bytes, path: Path, line: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError.at(
            path,
            line + data.count(b"\n", 0, error.start),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            hint="convert the file to UTF-8",
        ) from None


def check_regular(line: str, path: Path, number: int) -> None:
    """Raise `CorpusError` for a carriage return inside a line, a line end of another kind."""
    if "\r" in line:
        raise mixed_line_ends(path, number)


def mixed_line_ends(path: Path, number: int) -> CorpusError:
    """Build the error for a carriage return inside a line."""
    what = "a carriage return inside the line: line ends of two kinds"
    return CorpusError.at(path, number, what, hint="convert the file to one kind")
