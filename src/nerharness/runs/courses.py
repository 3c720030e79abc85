"""Courses: what each way of training does with the data, and how its model is scored on dev."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nerharness.plugin.host import Host
from nerharness.runs.encoder_course import EncoderCourse
from nerharness.runs.prompted_course import PromptedCourse
from nerharness.runs.train_data import Data, TrainSpec
from nerharness.scoring.agreement import Agreement
from nerharness.training.settings import Progress

if TYPE_CHECKING:
    from nerharness.training.trainer import Trained
    from nerharness.training.trial import Trial

Note = Callable[[Progress], None]


class Course(Protocol):
    """One way of training, with its data."""

    def describe(self) -> Mapping[str, Any]:
        """Return what `training.json` is to say of it, besides data and settings."""

    def run(self, out: Path, *, resume: bool, note: Note) -> Trained:
        """Train, and write the model to `out`."""

    def score(self, out: Path) -> Agreement:
        """Score the model in `out` on dev, as an evaluation would load it."""

    def rehearse(self) -> Trial:
        """Train for a few steps, and keep nothing but what they took."""


def find_course(spec: TrainSpec, data: Data, host: Host) -> Course:
    """Return the course of the spec's method; raises the errors of `nerharness.errors`."""
    kind = EncoderCourse if spec.method == "encoder" else PromptedCourse
    return kind(spec, data, host)
