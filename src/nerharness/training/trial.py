"""A few real steps of training, to tell what all of it will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, NamedTuple, TypeVar

Row = TypeVar("Row")

PLACES = (1.0, 0.125, 0.375, 0.625, 0.875)
"""Where the batches of a trial are taken from, among rows in order of length. The first one, of the
longest, only warms up: it takes the memory that all others find. The trainer's batches are of rows
of like length, so each of the others stands for a quarter of them."""


class Memory(NamedTuple):
    """What training holds on the device, in bytes."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    """What the forward pass of the longest batch keeps for the backward pass."""

    @property
    def total(self) -> int:
        """All of it together."""
        return sum(self)


class Sizes(NamedTuple):
    """Tokens of the rows that are learned from."""

    rows: int
    shortest: int
    median: int
    longest: int
    total: int
    over: int
    """How many are longer than the model can hold."""

    @classmethod
    def of(cls, lengths: Sequence[int], over: int) -> Sizes:
        """Return them for rows of these lengths."""
        ordered = sorted(lengths)
        middle = ordered[len(ordered) // 2] if ordered else 0
        shortest, longest = (ordered[0], ordered[-1]) if ordered else (0, 0)
        return cls(len(ordered), shortest, middle, longest, sum(ordered), over)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a few steps showed."""

    device: str
    parameters: int
    trainable: int
    sizes: Sizes
    memory: Memory
    peak: int
    """The most bytes that were held while the steps ran: on a GPU by torch, elsewhere by the
    process, its libraries included; 0 where the system does not say."""
    steps: int
    """Steps of the whole training, all epochs."""
    timed: int
    """Steps that were timed."""
    step_seconds: float
    dev: DevTime
    unanswerable: int = 0
    """Prompts about dev that leave no room for an answer."""

    def seconds(self, epochs: float) -> float:
        """Return how long training takes with so many epochs, loading left out."""
        whole = -(-epochs // 1)
        return self.steps * self.step_seconds + whole * self.dev.each + self.dev.final


class DevTime(NamedTuple):
    """Seconds that dev takes."""

    each: float
    """One scoring of what decides the epoch."""
    final: float
    """Scoring all of it, at the end."""


def time_dev(
    units: Sequence[int], limit: int | None, least: int, score: Callable[[int], object]
) -> DevTime:
    """Return how long dev takes, of which the first `limit` documents decide the epoch.

    `units` are those of each document. `score` scores the first so many documents: it is called
    once, with as many as have `least` units together, and stands for all others by these.
    """
    some = 0
    while some < len(units) and sum(units[:some]) < least:
        some += 1
    started = time.perf_counter()
    score(some)
    each = (time.perf_counter() - started) / max(1, sum(units[:some]))
    return DevTime(each * sum(units[:limit]), each * sum(units))


SHORT: dict[str, Any] = {
    "eval_strategy": "no",
    "save_strategy": "no",
    "load_best_model_at_end": False,
    "train_sampling_strategy": "sequential",
    "report_to": [],
    "max_steps": len(PLACES),
}
"""What the trainer's arguments are in a trial."""


def picked(rows: Sequence[Row], lengths: Sequence[int], batch_size: int) -> list[Row]:
    """Return the rows of the batches at `PLACES`, one batch after the other."""
    order = sorted(range(len(rows)), key=lambda place: lengths[place])
    last = max(0, len(rows) - batch_size)
    starts = [round(place * last) for place in PLACES]
    found = [order[start : start + batch_size] for start in starts]
    return [rows[place] for batch in found for place in batch]


class Measured(NamedTuple):
    """What the steps of a trial took."""

    step_seconds: float
    timed: int
    peak: int


def measure(trainer: Any) -> Measured:
    """Train for the steps of a trial."""
    from transformers import PrinterCallback, TrainerCallback

    ends: list[float] = []

    class Stopwatch(TrainerCallback):  # type: ignore[misc]
        """Notes when steps end."""

        def on_step_end(self, *_: Any, **__: Any) -> None:
            _wait(trainer.args.device)
            ends.append(time.perf_counter())

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Stopwatch())
    trainer.train()
    spans = [end - start for start, end in zip(ends, ends[1:], strict=False)]
    return Measured(fmean(spans) if spans else 0.0, len(spans), _peak(trainer.args.device))


def _peak(device: Any) -> int:
    """Return the most bytes that were held until now."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_reserved(device))
    try:
        import resource
    except ImportError:  # Windows has no such count
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _wait(device: Any) -> None:
    if device.type == "cuda":
        import torch

        torch.cuda.synchronize(device)


def memory(trainer: Any, longest: Sequence[Any]) -> Memory:
    """Return what training holds, after `measure`; `longest` are the rows of the longest batch."""
    model = trainer.model
    every = [*model.parameters(), *model.buffers()]
    states = (one for state in trainer.optimizer.state.values() for one in state.values())
    return Memory(
        sum(map(_bytes, every)),
        sum(_bytes(one) for one in model.parameters() if one.requires_grad),
        sum(_bytes(one) for one in states if hasattr(one, "element_size")),
        _kept(trainer, trainer.data_collator(list(longest)), every),
    )


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())


def _kept(trainer: Any, batch: Any, weights: Sequence[Any]) -> int:
    """Return the bytes that autograd keeps of a forward pass, what is shared counted once."""
    import torch

    known = {one.untyped_storage().data_ptr() for one in weights}
    kept: dict[int, int] = {}

    def pack(tensor: Any) -> Any:
        """Note the memory behind a tensor, which lives as long as the loss."""
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    trainer.model.train()
    inputs = {name: one.to(trainer.args.device) for name, one in batch.items()}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = trainer.compute_loss(trainer.model, inputs)
    del loss
    return sum(kept.values())
