"""The few-shot curve: the same training on more and more documents of train."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from nerharness.errors import RunError, UsageError
from nerharness.plots import Panel, Point, Series, svg
from nerharness.plugin.host import Host
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.folder import write_json
from nerharness.runs.learned import FILE, read_description
from nerharness.runs.train_data import Data, TrainSpec, read_data
from nerharness.runs.training import Expected, check_same, train
from nerharness.runs.training_page import html_page, html_table
from nerharness.training.checkpoints import saving
from nerharness.training.processes import first_alone
from nerharness.training.settings import Progress

ALL = "all"
PICTURE, PAGE, TABLE = "sizes.svg", "sizes.html", "sizes.json"
COLUMNS = ("documents", "micro F1", "95 %", "macro F1", "95 %", "seconds")


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
    """The number that was asked for, or "all": the folder of the model."""
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


def _score(average: Mapping[str, Any]) -> Score:
    known = average.get("intervals", {}).get("f1")
    return Score(average["f1"], tuple(known["percentile"]) if known else None)


def train_sizes(
    spec: TrainSpec,
    host: Host,
    out: Path,
    sizes: Sequence[str],
    *,
    resume: bool = False,
    note: Callable[[str, Progress], None] = lambda *_: None,
    tell: Callable[[UnitCuts], None] = lambda _: None,
) -> list[Size]:
    """Train and score each size in a folder of `out`; raises the errors of `nerharness.errors`.

    Each size's documents are among those of the larger ones. With `resume` sizes that are finished
    are read, and the one that was under way is gone on with. `tell` is called before the first.
    """
    specs = {name: _sized(spec, name) for name in sizes}
    data = read_data(spec, host)
    _check(specs, data)
    tell(data.cuts(spec))
    if not resume and out.exists() and (not out.is_dir() or any(out.iterdir())):
        hint = "choose another --out, or go on with that training by --resume"
        raise RunError("not an empty folder", where=str(out), hint=hint)
    found = []
    for name, one in specs.items():
        place = out / name
        if not (resume and (done := _finished(place, one, host))):
            begun = resume and place.exists()
            done = train(one, host, place, resume=begun, note=partial(note, name)).description
        found.append(Size.of(name, done))
        with first_alone() as first:
            if first:
                _write(out, found)
    return found


def _sized(spec: TrainSpec, name: str) -> TrainSpec:
    limit = spec.limit if name == ALL else int(name)
    return replace(spec, limit=limit, lacking=True)


def _check(specs: Mapping[str, TrainSpec], data: Data) -> None:
    """Raise `UsageError` for a size that train does not have."""
    for name, one in specs.items():
        if name != ALL and one.limit is not None and one.limit > len(data.train):
            raise UsageError(
                f"{one.limit:,} documents, but train has {len(data.train):,}",
                where="--sizes",
                hint=f"{ALL} are all that there are",
            )


def _finished(place: Path, spec: TrainSpec, host: Host) -> Mapping[str, Any] | None:
    """Return what a finished training says; `RunError` if it is another than this one."""
    if not (place / FILE).is_file():
        return None
    before = read_description(place / FILE)
    if "steps" not in before:
        return None
    check_same(before, Expected.of(spec, host).description, place)
    return before


def _write(out: Path, sizes: Sequence[Size]) -> None:
    """Write the table and the picture of the sizes that are finished."""
    with saving(out):
        write_json(out / TABLE, {"sizes": [one.to_json() for one in sizes]})
        picture = sizes_picture(sizes)
        (out / PICTURE).write_text(picture, encoding="utf-8")
        table = html_table(("size", *COLUMNS), ((one.name, *one.cells) for one in sizes))
        notes = [f"<p>{line}</p>" for line in lacking_lines(sizes)]
        page = html_page("F1 on dev by documents of train", [picture, table, *notes])
        (out / PAGE).write_text(page, encoding="utf-8")


def lacking_lines(sizes: Sequence[Size]) -> list[str]:
    """Return a line for each size whose documents have no example of some labels."""
    return [
        f"{one.documents:,} documents have no example of {', '.join(one.lacking)}"
        for one in sizes
        if one.lacking
    ]


def sizes_picture(sizes: Sequence[Size]) -> str:
    """Return F1 on dev over the documents of train as an SVG, with intervals as bars."""
    ordered = sorted(sizes, key=lambda one: one.documents)
    series = [
        Series(name, [_point(one, name) for one in ordered], aside)
        for name, aside in (("micro", -4), ("macro", 4))
    ]
    ticks = tuple(float(one.documents) for one in ordered)
    title = "F1 on dev, strict match, with 95 % intervals"
    panel = Panel(title, series, "documents of train", logarithmic=True, ticks=ticks)
    return svg([panel], "F1 on dev over the number of documents of train")


def _point(size: Size, average: str) -> Point:
    score: Score = getattr(size, average)
    return Point(size.documents, score.f1, score.interval)
