"""What the trainings of a few-shot curve reached: as values, as tables and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any, NamedTuple, Self

from nerharness.plots import Panel, Point, Series, svg
from nerharness.scoring.spread import Spread

COLUMNS = ("documents", "micro F1", "95 %", "macro F1", "95 %", "seconds")
MEAN_COLUMNS = ("documents", "seeds", "micro F1", "±", "macro F1", "±", "seconds")


class Score(NamedTuple):
    """F1 on dev, strict match, and its interval."""

    f1: float
    interval: tuple[float, float] | None

    @property
    def shown(self) -> tuple[str, str]:
        """The score and its interval as the cells of a table."""
        between = f"{self.interval[0]:.3f}–{self.interval[1]:.3f}" if self.interval else ""
        return f"{self.f1:.3f}", between


class Size(NamedTuple):
    """A training that is a point of the curve."""

    name: str
    """The number that was asked for, or "all"."""
    seed: int
    documents: int
    lacking: tuple[str, ...]
    """Labels that these documents have no example of."""
    micro: Score
    macro: Score
    seconds: float

    @classmethod
    def of(cls, name: str, description: Mapping[str, Any]) -> Self:
        """Read it from what a finished training's folder says."""
        strict = description["dev"]["strict"]
        return cls(
            name,
            description["settings"]["seed"],
            description["documents"]["train"],
            tuple(description["lacking"]),
            _score(strict["micro"]),
            _score(strict["macro"]),
            description["seconds"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {
            **self._asdict(),
            "lacking": list(self.lacking),
            **{name: getattr(self, name)._asdict() for name in ("micro", "macro")},
        }

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands under `COLUMNS`."""
        return (
            f"{self.documents:,}", *self.micro.shown, *self.macro.shown, f"{self.seconds:,.0f}"
        )  # fmt: skip


class Mean(NamedTuple):
    """What the trainings of one size by several seeds reach."""

    name: str
    documents: int
    seeds: int
    micro: Spread
    macro: Spread
    seconds: float

    @classmethod
    def of(cls, sizes: Sequence[Size]) -> Self:
        """Return that of trainings of one size."""
        return cls(
            sizes[0].name,
            sizes[0].documents,
            len(sizes),
            Spread.of([one.micro.f1 for one in sizes]),
            Spread.of([one.macro.f1 for one in sizes]),
            fmean(one.seconds for one in sizes),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        spreads = {name: getattr(self, name)._asdict() for name in ("micro", "macro")}
        return {**self._asdict(), **spreads}

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands under `MEAN_COLUMNS`."""
        scores = (*self.micro.shown, *self.macro.shown)
        return f"{self.documents:,}", str(self.seeds), *scores, f"{self.seconds:,.0f}"


def means(sizes: Sequence[Size]) -> list[Mean]:
    """Return a mean for each size, in order; none where each was trained by one seed alone."""
    groups = [list(group) for _, group in groupby(sizes, key=lambda one: one.name)]
    return [Mean.of(group) for group in groups] if len(groups) < len(sizes) else []


def curve_json(sizes: Sequence[Size]) -> dict[str, Any]:
    """Return the documented shape of all trainings and, of several seeds, their means."""
    return {
        "sizes": [one.to_json() for one in sizes],
        "means": [one.to_json() for one in means(sizes)],
    }


def _score(average: Mapping[str, Any]) -> Score:
    known = average.get("intervals", {}).get("f1")
    return Score(average["f1"], tuple(known["percentile"]) if known else None)


Tabled = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The heads of a table's columns, and its rows."""


def tabled(sizes: Sequence[Size]) -> list[Tabled]:
    """Return the table of all trainings, and before it that of their means if there are any."""
    if not (found := means(sizes)):
        return [(("size", *COLUMNS), [(one.name, *one.cells) for one in sizes])]
    return [
        (("size", *MEAN_COLUMNS), [(one.name, *one.cells) for one in found]),
        (("size", "seed", *COLUMNS), [(one.name, str(one.seed), *one.cells) for one in sizes]),
    ]


def lacking_lines(sizes: Sequence[Size]) -> list[str]:
    """Return a line for each size whose documents have no example of some labels."""
    several = bool(means(sizes))
    return [
        f"{one.documents:,} documents{f' (seed {one.seed})' if several else ''} "
        f"have no example of {', '.join(one.lacking)}"
        for one in sizes
        if one.lacking
    ]


def sizes_picture(sizes: Sequence[Size]) -> str:
    """Return F1 on dev over the documents of train as an SVG, with intervals as bars.

    Of several seeds it is the mean, with a standard deviation to both sides.
    """
    averaged = means(sizes)
    shown: list[Size | Mean] = [*averaged] or [*sizes]
    ordered = sorted(shown, key=lambda one: one.documents)
    series = [
        Series(name, [_point(one, name) for one in ordered], aside)
        for name, aside in (("micro", -4), ("macro", 4))
    ]
    ticks = tuple(float(one.documents) for one in ordered)
    bars = "mean ± standard deviation over seeds" if averaged else "with 95 % intervals"
    title = f"F1 on dev, strict match, {bars}"
    panel = Panel(title, series, "documents of train", logarithmic=True, ticks=ticks)
    return svg([panel], "F1 on dev over the number of documents of train")


def _point(size: Size | Mean, average: str) -> Point:
    score: Score | Spread = getattr(size, average)
    if isinstance(score, Spread):
        return Point(size.documents, score.mean, score.between)
    return Point(size.documents, score.f1, score.interval)
