"""Texts and entities to score, by hand and by chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from hypothesis import strategies as st

from nerharness.metrics import Counts
from nerharness.scoring.pair import Gap, Pair
from nerharness.segment import segment
from nerharness.types import Document, Entity, Mention, Span

TEXT = "Renal failure and severe renal pain. No fever."
#       0     6       14  18     25    31  35 37 40  45
TOKENS = 10
DOCUMENT = segment("d", TEXT)

Numbers = tuple[float, float, float]


def at(label: str, *bounds: int) -> Entity:
    """Make an entity of a start and an end for each of its fragments."""
    parts = zip(bounds[::2], bounds[1::2], strict=True)
    return Entity(label, tuple(Span(start, end) for start, end in parts))


def pair(
    gold: Iterable[Entity],
    predicted: Iterable[Entity],
    document: Document | None = DOCUMENT,
    *,
    ungrounded: Sequence[Mention] = (),
    gaps: Sequence[Gap] = (),
    confidences: Sequence[float | None] = (),
) -> Pair:
    return Pair(
        tuple(gold),
        tuple(predicted),
        document,
        tuple(confidences),
        tuple(ungrounded),
        tuple(gaps),
    )


def counts(rows: Mapping[str, Numbers]) -> dict[str, Counts]:
    return {label: Counts(*numbers) for label, numbers in rows.items()}


LETTERS = "ab cd. Ef gh? I jk lm. "
PLAIN = segment("plain", LETTERS)

_spans = st.builds(lambda s, n: Span(s, s + n), st.integers(0, 16), st.integers(1, 6))


def _entity(label: str, parts: list[Span]) -> Entity:
    ordered = sorted(parts)
    apart = [ordered[0]]
    for part in ordered[1:]:
        if part.start > apart[-1].end:
            apart.append(part)
    return Entity(label, tuple(apart))


entity = st.builds(_entity, st.sampled_from("abc"), st.lists(_spans, min_size=1, max_size=2))
"""Entities of `PLAIN`: nested, crossing, discontinuous, across tokens and sentences."""
entities = st.lists(entity, max_size=6)
flat_tokens = st.lists(
    st.tuples(st.integers(0, 11), st.integers(1, 2), st.sampled_from("abc")), max_size=6
)


def flat_entities(choice: Iterable[tuple[int, int, str]]) -> list[Entity]:
    """Make entities of whole tokens of `PLAIN`, inside a sentence, none of which overlap."""
    found: list[Entity] = []
    taken: set[int] = set()
    for first, size, label in choice:
        end = first + size
        ranges = PLAIN.sentence_tokens()
        inside = any(start <= first and end <= stop for start, stop in ranges)
        if inside and not taken & set(range(first, end)):
            taken |= set(range(first, end))
            found.append(Entity.at(label, PLAIN.tokens[first].start, PLAIN.tokens[end - 1].end))
    return found


def drawn_counts(rng: random.Random, documents: int, labels: Sequence[str]) -> list[dict]:
    """Draw a document's counts per label, some of them empty."""
    return [
        {
            label: Counts(rng.randrange(4), rng.randrange(3), rng.randrange(3))
            for label in labels
            if rng.random() < 0.7
        }
        for _ in range(documents)
    ]
