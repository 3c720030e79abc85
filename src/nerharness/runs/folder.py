"""The run folder: `run.json`, `journal.jsonl`, `scores.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from nerharness.errors import RunError
from nerharness.flatten import LONGEST, Policy
from nerharness.journal import DESCRIPTION, JOURNAL, Writer, damaged, read_journal
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.scoring.intervals import DEFAULT, Resampling
from nerharness.types import Usage
from nerharness.whole_files import (
    PRIVATE,
    PRIVATE_FOLDER,
    make_folder,
    make_new_folder,
    part_of,
    write_whole,
)

SCHEMA = 1


class RunFolder:
    """One run on disk: the journal is appended to, a document a line; scores derive from it.

    Only its owner can read what is written, since it holds the documents' texts.

    One that is `numbered` is a new folder beside those that have its name, as soon as it is filled.
    """

    def __init__(self, path: Path, *, numbered: bool = False) -> None:
        self._numbered = numbered
        self._stand(path)
        self._writer: Writer | None = None
        self._journaled = Usage()
        """What the records of this sitting took."""

    def _stand(self, path: Path) -> None:
        self.path = path
        self._run = path / DESCRIPTION
        self._journal = path / JOURNAL
        self._scores = path / "scores.json"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def create(cls, path: Path, description: Mapping[str, Any]) -> Self:
        """Make the folder with its `run.json`, claimed; `RunError` if it holds anything already."""
        folder = cls(path)
        folder.fill(description)
        return folder

    def fill(self, description: Mapping[str, Any]) -> None:
        """Make the folder, claim it, and write `run.json`; `RunError` if it holds anything."""
        self.check_free()
        try:
            if self._numbered:
                self._stand(make_new_folder(self.path, PRIVATE_FOLDER))
                self._numbered = False
            else:
                make_folder(self.path, PRIVATE_FOLDER)
        except OSError as error:
            raise RunError(f"cannot write the run folder: {error}", where=str(self.path)) from None
        self.claim()
        self.check_free()  # again, for now no one else can fill it
        self._write(self._run, {"schema": SCHEMA, **description})

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return an existing run; `RunError` if `path` is none."""
        folder = cls(path)
        if not folder._run.is_file():
            what = "no run.json in it" if path.is_dir() else "no such folder"
            hint = "give a folder that nerharness eval made"
            raise RunError(f"not a run folder: {what}", where=str(path), hint=hint)
        return folder

    def check_free(self) -> None:
        """Raise `RunError` unless the folder is missing or empty, or will be a new one."""
        if self._numbered:
            return
        if self._run.exists():
            raise RunError(
                "the folder holds another run",
                where=str(self.path),
                hint="choose another --out, or go on with that run by --resume",
            )
        if self.path.exists() and not self._is_empty():
            raise RunError("not an empty folder", where=str(self.path), hint="choose another --out")

    def _is_empty(self) -> bool:
        """Tell whether nothing stands there but what a start that was broken off leaves."""
        if not self.path.is_dir():
            return False
        left = set(self.path.iterdir()) - {part_of(self._run)}
        return not left or (left == {self._journal} and self._journal.stat().st_size == 0)

    def description(self) -> dict[str, Any]:
        """Return `run.json`; `RunError` if it is damaged or of a newer schema."""
        try:
            value = json.loads(self._run.read_text(encoding="utf-8"))
            schema = value["schema"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunError(f"unreadable: {error!r}", where=str(self._run)) from None
        if schema != SCHEMA:
            raise RunError(
                f"schema {schema}, but this version reads {SCHEMA}",
                where=str(self._run),
                hint="use the version of nerharness that wrote it",
            )
        return dict(value)

    def observe(self, seen: Mapping[str, Any]) -> None:
        """Add to `run.json` what was seen while the run was worked on, unless it is nothing.

        If answers have a price, `journaled` is what those of this sitting's records cost.
        """
        if "spent" in seen or self._journaled.cost is not None:
            seen = {**seen, "journaled": round(self._journaled.cost or 0.0, 9)}
        if seen:
            before = self.description()
            self._write(self._run, {**before, "observed": [*before.get("observed", ()), seen]})

    def labels(self) -> tuple[str, ...]:
        """Return the names of the run's label set; `RunError` if `run.json` has none."""
        try:
            return tuple(str(label["name"]) for label in self.description()["labels"])
        except (KeyError, TypeError) as error:
            raise RunError(f"no label set: {error!r}", where=str(self._run)) from None

    def claim(self) -> None:
        """Let this process alone write the folder until `close`; `RunError` if another does."""
        if self._writer is None:
            self._writer = Writer(self._journal)

    def close(self) -> None:
        """Let other processes write the folder again."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def append(self, record: Record) -> None:
        """Write one line and flush it to the disk; claims the folder if that was not done."""
        self._claimed().append(record.to_json())
        self._journaled += record.usage

    def mend(self) -> None:
        """Cut off a torn last line of the journal, so that it can be appended to."""
        self._claimed().mend()

    def _claimed(self) -> Writer:
        self.claim()
        assert self._writer is not None
        return self._writer

    def records(self, *, transcripts: bool = True) -> Iterator[Record]:
        """Yield the record of each document: the last one, if it failed and was asked again.

        Without `transcripts`, which are most of a journal, it takes much less memory. Raises the
        errors of `attempts`, before the first record.
        """
        last: dict[str, Record] = {}
        for record in self.attempts():
            last.pop(record.id, None)  # what was asked again stands where it stands last
            last[record.id] = record if transcripts else replace(record, transcript=())
        yield from last.values()

    def finished(self, *, transcripts: bool = True) -> list[Record]:
        """Return what `records` yields; `RunError` where the journal is lost, or holds nothing."""
        if found := list(self.records(transcripts=transcripts)):
            return found
        raise RunError(
            "no document of the run was finished",
            where=str(self.path),
            hint=f"go on with it by eval --resume, or put its {self._journal.name} back",
        )

    def attempts(self) -> Iterator[Record]:
        """Yield all records of the journal; `RunError` for a line that is none.

        A last line without its line end was torn by a crash: it is not a record. A document that
        stands there again is a `RunError`, too, unless it had failed.
        """
        failed: dict[str, bool] = {}
        for where, value in read_journal(self._journal):
            try:
                record = Record.from_json(value)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise damaged(repr(error), where) from None
            if not failed.get(record.id, True):
                raise damaged(f"document {record.id!r} stands twice", where)
            failed[record.id] = record.error is not None
            yield record

    def notes(self, found: int) -> dict[str, int]:
        """Return how many of the run's documents are not among the `found` records."""
        corpus = self.description().get("corpus", {})
        wanted = corpus.get("documents", 0) if isinstance(corpus, dict) else 0
        missing = wanted - found if isinstance(wanted, int) else 0
        return {"documents of the run are missing, and not scored": missing} if missing > 0 else {}

    def score(
        self,
        labels: tuple[str, ...],
        resampling: Resampling | None = DEFAULT,
        policy: Policy = LONGEST,
    ) -> Scores:
        """Compute the scores from the journal, and write `scores.json` if it `keeps` them.

        Raises errors as `finished` does.
        """
        scores = Scores.of(self.finished(transcripts=False), labels, resampling, policy)
        if self.keeps(resampling, policy):
            self._write(self._scores, scores.to_json())
        return scores

    @staticmethod
    def keeps(resampling: Resampling | None, policy: Policy) -> bool:
        """Tell whether `scores.json` is for scores by these settings: the default ones alone."""
        return (resampling, policy) == (DEFAULT, LONGEST)

    def _write(self, file: Path, value: Mapping[str, Any]) -> None:
        write_json(file, value, PRIVATE)


def write_json(path: Path, value: Mapping[str, Any], mode: int = 0o666) -> None:
    """Write a JSON value as `write_whole` does."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n", mode)
