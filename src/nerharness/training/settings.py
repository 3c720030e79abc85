"""How a model is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result of training, besides model and data."""

    epochs: float = 3.0
    learning_rate: float = 5e-4
    batch_size: int = 16
    warmup: float = 0.1
    """The share of all steps in which the learning rate rises."""
    weight_decay: float = 0.01
    negatives: float = 1.0
    """The share of sentences without an entity that are kept."""
    class_weights: bool = False
    """Whether tags that are rare in train count for more (inverse square root of frequency)."""
    patience: int = 0
    """Epochs without a better dev F1 after which training stops; 0: never."""
    seed: int = 0


class Progress(NamedTuple):
    """What is known after a step that was noted."""

    step: int
    steps: int
    epoch: float
    loss: float | None
    f1: float | None
    """Micro F1 of dev, after each epoch."""
    macro_f1: float | None
