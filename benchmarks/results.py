"""Measure the tables of docs/results.md: strategies x formats, and the gazetteer, on two corpora.

    python benchmarks/results.py [--ncbi FOLDER] [--runs FOLDER] > table.md

FOLDER of `--ncbi` holds the CoNLL files of the NCBI Disease corpus (train.tsv, devel.tsv,
test.tsv); without it only the sample corpus is measured, and a line says so.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STRATEGIES = ("zero-shot", "few-shot", "rag")
FORMATS = ("json", "bio")
COLUMNS = (
    "method",
    "strict P",
    "strict R",
    "strict F1",
    "macro F1",
    "exact F1",
    "ungrounded",
    "parse failed",
    "repaired",
    "truncated",
    "seconds",
)


def main() -> None:
    """Run everything and print Markdown."""
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    parser = argparse.ArgumentParser()
    parser.add_argument("--ncbi", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs") / f"results-{stamp}")
    given = parser.parse_args()
    print(f"Measured {datetime.now(UTC):%Y-%m-%d} on {_machine()}.\n")
    table("Sample corpus, test split", [], given.runs / "sample")
    if given.ncbi is None:
        print("NCBI Disease: not measured (no --ncbi).")
        return
    ncbi = ["--corpus", f"{given.ncbi}:conll", "--split", "test", "--limit", "100"]
    ncbi += ["--labels", str(HERE / "ncbi-disease.toml")]
    table("NCBI Disease, first 100 sentences of test", ncbi, given.runs / "ncbi-disease")


def table(title: str, task: list[str], runs: Path) -> None:
    """Print one corpus's table, a row as soon as it is measured."""
    print(f"## {title}\n")
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    for name, flags in _methods():
        scores = evaluate([*flags, *task, "--out", str(runs / name.replace(" ", "-"))])
        print(f"| {' | '.join([name, *_cells(scores)])} |", flush=True)
    print()


def _methods() -> Iterator[tuple[str, list[str]]]:
    yield "gazetteer", ["--tagger", "gazetteer"]
    for strategy in STRATEGIES:
        for form in FORMATS:
            flags = ["--backend", "hf", "--strategy", strategy, "--format", form]
            yield f"{strategy} {form}", flags


def evaluate(flags: list[str]) -> dict[str, Any]:
    """Run `nerharness eval --json` and return its scores."""
    command = [sys.executable, "-c", "from nerharness.cli import main; main()", "eval", "--json"]
    done = subprocess.run([*command, *flags], stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):  # 1: some documents failed, and the scores say so
        raise SystemExit(done.returncode)
    scores: dict[str, Any] = json.loads(done.stdout)
    return scores


def _cells(scores: dict[str, Any]) -> list[str]:
    strict, exact = scores["protocols"]["strict"], scores["protocols"]["exact"]
    rates = [strict["micro"][name] for name in ("precision", "recall", "f1")]
    rates += [strict["macro"]["f1"], exact["micro"]["f1"]]
    outputs, mentions = scores["outputs"], scores["mentions"]
    shares = [_share(mentions["ungrounded"], mentions["total"])]
    shares += [
        _share(outputs[kind], outputs["total"])
        for kind in ("parse_failed", "repaired", "truncated")
    ]
    return [*(f"{rate:.3f}" for rate in rates), *shares, f"{scores['seconds']:.0f}"]


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
