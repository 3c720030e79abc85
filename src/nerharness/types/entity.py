"""Spans, and entities made of them.

Offsets are Unicode code points of the document's text, half-open: `text[start:end]`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open, non-empty range `[start, end)`; `ValueError` for anything else."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def shift(self, offset: int) -> Span:
        """Return the span moved by `offset` code points."""
        return Span(self.start + offset, self.end + offset)

    def covers(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A label and its fragments in text order; more than one fragment means discontinuous.

    Raises `ValueError` for an empty label, no fragment, or fragments that overlap or are unordered.
    """

    label: str
    fragments: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("an entity needs a label")
        if not self.fragments:
            raise ValueError(f"an entity needs at least one fragment (label {self.label!r})")
        for left, right in zip(self.fragments, self.fragments[1:], strict=False):
            if left.end > right.start:
                raise ValueError(f"fragments overlap or are unordered: {left}, {right}")

    @classmethod
    def at(cls, label: str, start: int, end: int) -> Entity:
        """Build the contiguous entity `label` at `[start, end)`."""
        return cls(label, (Span(start, end),))

    @property
    def span(self) -> Span:
        """The hull: from the first fragment's start to the last one's end."""
        return Span(self.fragments[0].start, self.fragments[-1].end)

    def shift(self, offset: int) -> Entity:
        """Return the entity moved by `offset` code points."""
        return Entity(self.label, tuple(fragment.shift(offset) for fragment in self.fragments))

    def joined(self) -> Entity:
        """Return the entity with fragments that touch, `[0, 3)` and `[3, 6)`, made into one."""
        parts: list[Span] = []
        for part in self.fragments:
            if parts and parts[-1].end == part.start:
                parts[-1] = Span(parts[-1].start, part.end)
            else:
                parts.append(part)
        return self if len(parts) == len(self.fragments) else Entity(self.label, tuple(parts))

    def surface(self, text: str) -> str:
        """Return the entity's words in `text`, fragments joined by one space."""
        return " ".join(text[part.start : part.end] for part in self.fragments)
