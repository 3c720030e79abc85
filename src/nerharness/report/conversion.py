"""A conversion as tables: what was written, and what could not be."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from nerharness.losses import MEANING
from nerharness.runs.conversion import Conversion


def conversion_tables(done: Conversion) -> Group:
    """Return the splits with their counts, and the losses with what they mean."""
    splits = Table("split", box=box.SIMPLE)
    for name in ("documents", "entities"):
        splits.add_column(name, justify="right")
    for split, count in done.documents.items():
        splits.add_row(split, f"{count:,}", f"{done.entities[split]:,}")
    tables: list[RenderableType] = [splits]
    rows = [(str(kind), count, MEANING[kind]) for kind, count in done.losses.items()]
    rows += [(kind, count, "not read") for kind, count in _sorted(done)]
    if rows:
        lost = Table("lost", box=box.SIMPLE)
        lost.add_column("count", justify="right")
        lost.add_column("what")
        for kind, count, meaning in rows:
            lost.add_row(kind, f"{count:,}", meaning)
        tables.append(lost)
    return Group(*tables)


def _sorted(done: Conversion) -> list[tuple[str, int]]:
    return sorted(done.skipped.items())
