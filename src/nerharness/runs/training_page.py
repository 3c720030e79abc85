"""The course of a training as a picture, and as a page that opens without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nerharness.pages import html_page, html_table, shown
from nerharness.plots import Panel, Point, Series, svg

PICTURE = "training.svg"
PAGE = "training.html"

_MARKED = 30
"""Points of a curve from which on they are no longer marked."""


def write_page(out: Path, description: Mapping[str, Any]) -> None:
    """Write the picture and the page of a finished training into its folder."""
    picture = training_picture(description["history"])
    (out / PICTURE).write_text(picture, encoding="utf-8")
    base, settings = description["base"]["name"], description["settings"]
    about = (
        f"{description['method']}, base model {base}, {description['corpus']}: "
        f"{description['steps']:,} steps in {description['seconds']:,.0f} s, "
        f"{settings['batch_size']} a step, seed {settings['seed']}"
    )
    title = "Training"
    table = html_table(("epoch", "F1 on dev", "macro F1"), _epochs(description["history"]))
    page = html_page(title, [f"<p>{shown(about)}</p>", picture, table])
    (out / PAGE).write_text(page, encoding="utf-8")


def training_picture(history: Sequence[Mapping[str, Any]]) -> str:
    """Return the loss and dev's F1 over the steps as an SVG."""
    loss = [Point(one["step"], one["loss"]) for one in history if one["loss"] is not None]
    scored = [one for one in history if one["f1"] is not None]
    reach = (0, max((one["step"] for one in history), default=1))
    marks = len(loss) < _MARKED
    panels = [
        Panel("loss on train", [Series("loss", loss)], "steps", marks=marks, reach=reach),
        Panel(
            "F1 on dev",
            [
                Series("micro", [Point(one["step"], one["f1"]) for one in scored]),
                Series("macro", [Point(one["step"], one["macro_f1"]) for one in scored]),
            ],
            "steps",
            reach=reach,
        ),
    ]
    return svg(panels, "loss on train and F1 on dev over the steps of training")


def _epochs(history: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    scored = [one for one in history if one["f1"] is not None]
    kept = max((_rank(one) for one in scored), default=None)
    for one in scored:
        mark = " (kept)" if _rank(one) == kept else ""
        yield f"{one['epoch']:g}{mark}", f"{one['f1']:.3f}", f"{one['macro_f1']:.3f}"


def _rank(one: Mapping[str, Any]) -> tuple[float, float, int]:
    """Return what the best epoch has most of: the later one is kept of two that are equal."""
    return one["f1"], one["macro_f1"], one["step"]
