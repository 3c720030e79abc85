"""Formats that ask for a copy of the text with its entities marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nerharness.flatten import flatten
from nerharness.formats.copy_grammar import any_copy, exact_copy
from nerharness.formats.copy_reading import read_copy
from nerharness.formats.entities import asked
from nerharness.formats.marks import Syntax
from nerharness.formats.room import room
from nerharness.grammar import Level
from nerharness.templates import Template
from nerharness.types import Constraint, Entity, Example, LabelSet, Reading, Span, Unit


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """Asks for the text with marks, and finds them in it by aligning the copy with the text."""

    template: Template
    syntax: Syntax
    one_label: bool = False

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the text; what reads as a mark in it is escaped."""
        return self.syntax.escape(unit.text, labels).text

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return the example's text with marks.

        A discontinuous entity is cut to its first fragment. Of entities that cross, or overlap
        where the syntax does not nest, the longer one is marked.
        """
        text = example.document.text
        shown, places = self.syntax.escape(text, labels)
        chosen = (_nested if self.syntax.nests else _flat)(asked(example, labels), text)
        spans = [(label, places[span.start], places[span.end]) for label, span in chosen]
        return _written(
            [
                (label, start, end)
                for label, start, end in spans
                if self.syntax.may_open(shown, start) and self.syntax.may_close(shown, end)
            ],
            shown,
            self.syntax,
        )

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for the whole text, with marks on every second token."""
        marks = max((room("".join(self.syntax.pair(name))) for name in labels.names), default=0)
        return 32 + room(self.show(unit, labels)) + marks * (len(unit.tokens) // 2 + 1)

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Allow only marks that open and close rightly.

        At the level "grounded" the text can only be copied, and the marks do not nest.
        """
        if level == "free":
            return None
        if level == "schema":
            return Constraint(any_copy(labels, self.syntax))
        return Constraint(exact_copy(unit, labels, self.syntax))

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read the marks; each mention has the place in the text that its copy has.

        Problems: `unclosed_tag`, `stray_close` (a mark without its other half: no mention),
        `unknown_label`, `empty_tag` (no mention), `crossing` (marks that overlap; taken),
        `unaligned` (a mention that is nowhere in the text: without a place), `text_changed` (how
        many words the copy has otherwise), `cut` (a copy that ends too early), `no_copy` (neither a
        copy nor a mark: status "failed").
        """
        return read_copy(answer, unit, labels, self.syntax)


def _trimmed(label: str, span: Span, text: str) -> tuple[str, Span] | None:
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return (label, Span(start, start + len(inside.strip()))) if inside.strip() else None


def _flat(entities: Iterable[Entity], text: str) -> list[tuple[str, Span]]:
    found = [_trimmed(label, span, text) for label, span in flatten([*entities]).spans]
    return [one for one in found if one]


def _nested(entities: Iterable[Entity], text: str) -> list[tuple[str, Span]]:
    """Return the entities that do not cross a longer one, an enclosing one before those inside."""
    first = [_trimmed(entity.label, entity.fragments[0], text) for entity in entities]
    kept: list[tuple[str, Span]] = []
    for label, span in sorted({one for one in first if one}, key=_longest_first):
        if not any(_cross(span, other) for _, other in kept):
            kept.append((label, span))
    return sorted(kept, key=lambda item: (item[1].start, -item[1].end, item[0]))


def _longest_first(item: tuple[str, Span]) -> tuple[int, int, str]:
    return -len(item[1]), item[1].start, item[0]


def _cross(one: Span, other: Span) -> bool:
    return (
        one.start < other.start < one.end < other.end
        or other.start < one.start < other.end < one.end
    )


def _written(spans: Iterable[tuple[str, int, int]], shown: str, syntax: Syntax) -> str:
    """Return the text with the spans marked; they nest, an enclosing one before those inside."""
    marks: list[tuple[int, str]] = []
    waiting: list[tuple[int, str]] = []
    for label, start, end in spans:
        while waiting and waiting[-1][0] <= start:
            marks.append(waiting.pop())
        opening, closing = syntax.pair(label)
        marks.append((start, opening))
        waiting.append((end, closing))
    parts: list[str] = []
    done = 0
    for place, mark in [*marks, *reversed(waiting)]:
        parts += (shown[done:place], mark)
        done = place
    return "".join([*parts, shown[done:]])
