"""The run folder: `run.json`, `journal.jsonl`, `scores.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from nerharness.errors import RunError
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.scoring.intervals import DEFAULT, Resampling

SCHEMA = 1


class RunFolder:
    """One run on disk: the journal is appended to, a document a line; scores derive from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._run = path / "run.json"
        self._journal = path / "journal.jsonl"
        self._scores = path / "scores.json"

    @classmethod
    def create(cls, path: Path, description: Mapping[str, Any]) -> Self:
        """Make the folder with its `run.json`; `RunError` if it holds anything already."""
        folder = cls(path)
        folder.check_free()
        try:
            path.mkdir(parents=True, exist_ok=True)
            write_json(folder._run, {"schema": SCHEMA, **description})
        except OSError as error:
            raise RunError(f"cannot write the run folder: {error}", where=str(path)) from None
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return an existing run; `RunError` if `path` is none."""
        folder = cls(path)
        if not folder._run.is_file():
            raise RunError("not a run folder: no run.json in it", where=str(path))
        return folder

    def check_free(self) -> None:
        """Raise `RunError` unless the folder is missing or empty."""
        if self._run.exists():
            raise RunError(
                "the folder holds another run",
                where=str(self.path),
                hint="choose another --out, or go on with that run by --resume",
            )
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise RunError("not an empty folder", where=str(self.path), hint="choose another --out")

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
        """Add to `run.json` what was seen while the run was worked on, unless it is nothing."""
        if seen:
            before = self.description()
            write_json(self._run, {**before, "observed": [*before.get("observed", ()), seen]})

    def labels(self) -> tuple[str, ...]:
        """Return the names of the run's label set; `RunError` if `run.json` has none."""
        try:
            return tuple(str(label["name"]) for label in self.description()["labels"])
        except (KeyError, TypeError) as error:
            raise RunError(f"no label set: {error!r}", where=str(self._run)) from None

    def append(self, record: Record) -> None:
        """Write one line and flush it to the disk."""
        line = json.dumps(record.to_json(), ensure_ascii=False) + "\n"
        with self._journal.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def records(self) -> Iterator[Record]:
        """Yield the journal's records; `RunError` for a line that is none.

        A last line without its line end was torn by a crash: it is not a record. A document that
        stands twice is a `RunError`, too.
        """
        seen: set[str] = set()
        if not self._journal.is_file():
            return
        with self._journal.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    record = Record.from_json(json.loads(line.decode("utf-8")))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    raise RunError(
                        f"no record: {error!r}", where=f"{self._journal}:{number}"
                    ) from None
                if record.id in seen:
                    raise RunError(
                        f"document {record.id!r} stands twice", where=f"{self._journal}:{number}"
                    )
                seen.add(record.id)
                yield record

    def notes(self, found: int) -> dict[str, int]:
        """Return how many of the run's documents are not among the `found` records."""
        corpus = self.description().get("corpus", {})
        wanted = corpus.get("documents", 0) if isinstance(corpus, dict) else 0
        missing = wanted - found if isinstance(wanted, int) else 0
        return {"documents of the run are missing, and not scored": missing} if missing > 0 else {}

    def mend(self) -> None:
        """Cut off a torn last line, so that the journal can be appended to."""
        if not self._journal.is_file():
            return
        with self._journal.open("r+b") as stream:
            data = stream.read()
            stream.truncate(data.rfind(b"\n") + 1)

    def score(self, labels: tuple[str, ...], resampling: Resampling | None = DEFAULT) -> Scores:
        """Compute the scores from the journal and write `scores.json`."""
        scores = Scores.of(self.records(), labels, resampling)
        write_json(self._scores, scores.to_json())
        return scores


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write beside the target and rename: a reader sees all of it or nothing."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(path)
