"""From nested and discontinuous annotation to the flat kind that one tag per token can hold.

Every policy cuts a discontinuous entity to its first fragment. Of entities that overlap then:

- `longest` keeps the longest (then the one that starts first, then the label that sorts first);
- `outermost` drops each that lies inside another, then of those that cross keeps the first;
- `priority:A,B` keeps label A before B before all others, and among equals the longest;
- `first-fragment` paints the tokens as the RareDis release does: of each label, in the order in
  which the labels first occur, a token takes the first entity that begins where the token does, or
  that begins before it and ends no earlier; the label that comes last wins the token.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nerharness.align import to_tokens
from nerharness.errors import UsageError
from nerharness.tags import decode
from nerharness.types import Entity, Span

Labelled = tuple[str, Span]

POLICIES = ("longest", "outermost", "first-fragment", "priority:LABEL,…")


@dataclass(frozen=True, slots=True)
class Policy:
    """Which of overlapping entities stays: a name, and for `priority` the labels in order."""

    name: str = "longest"
    labels: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read `longest`, `outermost`, `first-fragment` or `priority:A,B`, else `UsageError`."""
        name, _, rest = text.partition(":")
        labels = tuple(part.strip() for part in rest.split(",") if part.strip())
        known = {policy.partition(":")[0] for policy in POLICIES}
        if name not in known or (name == "priority") != bool(labels):
            raise UsageError(
                f"{text!r} is no policy",
                where="--policy",
                hint=f"choose from {', '.join(POLICIES)}",
            )
        return cls(name, labels)


LONGEST = Policy()


class Flattening(NamedTuple):
    """Flat spans in text order, and what the policy cost."""

    spans: tuple[Labelled, ...]
    cut: int
    """Discontinuous entities cut to their first fragment."""
    nested: int
    """Entities dropped because one that is kept covers them, or is covered by them."""
    crossing: int
    """Entities dropped because one that is kept overlaps them."""

    @property
    def dropped(self) -> int:
        """All entities that were dropped."""
        return self.nested + self.crossing


class TokenFlattening(NamedTuple):
    """`(label, first token, end token)` in order, and what became of the other entities."""

    spans: list[tuple[str, int, int]]
    flat: Flattening
    widened: int
    """Entities that cut through a token and took the whole of it."""
    outside: int
    """Entities that touch no token, or none that an earlier one has not taken."""


def flatten(entities: Sequence[Entity], policy: Policy = LONGEST) -> Flattening:
    """Apply the policy, for which `first-fragment` is `longest`; equal spans count as nested."""
    candidates = [(entity.label, entity.fragments[0]) for entity in entities]
    hidden = _inner(candidates) if policy.name == "outermost" else frozenset[Span]()
    kept: list[Labelled] = []  # in text order, as their starts and ends are: none overlap
    starts: list[int] = []
    ends: list[int] = []
    nested = crossing = 0
    for label, span in sorted(candidates, key=_order(policy)):
        first, end = bisect_right(ends, span.start), bisect_left(starts, span.end)
        if first == end and span not in hidden:
            kept.insert(first, (label, span))
            starts.insert(first, span.start)
            ends.insert(first, span.end)
        elif first == end or any(_one_covers(rival, span) for _, rival in kept[first:end]):
            nested += 1
        else:
            crossing += 1
    cut = sum(len(entity.fragments) > 1 for entity in entities)
    return Flattening(tuple(kept), cut, nested, crossing)


def _order(policy: Policy) -> Callable[[Labelled], tuple[int | str, ...]]:
    if policy.name == "outermost":
        return lambda c: (c[1].start, -len(c[1]), c[0])
    rank = {label: place for place, label in enumerate(policy.labels)}
    return lambda c: (rank.get(c[0], len(rank)), -len(c[1]), c[1].start, c[0])


def _inner(candidates: Sequence[Labelled]) -> frozenset[Span]:
    """Return the spans that lie inside others, though all around them may be dropped, too."""
    found = set()
    furthest = 0
    for span in sorted({span for _, span in candidates}, key=lambda span: (span.start, -span.end)):
        if span.end <= furthest:
            found.add(span)
        furthest = max(furthest, span.end)
    return frozenset(found)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _one_covers(one: Span, other: Span) -> bool:
    return one.covers(other) or other.covers(one)


def flat_token_spans(
    entities: Sequence[Entity], tokens: Sequence[Span], policy: Policy = LONGEST
) -> list[tuple[str, int, int]]:
    """Return the flattened `entities` as `(label, first token, end token)`, ready for `encode`.

    An entity that cuts through a token takes the whole token; when two then claim one token, the
    earlier keeps it. An entity that touches no token is left out.
    """
    return flatten_to_tokens(entities, tokens, policy).spans


def flatten_to_tokens(
    entities: Sequence[Entity], tokens: Sequence[Span], policy: Policy = LONGEST
) -> TokenFlattening:
    """Do as `flat_token_spans` and count what it costs."""
    if policy.name == "first-fragment":
        return _paint(entities, tokens)
    flat = flatten(entities, policy)
    bounds = [(token.start, token.end) for token in tokens]
    ranges = to_tokens(bounds, [(span.start, span.end) for _, span in flat.spans])
    spans: list[tuple[str, int, int]] = []
    widened = outside = 0
    for (label, span), found in zip(flat.spans, ranges, strict=True):
        first = max(found[0], spans[-1][2] if spans else 0) if found else 0
        if found is None or first >= found[1]:
            outside += 1
            continue
        widened += span != Span(tokens[first].start, tokens[found[1] - 1].end)
        spans.append((label, first, found[1]))
    return TokenFlattening(spans, flat, widened, outside)


def _paint(entities: Sequence[Entity], tokens: Sequence[Span]) -> TokenFlattening:
    by_label: dict[str, list[Span]] = {}
    for entity in entities:
        by_label.setdefault(entity.label, []).append(entity.fragments[0])
    tags = [_tag(token, by_label) for token in tokens]
    spans = decode(tags)
    held = {(label, tokens[a].start, tokens[b - 1].end) for label, a, b in spans}
    lost = [
        (label, span)
        for label, group in by_label.items()
        for span in group
        if (label, span.start, span.end) not in held
    ]
    rivals = [span for group in by_label.values() for span in group]
    nested, crossing, rest = _sort_losses(lost, rivals)
    cut = sum(len(entity.fragments) > 1 for entity in entities)
    flat = Flattening(
        tuple((label, Span(tokens[a].start, tokens[b - 1].end)) for label, a, b in spans),
        cut,
        nested,
        crossing,
    )
    return TokenFlattening(spans, flat, rest, 0)


def _tag(token: Span, by_label: dict[str, list[Span]]) -> str:
    tag = "O"
    for label, spans in by_label.items():
        for span in spans:
            if token.start == span.start:
                tag = f"B-{label}"
                break
            if span.start < token.start and token.end <= span.end:
                tag = f"I-{label}"
                break
    return tag


def _sort_losses(lost: Sequence[Labelled], rivals: Sequence[Span]) -> tuple[int, int, int]:
    """Count what is lost to a span around or inside it, to one that crosses it, and otherwise."""
    nested = crossing = 0
    for _, span in lost:
        others = [other for other in rivals if other != span and _overlap(other, span)]
        if any(_one_covers(other, span) for other in others) or rivals.count(span) > 1:
            nested += 1
        elif others:
            crossing += 1
    return nested, crossing, len(lost) - nested - crossing
