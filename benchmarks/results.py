"""Print grids' folders as the tables of docs/results.md: `make results` measures them.

python -m benchmarks.results FOLDER … > tables.md
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nerharness.runs.folder import RunFolder
from nerharness.runs.grid import FILE, read_grid

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
    """Print a table for each grid."""
    print(f"Printed {datetime.now(UTC):%Y-%m-%d} on {_machine()}.")
    for folder in map(Path, sys.argv[1:]):
        print("\n".join(["", f"## {folder.name}", "", *_table(folder)]))


def _table(folder: Path) -> Iterator[str]:
    """Yield the lines of a grid's table, and what is missing in it."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{'---|' * len(COLUMNS)}"
    missing = []
    for name in (variant.name for variant in read_grid(folder / FILE)):
        if (folder / name / "scores.json").exists():
            yield f"| {' | '.join([name, *_cells(_scores(folder / name))])} |"
        else:
            missing.append(name)
    if missing:
        yield from ("", f"Not measured: {'; '.join(missing)}.")


def _scores(folder: Path) -> dict[str, Any]:
    run = RunFolder.open(folder)
    return run.score(run.labels()).to_json()


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
