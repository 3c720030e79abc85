"""How a model is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Method = Literal["encoder", "lora", "qlora", "full"]
"""A token classifier; or a model that is prompted: low-rank adapters, the same on a model held in
4 bits, or all of its weights."""

LAST_SEED = 2**32 - 1
"""The highest seed that NumPy takes; the lowest is 0."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the result of training, besides model and data."""

    epochs: float = 3.0
    learning_rate: float = 5e-4
    batch_size: int = 16
    warmup: float = 0.1
    """The share of all steps in which the learning rate rises."""
    schedule: str = "linear"
    """How the learning rate falls after that: a name of transformers' schedules."""
    weight_decay: float = 0.01
    negatives: float = 1.0
    """The share of units without an entity that are kept."""
    class_weights: bool = False
    """Whether tags that are rare in train count for more (inverse square root of frequency), or
    units with rare labels come more often."""
    patience: int = 0
    """Epochs without a better micro F1 of dev after which training stops; 0: never."""
    rank: int = 0
    """Rank of the adapters' matrices; 0: no adapters."""
    alpha: int = 0
    """What the adapters' product is multiplied with, times the rank."""
    dropout: float = 0.0
    """The share of an adapter's inputs that are left out in each step."""
    seed: int = 0


_LORA = Settings(learning_rate=1e-3, rank=32, alpha=64, dropout=0.05)

USUAL: Mapping[Method, Settings] = {
    "encoder": Settings(),
    "lora": _LORA,
    "qlora": _LORA,
    "full": Settings(learning_rate=5e-5),
}
"""The settings of each method where nothing else is asked for."""


class Progress(NamedTuple):
    """What is known after a step that was noted."""

    step: int
    steps: int
    epoch: float
    loss: float | None
    f1: float | None
    """Micro F1 of dev after each epoch, strict match."""
    macro_f1: float | None
    failed: int | None = None
    """Documents of dev about which a model that is prompted gave no answer; they count as without
    entities."""
