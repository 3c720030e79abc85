"""Where the lines of entities run that are drawn above or below a text, side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nerharness.types import Entity, Span

Side = Literal["gold", "predicted"]


class Bar(NamedTuple):
    """An entity in its lane: the one numbered 0 is next to the text."""

    side: Side
    entity: Entity
    lane: int


class Piece(NamedTuple):
    """A stretch of the text over which the same lines run, or a place where entities end.

    A place is empty, and `ending` has the entities that end there; the others go on. In a gap
    between its fragments an entity is `bridged`.
    """

    start: int
    end: int
    covered: tuple[Bar, ...]
    bridged: tuple[Bar, ...]
    ending: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """The pieces of a text, in order, and how many lanes they need on either side."""

    pieces: tuple[Piece, ...]
    lanes: int


def draw(size: int, gold: Sequence[Entity], predicted: Sequence[Entity]) -> Drawing:
    """Lay out the entities of a text of `size` characters; an entity given twice is one."""
    bars = [*_in_lanes("gold", gold), *_in_lanes("predicted", predicted)]
    return Drawing(tuple(_pieces(size, bars)), max((bar.lane + 1 for bar in bars), default=0))


def _in_lanes(side: Side, entities: Sequence[Entity]) -> Iterator[Bar]:
    """Yield each entity with the first lane in which its hull is free, short ones first."""
    lanes: list[list[tuple[int, int]]] = []
    for entity in sorted(set(entities), key=lambda one: (len(one.span), one)):
        lane = next((n for n, taken in enumerate(lanes) if _is_free(taken, entity.span)), None)
        if lane is None:
            lane = len(lanes)
            lanes.append([])
        hull = entity.span.start, entity.span.end
        lanes[lane].insert(bisect_left(lanes[lane], hull), hull)
        yield Bar(side, entity, lane)


def _is_free(taken: Sequence[tuple[int, int]], span: Span) -> bool:
    """Tell whether a span overlaps none of the hulls, which are in order and overlap nowhere."""
    place = bisect_left(taken, (span.start, span.end))
    before_it = place == 0 or taken[place - 1][1] <= span.start
    return before_it and (place == len(taken) or span.end <= taken[place][0])


def _pieces(size: int, bars: Sequence[Bar]) -> Iterator[Piece]:
    starting: dict[int, list[Bar]] = {}
    turning: dict[int, list[Bar]] = {}
    for bar in bars:
        starting.setdefault(bar.entity.span.start, []).append(bar)
        for part in bar.entity.fragments:
            for edge in (part.start, part.end):
                turning.setdefault(edge, []).append(bar)
    edges = sorted({0, size, *turning})
    live: dict[Bar, bool] = {}
    """Whether a text under way is covered by each bar, or bridged."""
    for place, edge in enumerate(edges):
        ending = [bar for bar in turning.get(edge, ()) if bar.entity.span.end == edge]
        for bar in ending:
            live.pop(bar, None)
        for bar in turning.get(edge, ()):
            if bar in live:
                live[bar] = any(part.start == edge for part in bar.entity.fragments)
        if ending:
            yield _piece(edge, edge, live, tuple(dict.fromkeys(ending)))
        live.update(dict.fromkeys(starting.get(edge, ()), True))
        if place + 1 < len(edges):
            yield _piece(edge, edges[place + 1], live)


def _piece(start: int, end: int, live: dict[Bar, bool], ending: tuple[Bar, ...] = ()) -> Piece:
    ordered = sorted(live, key=lambda bar: (bar.side, bar.lane))
    covered = tuple(bar for bar in ordered if live[bar])
    return Piece(start, end, covered, tuple(bar for bar in ordered if not live[bar]), ending)
