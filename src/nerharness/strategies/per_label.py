"""The `per-label` strategy."""

from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.strategies.side_by_side import side_by_side
from nerharness.types import Reading, Unit


class PerLabel:
    """Asks for one label at a time, each as `inner` asks, and puts the answers together."""

    def __init__(self, inner: Strategy, /) -> None:
        self._inner = inner

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold a dialogue for each label, side by side."""
        tasks = [task.only(name) for name in task.labels.names]
        readings = yield from side_by_side(self._inner.solve(unit, one) for one in tasks)
        return Reading.together(readings)
