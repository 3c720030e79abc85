"""Which requests were submitted in which batch, kept on disk so that none is paid for twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nerharness.errors import RunError
from nerharness.types import Completion, Token, Usage
from nerharness.whole_files import PRIVATE, write_whole

_ALONE = "completion"
_AGAIN = "submitted, and paid for, again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch: the keys of its requests, in order, and what is known of it.

    `id` is `None` as long as it may be that the server has not got it; `status` is the one it ended
    with. `digest` is of the keys with which it was submitted, and of no other batch of the run. A
    prompt that was asked by itself is one without an id that has ended.
    """

    digest: str
    keys: tuple[str, ...]
    id: str | None = None
    status: str | None = None


class Ledger:
    """The batches of one run; in memory alone if there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._entries: dict[str, Entry] = {}
        self._lines: dict[str, list[Any]] = {}
        files = sorted(folder.glob("*.json")) if folder and folder.is_dir() else []
        for file in files:
            entry = _read(file)
            self._entries[entry.digest] = entry

    def covering(self, keys: set[str]) -> Iterator[tuple[Entry, frozenset[str]]]:
        """Yield the batches that hold any of the keys, with those that no batch before it holds."""
        left = set(keys)
        for entry in self._entries.values():
            if found := left.intersection(entry.keys):
                left -= found
                yield entry, frozenset(found)

    def new(self, keys: Sequence[str]) -> Entry:
        """Return the entry of a batch that is about to be submitted."""
        words = list(keys)
        while (digest := _digest(words)) in self._entries:
            words.append("again")
        return Entry(digest, tuple(keys))

    def put(self, entry: Entry) -> None:
        """Note a batch, or what has become known of it; on disk when this returns."""
        self._entries[entry.digest] = entry
        if self._folder is not None:
            write_whole(self._file(entry, "json"), json.dumps(asdict(entry)), PRIVATE)

    def drop(self, entry: Entry) -> None:
        """Forget a batch that the server did not take."""
        del self._entries[entry.digest]
        if self._folder is not None:
            self._file(entry, "json").unlink(missing_ok=True)

    def free(self, entry: Entry, keys: Collection[str]) -> None:
        """Note that a batch that has ended left these keys to another one."""
        if keys:
            left = tuple(key for key in entry.keys if key not in keys)
            self.put(replace(entry, keys=left))

    def end(self, entry: Entry, status: str, lines: Sequence[Any]) -> Entry:
        """Keep what a batch came to: JSON values, one for each line of its files."""
        if self._folder is None:
            self._lines[entry.digest] = list(lines)
        else:
            text = "".join(json.dumps(line) + "\n" for line in lines)
            write_whole(self._file(entry, "jsonl"), text, PRIVATE)
        entry = replace(entry, status=status)
        self.put(entry)
        return entry

    def lines(self, entry: Entry) -> list[Any]:
        """Return what a batch that has ended came to."""
        if self._folder is None:
            return self._lines[entry.digest]
        file = self._file(entry, "jsonl")
        try:
            with file.open(encoding="utf-8") as stream:
                return [json.loads(line) for line in stream]
        except (OSError, ValueError) as error:
            hint = f"without {self._file(entry, 'json')}, its requests are {_AGAIN}"
            raise RunError(f"unreadable: {error}", where=str(file), hint=hint) from None

    def lost(self, entry: Entry, why: str) -> RunError:
        """Return the error for a batch that the server does not have: what to do about it."""
        what = f"the server does not have batch {entry.id}, or its answers: {why}"
        if self._folder is None:
            return RunError(what, where="--batch")
        hint = (
            "is it the server, and the key of the account, to which it was submitted? if it has "
            f"been deleted there, remove this file: its {len(entry.keys):,} requests are {_AGAIN}"
        )
        return RunError(what, where=str(self._file(entry, "json")), hint=hint)

    def _file(self, entry: Entry, ending: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{entry.digest}.{ending}"


def alone(key: str, completion: Completion) -> dict[str, Any]:
    """Return the line of a prompt that was asked by itself, in the place of a batch's."""
    return {"custom_id": key, _ALONE: asdict(completion)}


def asked_alone(line: Mapping[str, Any]) -> Completion | None:
    """Return the completion that `alone` made a line of; `None` for a line of the server's."""
    if (value := line.get(_ALONE)) is None:
        return None
    tokens = value["tokens"]
    return Completion(
        value["text"],
        value["finish"],
        Usage(**value["usage"]),
        tokens=None if tokens is None else tuple(Token(*one) for one in tokens),
    )


def _digest(words: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def _read(file: Path) -> Entry:
    try:
        value: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return Entry(value["digest"], tuple(value["keys"]), value["id"], value["status"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = f"without it, the requests that it stands for are {_AGAIN}"
        raise RunError(f"unreadable: {error!r}", where=str(file), hint=hint) from None
