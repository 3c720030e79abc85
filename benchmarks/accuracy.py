"""How often an aligner is right: offsets, occurrence, and matches for invented mentions."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.noise import occurrences
from benchmarks.notes import Kind, Mentioned, Note

Answer: TypeAlias = tuple[int, int] | None
Align: TypeAlias = Callable[[str, Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts over notes, by kind of mention.

    ``offsets``: the answer is an occurrence of the surface, start and end. ``occurrence``: it is
    the one that the mention came from. ``found``: there is an answer.
    """

    total: Counter[Kind]
    offsets: Counter[Kind]
    occurrence: Counter[Kind]
    found: Counter[Kind]

    def right_offsets(self, *kinds: Kind) -> float:
        """Percent of the mentions that are in the text, or of some kinds of them."""
        return _percent(self.offsets, self.total, kinds or _true(self.total))

    def right_occurrence(self, *kinds: Kind) -> float:
        """Percent of the mentions that are in the text, or of some kinds of them."""
        return _percent(self.occurrence, self.total, kinds or _true(self.total))

    def false(self) -> float:
        """Percent of the invented mentions that got an answer."""
        return _percent(self.found, self.total, ("invented",))


def measure(align: Align, notes: Sequence[Note]) -> Accuracy:
    """Align the mentions of each note and count."""
    return count(notes, [align(note.text, texts_of(note)) for note in notes])


def count(notes: Sequence[Note], answers: Sequence[Sequence[Answer]]) -> Accuracy:
    """Compare the answers to each note's mentions with the truth."""
    counts = Accuracy(Counter(), Counter(), Counter(), Counter())
    for note, of_note in zip(notes, answers, strict=True):
        for mentioned, answer in zip(note.mentions, of_note, strict=True):
            counts.total[mentioned.kind] += 1
            counts.found[mentioned.kind] += answer is not None
            counts.occurrence[mentioned.kind] += answer == (mentioned.start, mentioned.end)
            counts.offsets[mentioned.kind] += _is_occurrence(note.text, mentioned, answer)
    return counts


def texts_of(note: Note) -> list[str]:
    """What an aligner is given of a note's mentions."""
    return [mentioned.text for mentioned in note.mentions]


def _is_occurrence(text: str, mentioned: Mentioned, answer: Answer) -> bool:
    if answer is None or mentioned.surface is None:
        return False
    ignore_case = not mentioned.surface.isupper()  # "MS" is not "ms"
    return answer in occurrences(text, mentioned.surface, ignore_case=ignore_case)


def _true(total: Counter[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in total if kind != "invented")


def _percent(part: Counter[Kind], whole: Counter[Kind], kinds: tuple[Kind, ...]) -> float:
    total = sum(whole[kind] for kind in kinds)
    return 100 * sum(part[kind] for kind in kinds) / total if total else 0.0
