"""What a training will take, before it is begun."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nerharness.plugin.host import Host
from nerharness.runs.courses import find_course
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.train_data import TrainSpec, read_data
from nerharness.training.trial import Trial


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What is learned from, and what a few steps showed."""

    method: str
    model: str
    documents: dict[str, int]
    mixed: dict[str, int]
    """The documents of each corpus that is mixed in, called as it was given."""
    cuts: UnitCuts
    epochs: float
    trial: Trial

    @property
    def seconds(self) -> float:
        """How long it takes if it does not stop early, without loading model and data."""
        return self.trial.seconds(self.epochs)

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        trial = asdict(self.trial)
        trial["sizes"] = self.trial.sizes._asdict()
        trial["dev"] = self.trial.dev._asdict()
        trial["memory"] = {**self.trial.memory._asdict(), "total": self.trial.memory.total}
        return {
            "method": self.method,
            "model": self.model,
            "documents": self.documents,
            "mixed": self.mixed,
            "cut_by_units": self.cuts.to_json(),
            "epochs": self.epochs,
            "seconds": self.seconds,
            **trial,
        }


def plan_training(spec: TrainSpec, host: Host) -> TrainingPlan:
    """Load the model, take a few steps that are not kept, and say what all of it will take.

    Raises the errors of `nerharness.errors`.
    """
    data = read_data(spec, host)
    trial = find_course(spec, data, host).rehearse()
    described = data.describe(spec)
    mixed = {one["corpus"]: one["documents"] for one in described["mixed"]}
    documents = dict(described["documents"])
    return TrainingPlan(
        spec.method, spec.model, documents, mixed, data.cuts(spec), spec.settings.epochs, trial
    )
