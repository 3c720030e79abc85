"""What all methods ask of the trainer of transformers: arguments, checkpoints, what it tells."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.errors import RunError
from nerharness.training.settings import Progress, Settings

CHECKPOINTS = "checkpoints"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")
_WHOLE = ("optimizer.pt", "scheduler.pt", "trainer_state.json")

Note = Callable[[Progress], None]


class Trained(NamedTuple):
    """What training came to; the model lies in its folder."""

    steps: int
    best_f1: float
    """Micro F1 of dev of the checkpoint that was kept."""
    history: list[Progress]


def arguments(
    settings: Settings, out: Path, rows: int, report_to: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the arguments of the trainer for `rows` examples; those of a method go on top."""
    import torch

    steps = max(1, -(-rows // settings.batch_size))
    return {
        "output_dir": str(out / CHECKPOINTS),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "per_device_train_batch_size": settings.batch_size,
        "per_device_eval_batch_size": 2 * settings.batch_size,
        "warmup_steps": round(settings.warmup * steps * settings.epochs),
        "weight_decay": settings.weight_decay,
        "train_sampling_strategy": "group_by_length",
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "f1",
        "greater_is_better": True,
        "logging_steps": max(1, min(10, steps // 2)),
        "disable_tqdm": True,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "report_to": list(report_to),
        "seed": settings.seed,
        "data_seed": settings.seed,
    }


def silence() -> None:
    """Keep transformers from telling what the caller shows in its own way."""
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()


def run(trainer: Any, out: Path, *, resume: bool) -> None:
    """Train, from the last whole checkpoint if asked to; `RunError` where the disk is full."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    checkpoint = last_checkpoint(out) if resume else None
    with saving(out):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)


@contextmanager
def saving(out: Path) -> Iterator[None]:
    """Turn what libraries raise where nothing more can be written into a `RunError`."""
    try:
        yield
    except Exception as error:  # torch and safetensors have errors of their own for it
        if not _is_full(error):
            raise
        raise RunError(
            f"no space left to save to: {error}",
            where=str(out),
            hint="make room, and go on from the last checkpoint with --resume",
        ) from error


def _is_full(error: Exception) -> bool:
    said = str(error).lower()
    return (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)) or any(
        words in said for words in ("no space left", "os error 28", "file write failed")
    )


def last_checkpoint(out: Path) -> Path | None:
    """Return the last checkpoint that was written to its end; `None` without any."""
    found = sorted(
        (out / CHECKPOINTS).glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])
    )
    whole = [
        path
        for path in found
        if all((path / file).is_file() for file in _WHOLE)
        and any((path / file).is_file() for file in _WEIGHTS)
    ]
    return whole[-1] if whole else None


def callbacks(settings: Settings, history: list[Progress], note: Note) -> list[Any]:
    """Return what keeps `history` and calls `note` as the trainer logs, and what stops it early."""
    from transformers import EarlyStoppingCallback, TrainerCallback

    class Noting(TrainerCallback):  # type: ignore[misc]
        """Passes on what the trainer logs."""

        def on_log(self, _: Any, state: Any, __: Any, logs: Any = None, **___: Any) -> None:
            logs = logs or {}
            if "loss" in logs or "eval_f1" in logs:
                history.append(_progress(state, logs))
                note(history[-1])

    stop = [EarlyStoppingCallback(settings.patience)] if settings.patience else []
    return [Noting(), *stop]


def _progress(state: Any, logs: Any) -> Progress:
    return Progress(
        state.global_step,
        state.max_steps,
        state.epoch or 0.0,
        logs.get("loss"),
        logs.get("eval_f1"),
        logs.get("eval_macro_f1"),
    )
