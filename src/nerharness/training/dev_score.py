"""Dev as it decides which epoch is kept: by what the model says about it, not by a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class DevScore(NamedTuple):
    """F1 of dev, strict match."""

    micro: float
    macro: float
    failed: int = 0
    """Documents about which there is no answer."""


Evaluate = Callable[[Any], DevScore]
"""Told the model as it is now, in evaluation mode."""


def scoring(trainer: Any, evaluate: Evaluate) -> Any:
    """Return this class of trainers, with dev scored so."""

    class Scoring(trainer):  # type: ignore[misc]
        """Scores dev after each epoch in every process, and by no batches of its own."""

        def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
            """Return micro and macro F1 of dev and what failed, and tell the callbacks."""
            self.model.eval()
            score = evaluate(self.model)
            metrics = {
                "eval_f1": score.micro,
                "eval_macro_f1": score.macro,
                "eval_failed": score.failed,
            }
            self.log(metrics)
            self.control: Any = self.callback_handler.on_evaluate(
                self.args, self.state, self.control, metrics
            )
            return metrics

    return Scoring
