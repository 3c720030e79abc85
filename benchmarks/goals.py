"""How often we have to be right on the synthetic notes."""

from typing import Final

from benchmarks.accuracy import Accuracy

# By the size of the notes: at least so many percent right offsets and right occurrences, at most so
# many false.
GOALS: Final = {200: (99, 96, 1), 2_000: (99, 96, 1), 20_000: (99, 90, 8)}
WORDS: Final = 90  # percent right offsets of mentions with a word lost or put in, at least


def assert_goals(size: int, accuracy: Accuracy) -> None:
    """Assert that our accuracy on notes of that size is what it has to be."""
    offsets, occurrence, false = GOALS[size]
    assert accuracy.right_offsets() >= offsets
    assert accuracy.right_occurrence() >= occurrence
    assert accuracy.right_offsets("word") >= WORDS
    assert accuracy.false() <= false
