"""The `few-shot` strategy."""

from nerharness.errors import UsageError
from nerharness.plugin import Dialogue, Task
from nerharness.strategies.chat import ask_once
from nerharness.types import Unit


class FewShot:
    """Shows `shots` solved examples from train before the question."""

    def __init__(self, *, shots: int) -> None:
        if shots < 1:
            raise UsageError(f"few-shot needs at least 1, got {shots}", where="--shots")
        self.shots = shots

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Ask once, with demonstrations."""
        return ask_once(unit, task, examples=task.demonstrations(unit, self.shots))
