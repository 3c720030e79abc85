"""Findings: the first of them by file and line, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.findings import Finding
from nerharness.runs.checker import Validation


def print_validation(console: Console, done: Validation, shown: Sequence[Finding]) -> None:
    """Print the findings, each a line of its own however long, then splits and numbers by kind."""
    for finding in shown:
        console.print(_line(finding), soft_wrap=True)
    console.print(_tables(done, len(shown)))


def _tables(done: Validation, shown: int) -> Group:
    splits = Table("split", box=box.SIMPLE)
    for name in ("documents", "entities"):
        splits.add_column(name, justify="right")
    for split, count in done.documents.items():
        splits.add_row(split, f"{count:,}", f"{done.entities[split]:,}")
    parts: list[RenderableType] = []
    if (more := done.kinds.total() - shown) > 0:
        parts.append(Text(f"… and {more:,} more"))
    parts.append(splits)
    if done.kinds:
        kinds = Table("finding", box=box.SIMPLE)
        kinds.add_column("count", justify="right")
        for kind, count in sorted(done.kinds.items()):
            kinds.add_row(kind, f"{count:,}")
        parts.append(kinds)
    else:
        parts.append(Text("nothing wrong"))
    if done.lost:
        parts.append(Text(f"{done.lost:,} not in a repaired copy: left out, or tagged O"))
    if done.cut_tokens:
        parts.append(Text(f"{done.cut_tokens:,} entities cut through a token, and stay so"))
    if line := done.cuts.line:
        parts.append(Text(line))
    if done.skipped:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(done.skipped.items()))
        parts.append(Text(f"not read: {counts}"))
    return Group(*parts)


def _line(finding: Finding) -> Text:
    repair = f" → {finding.repair}" if finding.repair else ""
    what = " ".join(finding.what.split())
    line = f"{finding.place}: {finding.kind}: {what}{repair}"
    return Text(line)
