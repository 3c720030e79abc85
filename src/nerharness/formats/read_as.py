"""Answers that are asked for in one format and read in another."""

from __future__ import annotations

from nerharness.grammar import Level
from nerharness.plugin import Format
from nerharness.templates import Template
from nerharness.types import Constraint, Example, LabelSet, Reading, Unit


class ReadAs:
    """A format that asks as `asked` does, and reads as `reader` does.

    Each question is about one label if either of them wants that.
    """

    def __init__(self, asked: Format, reader: Format) -> None:
        self._asked = asked
        self._reader = reader
        self.one_label = asked.one_label or reader.one_label

    @property
    def template(self) -> Template:
        """The instruction of the format that asks."""
        return self._asked.template

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the unit's text as the format that asks shows it."""
        return self._asked.show(unit, labels)

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return the perfect answer in the format that asks."""
        return self._asked.demonstrate(example, labels)

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Return how many tokens an answer in the format that asks may take."""
        return self._asked.limit(unit, labels)

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Return what holds an answer to the format that asks."""
        return self._asked.constrain(unit, labels, level)

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read the answer in the other format."""
        return self._reader.parse(answer, unit, labels)
