"""Reading runs to be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.runs.folder import RunFolder
from nerharness.runs.predictions import Gold, check_align, read_predictions
from nerharness.scoring.comparison import Run
from nerharness.transcripts import Align

FAILED = "documents failed, and count as without entities"


def read_runs(paths: Sequence[str]) -> list[Run]:
    """Read run folders, each with the gold entities of its own journal."""
    _check_names(paths)
    return [run_of(path) for path in paths]


def run_of(path: str | Path) -> Run:
    """Read a run folder."""
    folder = RunFolder.open(Path(path).expanduser())
    records = folder.finished(transcripts=False)
    failed = Counter({FAILED: sum(record.error is not None for record in records)})
    pairs = {record.id: record.pair() for record in records}
    return Run(str(path), pairs, folder.labels(), {**+failed, **folder.notes(len(pairs))})


def read_runs_beside(
    host: Host,
    gold: Gold,
    wanted: Sequence[str],
    *,
    align: Align | None = None,
    common: bool = False,
) -> list[Run]:
    """Read predictions from anywhere (see `read_predictions`) beside the same gold corpus."""
    _check_names(wanted)
    runs: list[Run] = []
    lines = False
    for one in wanted:
        found = read_predictions(host, gold, one, align=align, common=common)
        lines = lines or found.had_lines
        runs.append(found.run(one))
    check_align(align, lines)
    return runs


def with_first(first: str, paths: Sequence[str]) -> list[str]:
    """Return the paths with `first` before all others, whether it is one of them or not."""
    return [first, *(path for path in paths if _place(path) != _place(first))]


def _check_names(names: Sequence[str]) -> None:
    known = set[Path]()
    for name in names:
        if _place(name) in known:
            raise UsageError(f"{name!r} is named twice", hint="name different runs")
        known.add(_place(name))


def _place(path: str) -> Path:
    return Path(path).expanduser().absolute()
