"""A bar that shows how far a long command is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def progress_bar(notes: Console, *fields: str, patient: bool = False) -> Progress:
    """Return a bar with count and times, and behind them the tasks' fields of these names.

    A `patient` one tells the time left from the last hour, not the last half minute: for tasks that
    say rarely how far they are.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        *(TextColumn(f"{{task.fields[{name}]}}") for name in fields),
        console=notes,
        speed_estimate_period=3600 if patient else 30,
    )
