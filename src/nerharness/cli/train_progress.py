"""How far a training is: a bar on a terminal, lines every so often elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nerharness.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.training.settings import Progress

Note = Callable[[str, "Progress"], None]
"""Told which training it is, such as "size 50", or nothing of a single one, and how far it is."""

EVERY = 30.0
"""Seconds between two lines, besides those about an epoch that ended."""


@contextmanager
def training_notes(notes: Console) -> Iterator[Note]:
    """Yield what shows each note that it is told."""
    if notes.is_terminal:
        with _bar(notes) as note:
            yield note
    else:
        yield _Lines(notes)


@contextmanager
def _bar(notes: Console) -> Iterator[Note]:
    with progress_bar(notes, "loss", patient=True) as bar:
        tasks: dict[str, int] = {}

        def note(name: str, now: Progress) -> None:
            """Move the bar, and print scores above it."""
            if name not in tasks:
                for other in tasks.values():
                    bar.remove_task(other)  # type: ignore[arg-type]
                tasks.clear()
                tasks[name] = bar.add_task(f"{name} steps".strip(), total=now.steps, loss="")
            task = tasks[name]
            bar.update(task, completed=now.step, total=now.steps)  # type: ignore[arg-type]
            if now.loss is not None:
                bar.update(task, loss=f"loss {now.loss:.3f}")  # type: ignore[arg-type]
            if now.f1 is not None:
                bar.console.print(f"{_about(name)}{_scores(now)}")

        yield note


class _Lines:
    """Says how far training is after every epoch, and besides not more often than `EVERY`."""

    def __init__(self, notes: Console) -> None:
        self._notes = notes
        self._name: str | None = None
        self._said = float("-inf")
        self._first = (0.0, 0)
        self._loss: float | None = None

    def __call__(self, name: str, now: Progress) -> None:
        here = time.monotonic()
        if name != self._name:
            self._name, self._first, self._said = name, (here, now.step), float("-inf")
        self._loss = self._loss if now.loss is None else now.loss
        if now.f1 is None and here - self._said < EVERY:
            return
        self._said = here
        parts = [f"step {now.step:,} of {now.steps:,}"]
        if now.f1 is not None:
            parts.append(_scores(now))
        if self._loss is not None:
            parts.append(f"loss {self._loss:.3f}")
        if left := self._left(here, now):
            parts.append(f"{left} left")
        self._notes.print(f"{_about(name)}{', '.join(parts)}", soft_wrap=True)

    def _left(self, here: float, now: Progress) -> str:
        since, step = self._first
        if now.step <= step or now.step >= now.steps:
            return ""
        seconds = (here - since) / (now.step - step) * (now.steps - now.step)
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _about(name: str) -> str:
    return f"{name}: " if name else ""


def _scores(now: Progress) -> str:
    failed = f", {now.failed:,} documents of dev failed" if now.failed else ""
    return f"epoch {now.epoch:g}: F1 on dev {now.f1:.3f}, macro {now.macro_f1:.3f}{failed}"
