"""What a command says of gold that units cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.runs.cuts import UnitCuts


def say_cuts(cuts: UnitCuts, notes: Console) -> None:
    """Say how many entities are cut, if any are."""
    if line := cuts.line:
        notes.print(f"units      {line}", soft_wrap=True, style="yellow")
