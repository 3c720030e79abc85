"""The `rag` strategy: retrieval-augmented prompting."""

from nerharness.errors import UsageError
from nerharness.plugin import Dialogue, Task
from nerharness.strategies.chat import ask_once
from nerharness.types import Unit


class Rag:
    """Shows `passages` from the knowledge and `shots` solved examples from train."""

    def __init__(self, *, shots: int, passages: int) -> None:
        if shots < 0:
            raise UsageError(f"{shots} is negative", where="--shots")
        if passages < 1:
            raise UsageError(f"rag needs at least 1, got {passages}", where="--passages")
        self.shots = shots
        self.passages = passages

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Ask once, with background and demonstrations."""
        return ask_once(
            unit,
            task,
            examples=task.demonstrations(unit, self.shots),
            passages=task.knowledge(unit, self.passages),
        )
