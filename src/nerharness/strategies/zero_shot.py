"""The `zero-shot` strategy."""

from nerharness.plugin import Dialogue, Task
from nerharness.strategies.chat import ask_once
from nerharness.types import Unit


class ZeroShot:
    """Shows the label definitions and the text, nothing else."""

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Ask once."""
        return ask_once(unit, task)
