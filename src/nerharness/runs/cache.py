"""Answers that are kept from one run to the next, in a SQLite file that processes can share."""

from __future__ import annotations

import json
import os
import sqlite3
import time
import weakref
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.cache_folder import cache_folder
from nerharness.errors import RunError
from nerharness.types import Completion, Token, Usage
from nerharness.whole_files import PRIVATE, PRIVATE_FOLDER

_WAIT = 30.0
"""Seconds to wait for another process that writes."""
_NAP = 0.01
"""Seconds between two tries where SQLite does not wait by itself."""

_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    digest TEXT, repeat INTEGER, backend TEXT, model TEXT, made INTEGER, value TEXT, crc32 INTEGER,
    PRIMARY KEY (digest, repeat)
) WITHOUT ROWID
"""


class Held(NamedTuple):
    """What the cache has of one backend and model; times in seconds since 1970."""

    backend: str
    model: str
    answers: int
    size: int
    """Characters of the answers as they are kept."""
    oldest: int
    newest: int


class DamagedCacheError(RunError):
    """A cache file that SQLite cannot read."""


class LockedCacheError(RunError):
    """A cache file that another process holds for too long."""


def cache_file() -> Path:
    """Return where the answers are kept."""
    return cache_folder("answers") / "answers.sqlite"


class Cache:
    """The answers in a file, by a digest of what was asked, and how often that was before.

    Its calls raise `RunError` where the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        with self._telling():
            file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            # Answers hold words of documents: they are for no one else's eyes.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, PRIVATE))
            # The garbage collector may close it in another thread, where nothing else uses it.
            self._db = sqlite3.connect(
                file, timeout=_WAIT, isolation_level=None, check_same_thread=False
            )
            self._end = weakref.finalize(self, self._db.close)
        try:
            self._set_up()
        except RunError:
            self.close()
            raise

    def _set_up(self) -> None:
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = NORMAL",
            "PRAGMA secure_delete = ON",
            _TABLE,
        ):
            self._do(statement)

    def get(self, digest: str, repeat: int) -> Completion | None:
        """Return the answer, its usage that of a cached one; one that is damaged counts as none."""
        found = "SELECT value, crc32 FROM answers WHERE digest = ? AND repeat = ?"
        for value, crc32 in self._do(found, digest, repeat):
            if isinstance(value, str) and zlib.crc32(value.encode()) == crc32:
                return _completion(json.loads(value))
        return None

    def put(
        self, digest: str, repeat: int, completion: Completion, *, backend: str, model: str
    ) -> None:
        """Keep an answer, in place of another."""
        value = json.dumps(_value(completion), ensure_ascii=False)
        check = zlib.crc32(value.encode())
        row = (digest, repeat, backend, model, int(time.time()), value, check)
        self._do("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)", *row)

    def held(self) -> list[Held]:
        """Return what is kept, by backend and model."""
        rows = self._do(
            "SELECT backend, model, count(*), sum(length(value)), min(made), max(made) "
            "FROM answers GROUP BY backend, model ORDER BY backend, model"
        )
        return [Held(*row) for row in rows]

    def prune(self, *, before: float | None = None, size: int | None = None) -> int:
        """Remove answers made before a time, and the oldest until the rest have at most `size`.

        Returns how many were removed.
        """
        ((total,),) = self._do("SELECT count(*) FROM answers")
        if before is not None:
            self._do("DELETE FROM answers WHERE made < ?", before)
        if size is not None:
            self._do(
                "DELETE FROM answers WHERE (digest, repeat) IN (SELECT digest, repeat FROM ("
                "SELECT digest, repeat, sum(length(value)) OVER "
                "(ORDER BY made DESC, digest, repeat) AS up_to FROM answers) WHERE up_to > ?)",
                size,
            )
        ((left,),) = self._do("SELECT count(*) FROM answers")
        if left != total:
            self._do("VACUUM")
            self._do("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(total - left)

    def close(self) -> None:
        """Close the file; answers that were put stay."""
        self._end()

    def _do(self, statement: str, *values: object) -> list[Any]:
        end = time.monotonic() + _WAIT
        with self._telling():
            while True:
                try:
                    return self._db.execute(statement, values).fetchall()
                except sqlite3.OperationalError as error:
                    if not _is_locked(error) or time.monotonic() >= end:
                        raise
                time.sleep(_NAP)  # as where several processes make the file

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RunError(str(error.strerror), where=str(self.file)) from None
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            kind = LockedCacheError if _is_locked(error) else RunError
            raise kind(str(error), where=str(self.file)) from None
        except sqlite3.DatabaseError as error:
            raise DamagedCacheError(
                f"damaged: {error}", where=str(self.file), hint="nerharness cache clear removes it"
            ) from None


def _is_locked(error: sqlite3.Error) -> bool:
    """Tell whether another process is in the way, of which there are many kinds."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def parts(file: Path) -> list[Path]:
    """Return the files of a cache: itself, SQLite's beside it, and damaged ones put aside."""
    return sorted(file.parent.glob(f"{file.name}*"))


def put_aside(file: Path) -> Path:
    """Rename a damaged cache, so that a new one can be made; returns its new name."""
    aside = file.with_name(f"{file.name}.damaged")
    file.replace(aside)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return aside


def _value(completion: Completion) -> dict[str, Any]:
    value: dict[str, Any] = {"text": completion.text, "finish": completion.finish}
    if completion.tokens is not None:
        value["tokens"] = [list(token) for token in completion.tokens]
    return value


def _completion(value: dict[str, Any]) -> Completion:
    tokens = value.get("tokens")
    return Completion(
        value["text"],
        value["finish"],
        Usage(cached=1),
        tokens=None if tokens is None else tuple(Token(text, logprob) for text, logprob in tokens),
    )
