"""Which epoch is kept, and when training stops for want of a better one."""

from __future__ import annotations

import sys
from typing import Any


def choice(patience: int) -> Any:
    """Return what has the trainer keep the best epoch, and stop after so many without a better one.

    That is the one with the highest micro F1 of dev, of equal ones with the highest macro F1, and
    then the last. With a `patience` of 0 it never stops.
    """
    from transformers import EarlyStoppingCallback

    class Choice(EarlyStoppingCallback):  # type: ignore[misc]
        """Does both, since an epoch with an equal micro F1 may be kept, but is no better one."""

        def on_evaluate(
            self, args: Any, state: Any, control: Any, metrics: Any = None, **rest: Any
        ) -> None:
            """Have an epoch with an equal micro F1 kept, unless its macro F1 is lower."""
            super().on_evaluate(args, state, control, metrics, **rest)
            if state.best_metric is None or metrics["eval_f1"] != state.best_metric:
                return
            scored = (logs for logs in state.log_history if "eval_f1" in logs)
            best = next(logs for logs in scored if logs["step"] == state.best_global_step)
            if metrics["eval_macro_f1"] >= best["eval_macro_f1"]:
                state.best_metric = None  # so that the trainer takes this one for the best

    return Choice(patience or sys.maxsize)
