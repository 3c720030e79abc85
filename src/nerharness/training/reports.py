"""Where the trainer of transformers reports to besides: TensorBoard, W&B, MLflow and their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from nerharness.errors import MissingDependencyError, RunError, UsageError

TENSORBOARD = "tensorboard"
"""TensorBoard's folder in the model's, where nothing else is said."""


def check_reports(names: Sequence[str]) -> None:
    """Raise the error that says so if the trainer cannot report there."""
    from transformers.integrations import get_reporting_integration_callbacks

    for name in names:
        try:
            for reporter in get_reporting_integration_callbacks([name] if name != "none" else []):
                reporter()
        except ValueError as error:
            raise UsageError(str(error).rstrip("."), where="--report-to") from error
        except (ImportError, RuntimeError) as error:
            raise MissingDependencyError(
                str(error), where=f"--report-to {name}", hint=f"pip install {name}"
            ) from error


def prepare_reports(trainer: Any, out: Path) -> None:
    """Have the trainer's reporters write to the model's folder, and fail with a `RunError`."""
    from transformers.integrations import TensorBoardCallback
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    names = {kind: name for name, kind in INTEGRATION_TO_CALLBACK.items()}
    for callback in trainer.callback_handler.callbacks:
        if isinstance(callback, TensorBoardCallback) and callback.logging_dir is None:
            callback.logging_dir = str(out / TENSORBOARD)  # not among what is removed at the end
        if name := names.get(type(callback)):
            for event in [event for event in dir(callback) if event.startswith("on_")]:
                setattr(callback, event, _watched(getattr(callback, event), name))


def _watched(event: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(event)
    def watched(*given: Any, **named: Any) -> Any:
        try:
            return event(*given, **named)
        except Exception as error:  # of whatever the reporter's library does
            where = f"--report-to {name}"
            raise RunError(f"{type(error).__name__}: {error}", where=where) from error

    return watched
