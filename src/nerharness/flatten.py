"""From nested and discontinuous annotation to the flat kind that one tag per token can hold.

The rule: a discontinuous entity is cut to its first fragment; then the longest entity wins over
those it overlaps, at equal length the one that starts first, then the label that sorts first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nerharness.align import to_tokens
from nerharness.types import Entity, Span


class Flattening(NamedTuple):
    """Flat spans in text order, and what the rule cost."""

    spans: tuple[tuple[str, Span], ...]
    cut: int
    """Discontinuous entities cut to their first fragment."""
    dropped: int
    """Entities dropped because a longer one overlaps them."""


def flatten(entities: Sequence[Entity]) -> Flattening:
    """Apply the rule to `entities`; equal spans with equal labels count as dropped."""
    candidates = [(entity.label, entity.fragments[0]) for entity in entities]
    kept: list[tuple[str, Span]] = []
    for label, span in sorted(candidates, key=lambda c: (-len(c[1]), c[1].start, c[0])):
        if all(span.end <= other.start or other.end <= span.start for _, other in kept):
            kept.append((label, span))
    cut = sum(len(entity.fragments) > 1 for entity in entities)
    ordered = sorted(kept, key=lambda item: item[1])
    return Flattening(tuple(ordered), cut, len(candidates) - len(kept))


def flat_token_spans(
    entities: Sequence[Entity], tokens: Sequence[Span]
) -> list[tuple[str, int, int]]:
    """Return the flattened `entities` as `(label, first token, end token)`, ready for `encode`.

    An entity that cuts through a token takes the whole token; when two then claim one token, the
    earlier keeps it. An entity that touches no token is left out.
    """
    flat = flatten(entities).spans
    bounds = [(token.start, token.end) for token in tokens]
    ranges = to_tokens(bounds, [(span.start, span.end) for _, span in flat])
    spans: list[tuple[str, int, int]] = []
    for (label, _), found in zip(flat, ranges, strict=True):
        if found is None:
            continue
        first = max(found[0], spans[-1][2] if spans else 0)
        if first < found[1]:
            spans.append((label, first, found[1]))
    return spans
