"""Reading knowledge files: as they are or gzipped, as UTF-8, and not without end."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from nerharness.errors import CorpusError, UsageError

LARGEST = 1 << 30
"""Bytes that a file may hold, unpacked."""
_GZIP = b"\x1f\x8b"


def need_path(path: Path | None, reader: str) -> Path:
    """Return the path; `UsageError` when there is none."""
    if path is None:
        raise UsageError(
            f"reader {reader!r} needs a path", where="--knowledge", hint=f"write PATH:{reader}"
        )
    return path


def has_suffix(path: Path, *suffixes: str) -> bool:
    """Tell whether it is a file with one of the suffixes, maybe with .gz behind it."""
    return path.is_file() and path.name.casefold().removesuffix(".gz").endswith(suffixes)


def head(path: Path) -> bytes:
    """Return the beginning of a file, unpacked; nothing if it cannot be read."""
    try:
        return read_bytes(path, 1 << 16, cut=True)
    except CorpusError:
        return b""


def read_bytes(path: Path, limit: int | None = None, *, cut: bool = False) -> bytes:
    """Return a file's bytes, unpacked; `CorpusError` for one that is too large or damaged."""
    limit = LARGEST if limit is None else limit
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            data: bytes = (
                gzip.GzipFile(fileobj=raw).read(limit + 1) if packed else raw.read(limit + 1)
            )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CorpusError.at(path, None, f"cannot be unpacked: {error}") from None
    except OSError as error:
        raise CorpusError.at(path, None, f"cannot be read: {error.strerror}") from None
    if len(data) > limit and not cut:
        raise CorpusError.at(path, None, f"holds more than {limit:,} bytes")
    return data


def read_text(path: Path) -> str:
    """Return a file's text past a byte-order mark; `CorpusError` unless it is UTF-8."""
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise CorpusError.at(path, line, what, hint="convert the file to UTF-8") from None


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield `(number from 1, line without its end)`."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        yield number, line.removesuffix("\r")
