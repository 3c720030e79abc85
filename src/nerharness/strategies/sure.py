"""The `sure` strategy: keeps only what the model was sure enough of when it wrote it."""

from __future__ import annotations

from collections import Counter

from nerharness.errors import UsageError
from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.types import Mention, Reading, Unit


class Sure:
    """Asks as `inner` asks, and drops mentions with a confidence below `least_confidence`.

    What was dropped is counted as the problem `unsure`. A mention without a confidence, whose place
    in the answer is not known, is kept.
    """

    def __init__(self, inner: Strategy, /, *, least_confidence: float) -> None:
        if not 0 <= least_confidence <= 1:
            raise UsageError(
                f"must be from 0 to 1, got {least_confidence}", where="--least-confidence"
            )
        self._inner = inner
        self._least = least_confidence

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the inner dialogue with the tokens' probabilities, and sift its mentions."""
        reading = yield from self._inner.solve(unit, task.varied(confidence=True))
        kept = tuple(one for one in reading.mentions if self._is_kept(one))
        dropped = len(reading.mentions) - len(kept)
        if not dropped:
            return reading
        problems = Counter(reading.problems) + Counter(unsure=dropped)
        return Reading(kept, "repaired", dict(problems))

    def _is_kept(self, mention: Mention) -> bool:
        return mention.confidence is None or mention.confidence >= self._least
