"""The `candidates` strategy: what the run's dictionaries find, without a question."""

from nerharness.plugin import Dialogue, Task
from nerharness.types import Reading, Unit


class Candidates:
    """Names the run's hints as they are, and asks a model nothing."""

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Return the hints as mentions, without a turn."""
        yield from ()
        return Reading(tuple(task.candidates(unit)))
