"""From a reading's mentions to entities of the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nerharness.align import Aligner, similarity
from nerharness.types import Entity, Mention, Span, Unit

FOUND_TIERS = ("exact", "folded", "fuzzy")


@dataclass(slots=True)
class Grounding:
    """What became of mentions: entities in document offsets, and what was not placed."""

    found: dict[Entity, str] = field(default_factory=dict)
    """The tier of each entity."""
    confidences: dict[Entity, float] = field(default_factory=dict)
    """How sure the strategy was of those that it said."""
    ungrounded: list[Mention] = field(default_factory=list)
    repeats: int = 0
    """Mentions dropped because every occurrence of theirs is taken by the same label."""

    @property
    def entities(self) -> list[Entity]:
        """The entities, in the order of their mentions."""
        return list(self.found)

    @property
    def tiers(self) -> Counter[str]:
        """How many entities were found in each tier."""
        return Counter(self.found.values())

    def place(self, unit: Unit, mention: Mention, span: Span, tier: str) -> bool:
        """Add the entity unless it is there already; tell whether it was new."""
        entity = Entity(mention.label, (span.shift(unit.span.start),))
        if entity in self.found:
            return False
        self.found[entity] = tier
        if mention.confidence is not None:
            self.confidences[entity] = mention.confidence
        return True


def ground(unit: Unit, mentions: Sequence[Mention], aligner: Aligner) -> Grounding:
    """Find each mention's place: the n-th repeat of a surface is its n-th occurrence.

    A repeat without an occurrence of its own takes the first one that does not have its label yet
    (the same words under two labels); if there is none it is dropped and counted.
    """
    grounding = Grounding()
    floating = [mention for mention in mentions if mention.span is None]
    matches = iter(aligner.align(unit.text, [mention.text for mention in floating]))
    for mention in mentions:
        if mention.span is not None:
            _place_given(grounding, unit, mention, mention.span)
        elif (match := next(matches)) is not None:
            span = Span(match.start, match.end)
            if not grounding.place(unit, mention, span, match.tier):
                grounding.repeats += 1
        else:
            _place_surplus(grounding, unit, mention, aligner)
    return grounding


def _place_given(grounding: Grounding, unit: Unit, mention: Mention, span: Span) -> None:
    tier, _ = similarity(mention.text, unit.text[span.start : span.end])
    if not grounding.place(unit, mention, span, tier or "fuzzy"):
        grounding.repeats += 1


def _place_surplus(grounding: Grounding, unit: Unit, mention: Mention, aligner: Aligner) -> None:
    candidates = aligner.candidates(unit.text, mention.text)
    if not candidates:
        grounding.ungrounded.append(mention)
        return
    for match in sorted(candidates, key=lambda found: found.start):
        span = Span(match.start, match.end)
        if grounding.place(unit, mention, span, match.tier):
            return
    grounding.repeats += 1
