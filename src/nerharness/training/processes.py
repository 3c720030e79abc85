"""The processes that train together, where accelerate or torchrun started several."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from nerharness.errors import UsageError


def count() -> int:
    """Return how many processes train together; 1 where nothing started more."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Tell whether this process is the one that writes files and says how far it is."""
    return int(os.environ.get("RANK", "0")) == 0


def share(batch_size: int) -> int:
    """Return how many rows of a step are for each process; `UsageError` if they do not divide."""
    if batch_size % count():
        raise UsageError(
            f"{batch_size} rows in a step cannot be shared by {count()} processes",
            where="--batch-size",
            hint=f"give a multiple of {count()}",
        )
    return batch_size // count()


def on_processor() -> bool:
    """Tell whether there is nothing but the processor to train on."""
    import torch

    return not (torch.cuda.is_available() or torch.backends.mps.is_available())


def join(device: str) -> None:
    """Meet the other processes, each with a GPU of its own or all on the processor.

    `UsageError` if they do not share the work.
    """
    if count() == 1:
        return
    from accelerate import PartialState

    met = PartialState(cpu=device == "cpu" or on_processor()).num_processes
    if met != count():
        raise UsageError(
            f"{count()} processes were started, but {met} train together",
            where="accelerate",
            hint="start them with: accelerate launch --num_processes N -m nerharness train …",
        )


@contextmanager
def first_alone() -> Iterator[bool]:
    """Yield whether this is the first process; the others come to the end only after it."""
    if count() == 1:
        yield True
        return
    from accelerate import PartialState

    try:
        yield is_first()
    finally:
        PartialState().wait_for_everyone()
