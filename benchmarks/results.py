"""Measure the tables of docs/results.md: methods on two corpora, those that matter most first.

    python -m benchmarks.results [--ncbi FOLDER] [--runs FOLDER] [--only TEXT] [--minutes M]
                                [--limit N] [--sample-limit N] [--no-sample] > tables.md

FOLDER of `--ncbi` holds the CoNLL files of the NCBI Disease corpus (train.tsv, devel.tsv,
test.tsv); without it only the sample corpus is measured, and a line says so. Each row is a run's
folder. A row that is finished is not measured again, and one that was stopped goes on: the same
command again does what is left, and with `--minutes 0` prints what there is. For new figures of all
rows give another folder to `--runs`.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FEW = "--strategy few-shot"
GROUNDED = "--decode grounded"
HINTED = f"{GROUNDED} --hints train"
JUDGED = "--judge-shots 4 --judge-threshold 0.5 --judge-also hints"
FORMATS = ("lines", "json", "json-by-label", "inline", "brackets", "markers", "bio")
LEVELS = ("grounded", "schema", "free")
METHODS = {
    "gazetteer": "--tagger gazetteer",
    "zero-shot json, grounded": f"--strategy zero-shot {GROUNDED}",
    "candidates+judge": "--strategy candidates+judge",
    "candidates, hints": "--strategy candidates --hints train",
    "few-shot lines, grounded, hints": f"{FEW} --format lines {HINTED}",
    "few-shot+sure lines, grounded, hints": f"{FEW}+sure --format lines {HINTED}",
    "few-shot json, grounded, hints": f"{FEW} {HINTED}",
    "few-shot json, grounded, random": f"{FEW} {GROUNDED} --retriever random",
    "rag json, grounded, hints": f"--strategy rag {HINTED}",
    "few-shot+verify json, grounded, hints": f"{FEW}+verify {HINTED}",
    "few-shot+vote json, grounded, hints": f"{FEW}+vote {HINTED}",
    "few-shot+vote 3 formats, grounded, hints": (
        f"{FEW}+vote {HINTED} --vote-formats lines,json,json-by-label"
    ),
    "few-shot+per-label json, grounded, hints": f"{FEW}+per-label {HINTED}",
    "paper bio, grounded": f"--strategy paper --format bio {GROUNDED} --retriever fixed",
    "few-shot+judge json, grounded, hints": f"{FEW}+judge {HINTED} {JUDGED}",
    **{
        f"few-shot {form}, {level}": f"{FEW} --format {form} --decode {level}"
        for level in LEVELS
        for form in FORMATS
    },
    "zero-shot json, free": "--strategy zero-shot",
    "zero-shot lines, grounded": f"--strategy zero-shot --format lines {GROUNDED}",
    "zero-shot json, grounded, hints": f"--strategy zero-shot {HINTED}",
    "few-shot lines, grounded, hints, diverse": (
        f"{FEW} --format lines {HINTED} --retriever diverse"
    ),
    "few-shot lines, grounded, hints, 8 shots": f"{FEW} --format lines {HINTED} --shots 8",
    "few-shot inline, grounded, hints": f"{FEW} --format inline {HINTED}",
    "few-shot+judge json, grounded": f"{FEW}+judge {GROUNDED}",
    "candidates+judge, hints": "--strategy candidates+judge --hints train",
    "paper bio, free": "--strategy paper --format bio --retriever fixed",
    "rag json, free": "--strategy rag",
}
"""Those that matter most first; the grid of formats and levels is whole."""
COLUMNS = (
    "method",
    "strict P",
    "strict R",
    "strict F1",
    "95 %",
    "macro F1",
    "exact F1",
    "ungrounded",
    "parse failed",
    "truncated",
    "tokens read",
    "written",
    "seconds",
)


STOPPED = 130
"""What `nerharness eval` ends with when it is interrupted."""


@dataclass(frozen=True)
class Table:
    """A corpus, its rows' runs, and how its part of a command is written for others."""

    title: str
    flags: Sequence[str]
    shown: str
    runs: Path
    scores: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def main() -> None:
    """Measure what there is time for, and print Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ncbi", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs") / "results")
    parser.add_argument("--only", default="", help="methods whose name holds this")
    parser.add_argument("--minutes", type=float, help="stop measuring after so many")
    parser.add_argument("--limit", type=int, default=300, help="sentences of NCBI Disease")
    parser.add_argument("--sample-limit", type=int, help="passages of the sample corpus")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample corpus out")
    given = parser.parse_args()
    end = None if given.minutes is None else time.monotonic() + 60 * given.minutes
    methods = [name for name in METHODS if given.only in name]
    found = _tables(given)
    # In a shell's background an interrupt is ignored, which the runs would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    measure(found, methods, end)
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {_machine()}.\n")
    if given.ncbi is None:
        print("NCBI Disease: not measured (no --ncbi).\n")
    for table in found:
        show(table, methods)
    raise SystemExit(1 if any(table.failed for table in found) else 0)


def _tables(given: argparse.Namespace) -> list[Table]:
    found = []
    if given.ncbi is not None:
        rest = ["--split", "test", "--limit", str(given.limit)]
        flags = ["--corpus", f"{given.ncbi}:conll", *rest]
        flags += ["--labels", str(HERE / "ncbi-disease.toml")]
        shown = ["--corpus path/to/ncbi-disease/conll:conll", *rest]
        shown += ["--labels benchmarks/ncbi-disease.toml"]
        title = f"NCBI Disease, first {given.limit} sentences of test"
        folder = given.runs / f"ncbi-disease-{given.limit}"
        found.append(Table(title, flags, " ".join(shown), folder))
    if not given.no_sample:
        limit, name = given.sample_limit, "sample"
        flags = [] if limit is None else ["--limit", str(limit)]
        title = "Sample corpus, test split"
        if limit is not None:
            title, name = f"{title}, first {limit} passages", f"sample-{limit}"
        found.append(Table(title, flags, " ".join(flags), given.runs / name))
    return found


def measure(found: Sequence[Table], methods: Sequence[str], end: float | None) -> None:
    """Measure method by method, each on all corpora, until the time is up or a user stops it."""
    for name in methods:
        for table in found:
            begun = time.monotonic()
            folder = table.runs / name.replace(",", "").replace(" ", "-")
            code, scores = evaluate([*METHODS[name].split(), *table.flags], folder, end)
            if code == STOPPED and not folder.exists():
                continue
            word = (
                "measured"
                if scores
                else "stopped"
                if code == STOPPED
                else f"failed, exit code {code}"
            )
            if scores:
                table.scores[name] = scores
            elif code != STOPPED:
                table.failed.append(name)
            took = time.monotonic() - begun
            print(f"{table.title}: {name}: {word} ({took:.0f} s)", file=sys.stderr, flush=True)


def show(table: Table, methods: Sequence[str]) -> None:
    """Print one corpus's table, what is missing in it, and the commands of its rows."""
    print(f"## {table.title}\n")
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    there = [name for name in methods if name in table.scores]
    for name in there:
        print(f"| {' | '.join([name, *_cells(table.scores[name])])} |")
    for what, names in (
        ("Failed", table.failed),
        ("Not measured", [n for n in methods if n not in there and n not in table.failed]),
    ):
        if names:
            print(f"\n{what}: {'; '.join(names)}.")
    print("\n```sh")
    for name in there:
        words = f"nerharness eval {METHODS[name]} {table.shown}".strip()
        print(f"{words}  # {name}")
    print("```\n")


def evaluate(
    flags: Sequence[str], folder: Path, end: float | None = None
) -> tuple[int, dict[str, Any] | None]:
    """Run `nerharness eval --json`, go on with it, or score it if it is finished.

    Returns the exit code and the scores, `None` if there are none: because it failed, or because
    the time was up (`STOPPED`), before it began or within it.
    """
    left = None if end is None else end - time.monotonic()
    if (folder / "scores.json").exists():
        command, left = ["score", str(folder)], None
    elif left is not None and left <= 0:
        return STOPPED, None
    elif (folder / "run.json").exists():
        command = ["eval", "--resume", str(folder)]
    else:
        command = ["eval", *flags, "--out", str(folder)]
    python = [sys.executable, "-m", "nerharness", *command, "--json"]
    with subprocess.Popen(python, stdout=subprocess.PIPE) as run:
        try:
            said, _ = run.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGINT)  # it ends the documents that it has begun
            said, _ = run.communicate()
            if run.returncode not in (0, 1):  # whatever it was doing
                return STOPPED, None
    if run.returncode not in (0, 1):  # 1: some documents failed, and the scores say so
        return run.returncode, None
    return run.returncode, json.loads(said)


def _cells(scores: dict[str, Any]) -> list[str]:
    strict, exact = scores["protocols"]["strict"], scores["protocols"]["exact"]
    low, high = strict["micro"]["intervals"]["f1"]["percentile"]
    rates = [f"{strict['micro'][name]:.3f}" for name in ("precision", "recall", "f1")]
    rates += [f"{low:.3f}–{high:.3f}"]
    rates += [f"{strict['macro']['f1']:.3f}", f"{exact['micro']['f1']:.3f}"]
    outputs, mentions, usage = scores["outputs"], scores["mentions"], scores["usage"]
    shares = [_share(mentions["ungrounded"], mentions["total"])]
    shares += [_share(outputs[kind], outputs["total"]) for kind in ("parse_failed", "truncated")]
    tokens = [f"{usage[f'{kind}_tokens']:,}" for kind in ("prompt", "completion")]
    return [*rates, *shares, *tokens, f"{scores['seconds']:.0f}"]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _machine() -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("nerharness", "torch", "transformers")
    )
    return f"{_processor()}, {platform.system()}; Python {platform.python_version()}, {packages}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} cores of {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
