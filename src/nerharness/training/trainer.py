"""What all methods ask of the trainer of transformers: arguments, and what it tells."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.training.checkpoints import CHECKPOINTS, ended_at, last_checkpoint, saving
from nerharness.training.choice import choice
from nerharness.training.processes import share
from nerharness.training.reports import prepare_reports
from nerharness.training.settings import Progress, Settings

Note = Callable[[Progress], None]


class Trained(NamedTuple):
    """What training came to; the model lies in its folder."""

    steps: int
    best_f1: float
    """Micro F1 of dev of the checkpoint that was kept, strict match."""
    history: list[Progress]
    """From the first step on, also where training was resumed."""
    seconds: float
    """The time of all steps that count, dev included, over all sittings."""


def arguments(
    settings: Settings, out: Path, rows: int, report_to: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the arguments of the trainer for `rows` examples; those of a method go on top."""
    import torch

    epoch = steps_of_epoch(rows, settings)
    each = share(settings.batch_size)
    return {
        "output_dir": str(out / CHECKPOINTS),
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "per_device_train_batch_size": each,
        "per_device_eval_batch_size": 2 * each,
        "warmup_steps": round(settings.warmup * epoch * settings.epochs),
        "weight_decay": settings.weight_decay,
        "train_sampling_strategy": "group_by_length",
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "f1",
        "greater_is_better": True,
        "restore_callback_states_from_checkpoint": True,
        "logging_steps": max(1, min(10, epoch // 2)),
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "report_to": list(report_to),
        "seed": settings.seed,
        "data_seed": settings.seed,
    }


def steps_of_epoch(rows: int, settings: Settings) -> int:
    """Return the steps in which `rows` examples are gone through once."""
    return max(1, -(-rows // settings.batch_size))


def steps(rows: int, settings: Settings) -> int:
    """Return the steps of a training on `rows` examples that does not stop early."""
    return math.ceil(steps_of_epoch(rows, settings) * settings.epochs)


def on_one_device(arguments: Any) -> Any:
    """Return the trainer's arguments, so that one process uses one GPU.

    The trainer would copy the model to all that it sees, with so many times the batch. Processes
    that accelerate starts have one GPU each already.
    """
    if arguments.n_gpu > 1:
        arguments._n_gpu = 1  # noqa: SLF001 - as the trainer itself does where it is needed
    return arguments


def silence() -> None:
    """Keep transformers from telling what the caller shows in its own way."""
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()


def run(trainer: Any, out: Path, *, resume: bool) -> Trained:
    """Train, from the last whole checkpoint if asked to.

    `RunError` where the disk is full, and where a reporter fails.

    The trainer then holds the weights of the epoch with the best dev F1.
    """
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    prepare_reports(trainer, out)
    checkpoint = last_checkpoint(out) if resume else None
    if checkpoint and (end := ended_at(checkpoint)):
        trainer.args.max_steps = end
    with saving(out):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state = trainer.state
    clock = state.stateful_callbacks[_CLOCK]["attributes"] if state.stateful_callbacks else {}
    known = [logs for logs in state.log_history if "loss" in logs or "eval_f1" in logs]
    return Trained(
        state.global_step,
        float(state.best_metric or 0.0),
        [progress(logs, logs["step"], int(clock.get("steps", state.max_steps))) for logs in known],
        float(clock.get("seconds", 0.0)),
    )


_CLOCK = "Clock"


def callbacks(settings: Settings, note: Note) -> list[Any]:
    """Return what times training, calls `note` as the trainer logs, and chooses among epochs."""
    from transformers import TrainerCallback
    from transformers.trainer_callback import ExportableState

    class Clock(TrainerCallback, ExportableState):  # type: ignore[misc]
        """Times training, and keeps what resuming needs to be the same as not to be killed."""

        def __init__(self) -> None:
            self.seconds = 0.0
            self.steps = 0
            self.since = time.monotonic()

        def state(self) -> dict[str, Any]:
            """Return what checkpoints keep of it."""
            seconds = self.seconds + time.monotonic() - self.since
            return {"args": {}, "attributes": {"seconds": seconds, "steps": self.steps}}

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.since = time.monotonic()
            self.steps = self.steps or state.max_steps
            if state.best_global_step:  # where it is now: the folder may have been moved
                best = Path(args.output_dir) / f"checkpoint-{state.best_global_step}"
                state.best_model_checkpoint = str(best)

        def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            control.should_log = True  # or a resumed training would lose a part of the mean

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if state.is_world_process_zero and ("loss" in logs or "eval_f1" in logs):
                note(progress(logs, state.global_step, self.steps))

    return [Clock(), choice(settings.patience)]


def progress(logs: Any, step: int, steps: int) -> Progress:
    """Return what the trainer logged at a step."""
    return Progress(
        step,
        steps,
        logs.get("epoch") or 0.0,
        logs.get("loss"),
        logs.get("eval_f1"),
        logs.get("eval_macro_f1"),
        logs.get("eval_failed"),
    )
