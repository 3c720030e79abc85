"""Averages of runs that differ in one setting alone."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean, stdev
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nerharness.metrics import Counts
from nerharness.runs.grid import Value, Variant
from nerharness.runs.reached import Reached, means
from nerharness.runs.scores import Scores
from nerharness.scoring.protocols import ProtocolScores

HALF = {"a": Counts(tp=1, fp=1, fn=1), "b": Counts(tp=1, fp=0, fn=0)}
WHOLE = {"a": Counts(tp=2, fp=0, fn=0), "b": Counts(tp=1, fp=0, fn=0)}


def reached(
    settings: Mapping[str, Value], counts: dict[str, Counts] = HALF, documents: str = "x"
) -> Reached:
    parts = {key: f"{key}-{value}" for key, value in settings.items()}
    scored = ProtocolScores((counts,), tuple(counts))
    scores = SimpleNamespace(agreement=SimpleNamespace(protocols={"exact": scored}))
    return Reached(Variant(settings, parts), "about", documents, cast("Scores", scores))


def named(*runs: Reached, over: str = "seed") -> dict[str, tuple[str, ...]]:
    return {mean.name: mean.runs for mean in means(runs, over, "exact")}


def test_a_mean_is_of_each_figure_of_each_run() -> None:
    runs = [reached({"seed": 0}, HALF), reached({"seed": 1}, WHOLE), reached({"seed": 2}, WHOLE)]
    (mean,) = (one.to_json() for one in means(runs, "seed", "exact"))
    assert (mean["name"], mean["runs"]) == ("run", ["seed-0", "seed-1", "seed-2"])

    def spread(*values: float) -> Any:
        return pytest.approx({"mean": fmean(values), "deviation": stdev(values)})

    for figure in ("precision", "recall", "f1"):
        assert mean["micro"][figure] == spread(2 / 3, 1, 1)
        assert mean["macro"][figure] == spread(0.75, 1, 1)
        assert mean["labels"]["a"][figure] == spread(0.5, 1, 1)
        assert mean["labels"]["b"][figure] == {"mean": 1.0, "deviation": 0.0}


def test_a_label_that_one_run_alone_has_is_at_0_in_the_others() -> None:
    runs = [reached({"seed": 0}), reached({"seed": 1}, {"c": Counts(tp=1, fp=0, fn=0)})]
    (mean,) = means(runs, "seed", "exact")
    assert {label: one.f1.mean for label, one in mean.labels.items()} == {
        "a": 0.25, "b": 0.5, "c": 0.5
    }  # fmt: skip


def test_runs_of_one_mean_differ_in_nothing_else() -> None:
    runs = [
        reached({"format": format, "seed": seed}) for seed in (0, 1) for format in ("bio", "json")
    ]
    alone = reached({"format": "lines", "seed": 0})
    without = reached({"format": "bio"})
    assert named(*runs, alone, without) == {
        "format-bio": ("format-bio-seed-0", "format-bio-seed-1"),
        "format-json": ("format-json-seed-0", "format-json-seed-1"),
    }
    assert named(*runs, alone, without, over="format") == {
        "seed-0": ("format-bio-seed-0", "format-json-seed-0", "format-lines-seed-0"),
        "seed-1": ("format-bio-seed-1", "format-json-seed-1"),
    }


def test_one_and_true_are_two_settings() -> None:
    assert named(reached({"x": 1, "seed": 0}), reached({"x": True, "seed": 1})) == {}


def test_runs_over_other_documents_have_no_mean() -> None:
    assert named(reached({"seed": 0}), reached({"seed": 1}, documents="y")) == {}
