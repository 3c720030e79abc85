"""How far a training is: a bar with the time left on a terminal, lines elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from nerharness.cli import train_progress
from nerharness.cli.train_progress import training_notes
from nerharness.training.settings import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Let ten seconds pass with each note."""
    now = [0.0]

    def tick() -> float:
        now[0] += 10
        return now[0]

    monkeypatch.setattr(train_progress.time, "monotonic", tick)
    return iter(now)  # type: ignore[return-value]


def at(step: int, loss: float | None = None, f1: float | None = None) -> Progress:
    return Progress(step, 200, step / 100, loss, f1, None if f1 is None else f1 / 2)


def test_without_a_terminal_there_are_lines_every_so_often(clock: object) -> None:
    del clock
    said = io.StringIO()
    with training_notes(Console(file=said, width=200, highlight=False)) as note:
        for step in range(10, 60, 10):
            note("", at(step, loss=1 / step))
        note("", at(60, f1=0.5)._replace(failed=0))
        note("", at(200, loss=0.25))
        note("", at(200, f1=0.5)._replace(failed=3))
    assert said.getvalue().splitlines() == [
        "step 10 of 200, loss 0.100",
        "step 40 of 200, loss 0.025, 2 min 40 s left",
        "step 60 of 200, epoch 0.6: F1 on dev 0.500, macro 0.250, loss 0.020, 2 min 20 s left",
        "step 200 of 200, epoch 2: F1 on dev 0.500, macro 0.250, 3 documents of dev failed, "
        "loss 0.250",
    ]


def test_each_size_has_its_own_time(clock: object) -> None:
    del clock
    said = io.StringIO()
    with training_notes(Console(file=said, width=200, highlight=False)) as note:
        note("size 50", at(10, loss=1.0))
        note("size all", at(10, loss=2.0))
        note("size all", at(20, f1=0.5))
    assert said.getvalue().splitlines() == [
        "size 50: step 10 of 200, loss 1.000",
        "size all: step 10 of 200, loss 2.000",
        "size all: step 20 of 200, epoch 0.2: F1 on dev 0.500, macro 0.250, loss 2.000, "
        "3 min 00 s left",
    ]


def test_on_a_terminal_a_bar_has_loss_and_time_left() -> None:
    said = io.StringIO()
    console = Console(file=said, width=120, force_terminal=True, highlight=False)
    with training_notes(console) as note:
        for step in (10, 20, 30):
            note("", at(step, loss=1.5))
        note("", at(30, f1=0.5))
    shown = said.getvalue()
    assert "30/200" in shown
    assert "left" in shown and "loss 1.500" in shown
    assert "F1 on dev 0.500, macro 0.250" in shown
