"""A journal: JSON objects, one a line, appended one by one.

The first member of each is the CRC-32 (that of zlib) of all that follows it in the line:
`{"crc32": "0123abcd", "id": …}`. Journals of earlier versions have none and begin with `{"id": `.
"""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.errors import RunError
from nerharness.flushing import Flushing
from nerharness.whole_files import PRIVATE

if sys.platform != "win32":
    import fcntl

JOURNAL = "journal.jsonl"
"""The journal in the folder of a run."""
DESCRIPTION = "run.json"
"""What describes the run beside it."""

_HEAD = re.compile(rb'\{"crc32": "([0-9a-f]{8})", ')
_UNCHECKED = b'{"id": '


class Line(NamedTuple):
    """A line of a journal and where it stands, as `file:line`."""

    where: str
    value: dict[str, Any]


def read_journal(path: Path) -> Iterator[Line]:
    """Yield the lines, none if there is no file; `RunError` for one that is damaged.

    A last line without its line end was torn by a crash: it is left out.
    """
    if not path.is_file():
        return
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return
            where = f"{path}:{number}"
            yield Line(where, _read(line[:-1], where))


def _read(line: bytes, where: str) -> dict[str, Any]:
    head = _HEAD.match(line)
    if head is not None and zlib.crc32(line[head.end() :]) != int(head[1], 16):
        raise damaged("its checksum is another", where)
    if head is None and not line.startswith(_UNCHECKED):
        raise damaged("it has no checksum", where)
    try:
        value: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise damaged(repr(error), where) from None
    return value


def damaged(reason: str, where: str) -> RunError:
    """Build the error for a line that cannot be used."""
    return RunError(
        f"a damaged line: {reason}",
        where=where,
        hint="put a copy in its place; or remove it, and its document is done again by --resume",
    )


def line_of(value: Mapping[str, Any]) -> bytes:
    """Return the line of an object, which has a member at least."""
    rest = json.dumps(value, ensure_ascii=False)[1:].encode()
    return b'{"crc32": "%08x", %b\n' % (zlib.crc32(rest), rest)


class Writer:
    """Appends to a journal that no one else can append to meanwhile; `RunError` if someone does.

    Lets go of it when closed or forgotten, and when the process ends, however it does.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._file = os.open(path, flags, PRIVATE)
        except OSError as error:
            raise self._fault(error) from None
        try:
            _lock(self._file, path)
        except RunError:
            os.close(self._file)
            raise
        self._flushing = Flushing(self._file)
        self._end = weakref.finalize(self, _end, self._flushing, self._file)

    def mend(self) -> None:
        """Cut off a torn last line, so that the journal can be appended to."""
        with open(self._file, "rb", closefd=False) as stream:
            stream.seek(0)
            end = sum(len(line) for line in stream if line.endswith(b"\n"))
        if end < os.fstat(self._file).st_size:
            os.ftruncate(self._file, end)

    def append(self, value: Mapping[str, Any]) -> None:
        """Write one line, whole or not at all; it is on its way to the disk when this returns.

        The line outlives the process at once, and within the blink of an eye the machine, too.
        """
        rest = memoryview(line_of(value))
        before = os.fstat(self._file).st_size
        try:
            self._flushing.check()
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            with suppress(OSError):  # what it leaves is a torn line, which is known as such
                os.ftruncate(self._file, before)
            raise self._fault(error) from None
        self._flushing.want()

    def close(self) -> None:
        """Flush all to the disk and let go of the file; `RunError` if it cannot be flushed."""
        self._end()
        try:
            self._flushing.check()
        except OSError as error:
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> RunError:
        return RunError(
            f"cannot be written: {error.strerror}",
            where=str(self._path),
            hint="what stands in it is safe; put this right, then go on with --resume",
        )


def _end(flushing: Flushing, file: int) -> None:
    flushing.stop()
    os.close(file)


def _lock(file: int, path: Path) -> None:
    """Lock the file for this process; where files cannot be locked, that is warned of."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunError(
            "another process is writing to it",
            where=str(path),
            hint="wait until that ends, or choose another --out",
        ) from None
    except OSError as error:
        reason = f"{path} cannot be locked ({error.strerror}): start no second run in its folder"
        warnings.warn(reason, stacklevel=2)
