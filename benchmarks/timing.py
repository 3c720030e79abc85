"""The one way in which a function is timed here."""

from collections.abc import Callable
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture


def repeat(
    benchmark: BenchmarkFixture,
    function: Callable[..., object],
    *args: object,
    rounds: int,
    facts: dict[str, Any],
) -> None:
    """Time so many calls after one that is not timed; the facts go into the JSON beside it."""
    fixture: Any = benchmark  # its methods have no types
    fixture.extra_info |= facts
    fixture.pedantic(function, args=args, rounds=rounds, warmup_rounds=1)
