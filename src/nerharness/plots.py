"""Curves and intervals as SVG: a picture that any browser shows, without a library."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

from nerharness.pages import shown

_WIDTH, _HEIGHT = 720, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 20, 40, 34
COLOURS = (
    *("#1f5fbf", "#c2571a", "#2a7d4f", "#7a4fa3"),
    *("#b01e63", "#0d6f80", "#8a6400", "#555b66"),
)
"""Of series, in their order; then they come again."""
_INK, _GRID = "#333", "#e3e3e3"
_TICKS = 5
_LONGEST = 28
"""Letters of a row's name that are shown."""


class Point(NamedTuple):
    """A place of a curve, with an interval where one is known."""

    x: float
    y: float
    interval: tuple[float, float] | None = None


class Series(NamedTuple):
    """A curve and what it is of."""

    name: str
    points: Sequence[Point]
    aside: float = 0.0
    """How far to the right it is drawn, so that bars at one place are told apart."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves that share their axes."""

    title: str
    series: Sequence[Series]
    across: str
    """What the horizontal axis counts."""
    marks: bool = True
    """Whether each point is marked."""
    logarithmic: bool = False
    """Whether equal factors, not equal differences, are equally wide; only above 0."""
    ticks: Sequence[float] = ()
    """What the horizontal axis names; by default round numbers."""
    reach: tuple[float, float] | None = None
    """Where the horizontal axis begins and ends; by default with the points."""


class _Scale(NamedTuple):
    x: Callable[[float], float]
    y: Callable[[float], float]


def svg(panels: Sequence[Panel], description: str) -> str:
    """Return the panels, one below the other, as an SVG; `description` is read to the blind.

    A panel without points is left out.
    """
    shown = [panel for panel in panels if any(series.points for series in panel.series)]
    height = _HEIGHT * len(shown)
    parts = [part for number, panel in enumerate(shown) for part in _panel(panel, number * _HEIGHT)]
    return _picture(_WIDTH, height, description, parts)


def _picture(width: float, height: float, description: str, parts: Sequence[str]) -> str:
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{shown(description)}</title>",
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
        *parts,
        "</svg>",
    ]) + "\n"  # fmt: skip


def _panel(panel: Panel, top: float) -> Iterator[str]:
    points = [point for series in panel.series for point in series.points]
    xs = panel.reach or [point.x for point in points]
    ys = [bound for point in points for bound in (point.y, *(point.interval or ()))]
    rows = round_ticks(min(ys), max(ys))
    columns = panel.ticks or round_ticks(min(xs), max(xs), inside=True)
    scale = _scale(panel, (min(xs), max(xs)), (rows[0], rows[-1]), top)
    yield _text(_LEFT, top + 18, panel.title, weight="bold")
    yield from _grid(rows, columns, scale, top)
    yield _text(_WIDTH - _RIGHT, top + _HEIGHT - 4, panel.across, anchor="end")
    right = float(_WIDTH - _RIGHT)
    for series, colour in zip(panel.series, cycle(COLOURS), strict=False):
        yield from _curve(series, colour, scale, marks=panel.marks)
        if len(panel.series) > 1:
            yield _text(right, top + 18, series.name, anchor="end", colour=colour, weight="bold")
            right -= 10 + 7.5 * len(series.name)


def _scale(
    panel: Panel, across: tuple[float, float], up: tuple[float, float], top: float
) -> _Scale:
    shape: Callable[[float], float] = math.log if panel.logarithmic else float
    low, high = map(shape, across)
    inner = _WIDTH - _LEFT - _RIGHT
    margin = 0.04 * inner  # so that what stands at an edge is seen whole
    width = (high - low) or 1.0
    bottom = top + _HEIGHT - _BOTTOM

    def x(value: float) -> float:
        """Return how far to the right a value stands."""
        share = (shape(value) - low) / width if high > low else 0.5
        return _LEFT + margin + share * (inner - 2 * margin)

    def y(value: float) -> float:
        """Return how far down a value stands."""
        share = (value - up[0]) / ((up[1] - up[0]) or 1.0)
        return bottom - share * (_HEIGHT - _TOP - _BOTTOM)

    return _Scale(x, y)


def _grid(
    rows: Sequence[float], columns: Sequence[float], scale: _Scale, top: float
) -> Iterator[str]:
    bottom = top + _HEIGHT - _BOTTOM
    for row in rows:
        y = scale.y(row)
        yield _line(_LEFT, y, _WIDTH - _RIGHT, y, _GRID)
        yield _text(_LEFT - 8, y + 4, f"{row:g}", anchor="end")
    for column in columns:
        x = scale.x(column)
        yield _line(x, bottom, x, bottom + 4, _INK)
        yield _text(x, bottom + 18, f"{column:,g}", anchor="middle")
    yield _line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, _INK)


def _curve(series: Series, colour: str, scale: _Scale, *, marks: bool) -> Iterator[str]:
    placed = [(scale.x(point.x) + series.aside, scale.y(point.y)) for point in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for point, (x, y) in zip(series.points, placed, strict=True):
        if point.interval:
            low, high = (scale.y(bound) for bound in point.interval)
            yield _line(x, low, x, high, colour, 1.5)
            yield from (_line(x - 5, end, x + 5, end, colour, 1.5) for end in (low, high))
        if marks:
            told = f"{series.name}: {point.y:.3g} at {point.x:,g}"
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}">'
                f"<title>{shown(told)}</title></circle>"
            )


class Estimate(NamedTuple):
    """A figure with its interval, if one is known."""

    value: float
    interval: tuple[float, float] | None = None


def estimates_svg(
    rows: Sequence[tuple[str, Sequence[Estimate | None]]], names: Sequence[str], description: str
) -> str:
    """Return figures from 0 to 1 as points with their intervals, a row for each name, as an SVG.

    A row has an estimate for each of `names`, from above in their order, each in its colour, or
    `None` where there is none.
    """
    left = 20 + 7.2 * min(_LONGEST, max((len(row) for row, _ in rows), default=0))
    legend = names if len(names) > 1 else ()
    top = 10 + 18 * len(legend)
    step = 12 + 12 * len(names)
    bottom = top + step * len(rows)
    wide = _WIDTH - _RIGHT - left
    parts = [part for tick in (0, 0.2, 0.4, 0.6, 0.8, 1) for part in _upright(
        left + tick * wide, top, bottom, f"{tick:g}"
    )]  # fmt: skip
    for place, (name, colour) in enumerate(zip(legend, cycle(COLOURS), strict=False)):
        parts.append(_text(left, 14 + 18 * place, _cut(name, 80), colour=colour, weight="bold"))
    for place, (row, estimates) in enumerate(rows):
        middle = top + step * (place + 0.5)
        parts.append(_text(left - 10, middle + 4, _cut(row, _LONGEST), anchor="end"))
        for number, (one, colour) in enumerate(zip(estimates, cycle(COLOURS), strict=False)):
            if one is not None:
                y = middle + 12 * (number - (len(estimates) - 1) / 2)
                parts += _estimate(one, colour, y, left, wide, f"{names[number]}: {row}")
    return _picture(_WIDTH, bottom + 26, description, parts)


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _upright(x: float, top: float, bottom: float, name: str) -> Iterator[str]:
    yield _line(x, top, x, bottom, _GRID)
    yield _text(x, bottom + 18, name, anchor="middle")


def _estimate(
    one: Estimate, colour: str, y: float, left: float, wide: float, told: str
) -> Iterator[str]:
    if one.interval:
        low, high = (left + bound * wide for bound in one.interval)
        yield _line(low, y, high, y, colour, 2)
        yield from (_line(end, y - 4, end, y + 4, colour, 2) for end in (low, high))
        told = f"{told} {one.value:.3f} ({one.interval[0]:.3f}–{one.interval[1]:.3f})"
    else:
        told = f"{told} {one.value:.3f}"
    yield (
        f'<circle cx="{left + one.value * wide:.1f}" cy="{y:.1f}" r="4" fill="{colour}">'
        f"<title>{shown(told)}</title></circle>"
    )


def round_ticks(low: float, high: float, *, inside: bool = False) -> list[float]:
    """Return a few round numbers in equal steps from below `low` to above `high`.

    With `inside` none beyond the two.
    """
    span = (high - low) or abs(high) or 1.0
    raw = span / (_TICKS - 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)
    if inside and low == high:
        return [low]
    first, last = math.floor(low / step), math.ceil(high / step)
    if inside:
        first, last = math.ceil(low / step), math.floor(high / step)
    found = [float(f"{place * step:.10g}") for place in range(first, last + 1)]
    return found if inside or len(found) > 1 else [*found, found[0] + step]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = _INK, weight: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{bold}>'
        f"{shown(text)}</text>"
    )
