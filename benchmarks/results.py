"""Measure the tables of docs/results.md: methods on two corpora, a row as soon as it is measured.

    python -m benchmarks.results [--ncbi FOLDER] [--runs FOLDER] [--only TEXT]
                                [--limit N] [--no-sample] > table.md

FOLDER of `--ncbi` holds the CoNLL files of the NCBI Disease corpus (train.tsv, devel.tsv,
test.tsv); without it only the sample corpus is measured, and a line says so. A run that is in the
folder of `--runs` already is not made again.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GAZETTEER = {"gazetteer": "--tagger gazetteer"}
FEW = "--strategy few-shot"
GROUNDED = "--decode grounded"
JUDGED = "--judge-shots 4 --judge-threshold 0.5 --judge-also hints"
DIVERSE = "--retriever diverse"
METHODS = {
    **GAZETTEER,
    "zero-shot json": "--strategy zero-shot",
    "zero-shot json, grounded": f"--strategy zero-shot {GROUNDED}",
    "zero-shot json, grounded, hints": f"--strategy zero-shot {GROUNDED} --hints train",
    "candidates+judge": "--strategy candidates+judge",
    "candidates, hints": "--strategy candidates --hints train",
    "candidates+judge, hints": "--strategy candidates+judge --hints train",
    "few-shot json": FEW,
    "few-shot json, grounded": f"{FEW} {GROUNDED}",
    "few-shot json, grounded, hints": f"{FEW} {GROUNDED} --hints train",
    "few-shot json, grounded, hints, diverse": f"{FEW} {GROUNDED} --hints train {DIVERSE}",
    "few-shot lines, grounded, hints, diverse": (
        f"{FEW} --format lines {GROUNDED} --hints train {DIVERSE}"
    ),
    "few-shot lines, grounded, hints": f"{FEW} --format lines {GROUNDED} --hints train",
    "few-shot json, grounded, hints, 8 shots": f"{FEW} {GROUNDED} --hints train --shots 8",
    "few-shot inline, grounded, hints": f"{FEW} --format inline {GROUNDED} --hints train",
    "few-shot+verify json, grounded, hints": f"{FEW}+verify {GROUNDED} --hints train",
    "few-shot+judge json, grounded": f"{FEW}+judge {GROUNDED}",
    "few-shot+judge json, grounded, hints": f"{FEW}+judge {GROUNDED} --hints train {JUDGED}",
    "few-shot json, grounded, random": f"{FEW} {GROUNDED} --retriever random",
    "few-shot json-by-label, grounded": f"{FEW} --format json-by-label {GROUNDED}",
    "few-shot lines, grounded": f"{FEW} --format lines {GROUNDED}",
    "few-shot inline, grounded": f"{FEW} --format inline {GROUNDED}",
    "few-shot brackets, grounded": f"{FEW} --format brackets {GROUNDED}",
    "few-shot markers, grounded": f"{FEW} --format markers {GROUNDED}",
    "rag json, grounded, hints": f"--strategy rag {GROUNDED} --hints train",
    "few-shot json, schema": f"{FEW} --decode schema",
    "few-shot bio, grounded": f"{FEW} --format bio {GROUNDED}",
    "few-shot+vote json, grounded, hints": f"{FEW}+vote {GROUNDED} --hints train",
    "paper bio, grounded": f"--strategy paper --format bio {GROUNDED} --retriever fixed",
}
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


def main() -> None:
    """Run everything and print Markdown."""
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    parser = argparse.ArgumentParser()
    parser.add_argument("--ncbi", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs") / f"results-{stamp}")
    parser.add_argument("--only", default="", help="methods whose name holds this")
    parser.add_argument("--limit", type=int, default=300, help="sentences of NCBI Disease")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample corpus out")
    given = parser.parse_args()
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {_machine()}.\n")
    if given.ncbi is None:
        print("NCBI Disease: not measured (no --ncbi).")
    else:
        ncbi = ["--corpus", f"{given.ncbi}:conll", "--split", "test"]
        ncbi += ["--limit", str(given.limit), "--labels", str(HERE / "ncbi-disease.toml")]
        title = f"NCBI Disease, first {given.limit} sentences of test"
        table(title, ncbi, given.runs / "ncbi-disease", given.only)
    if not given.no_sample:
        table("Sample corpus, test split", [], given.runs / "sample", given.only)


def table(title: str, task: list[str], runs: Path, only: str) -> None:
    """Print one corpus's table, a row as soon as it is measured."""
    print(f"## {title}\n")
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    for name, flags in METHODS.items():
        if only in name:
            folder = runs / name.replace(",", "").replace(" ", "-")
            scores = evaluate([*flags.split(), *task], folder)
            print(f"| {' | '.join([name, *_cells(scores)])} |", flush=True)
    print()


def evaluate(flags: list[str], folder: Path) -> dict[str, Any]:
    """Run `nerharness eval --json`, or score the run that is there, and return its scores."""
    command = ["score", str(folder)] if folder.exists() else ["eval", *flags, "--out", str(folder)]
    python = [sys.executable, "-m", "nerharness", *command, "--json"]
    done = subprocess.run(python, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):  # 1: some documents failed, and the scores say so
        raise SystemExit(done.returncode)
    scores: dict[str, Any] = json.loads(done.stdout)
    return scores


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
