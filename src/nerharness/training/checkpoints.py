"""Checkpoints of the trainer of transformers: which are whole, and a disk that is full."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nerharness.errors import RunError

CHECKPOINTS = "checkpoints"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")
_WHOLE = ("optimizer.pt", "scheduler.pt")
_STATE = "trainer_state.json"

_FULL = "no space left to save to"
_CUT_SHORT = ("unexpected pos", "iostream error")
_LITTLE = 1 << 26
"""Bytes: of less than this, the file that torch cuts short leaves hardly any."""


def last_checkpoint(out: Path) -> Path | None:
    """Return the last checkpoint that was written to its end; `None` without any."""
    found = sorted((out / CHECKPOINTS).glob("checkpoint-*"), key=_step, reverse=True)
    return next((path for path in found if _is_whole(path)), None)


def _step(path: Path) -> int:
    return int(path.name.split("-")[1])


def _is_whole(path: Path) -> bool:
    """Tell by the state, which is written last: a kill may have come in the middle of it."""
    return (
        _state(path) is not None
        and all((path / file).is_file() for file in _WHOLE)
        and any((path / file).is_file() for file in _WEIGHTS)
    )


def _state(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads((path / _STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def ended_at(checkpoint: Path) -> int | None:
    """Return the step at which training ended with this checkpoint; `None` if it was to go on.

    The trainer of transformers would forget that it had stopped early, and train on.
    """
    state = _state(checkpoint) or {}
    control = state.get("stateful_callbacks", {}).get("TrainerControl", {}).get("args", {})
    return int(state["global_step"]) if control.get("should_training_stop") else None


@contextmanager
def saving(out: Path) -> Iterator[None]:
    """Turn what libraries raise where nothing more can be written into a `RunError`."""
    try:
        yield
    except Exception as error:  # torch and safetensors have errors of their own for it
        if not (fault := _fault(error, out)):
            raise
        raise RunError(
            f"{fault}: {error}",
            where=str(out),
            hint="make room, and go on from the last checkpoint with --resume",
        ) from error


def _fault(error: BaseException | None, out: Path) -> str | None:
    """Return what keeps files from being written, `None` if the error is about something else.

    torch says no more than that a file is shorter than what was written to it.
    """
    while error is not None:
        if _is_full(error):
            return _FULL
        if isinstance(error, RuntimeError) and any(words in str(error) for words in _CUT_SHORT):
            free = shutil.disk_usage(out).free
            return _FULL if free < _LITTLE else "a file could not be written to its end"
        error = error.__cause__ or error.__context__
    return None


def _is_full(error: BaseException) -> bool:
    said = str(error).lower()
    return (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or any(
        words in said for words in ("no space left", "os error 28", "file write failed")
    )
