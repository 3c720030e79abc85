"""Whether a model learns of lessons that are joined in one row what it would of each by itself."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nerharness.training.lessons import Lesson, collate
from nerharness.training.sentences import IGNORED

if TYPE_CHECKING:
    import torch

_ALIKE, _OWN, _TRIED = 8, 6, 3
"""Tokens that all begin with, tokens that each has besides, and how many lessons are tried."""


def learns_joined(model: Any, tokens: Sequence[int]) -> bool:
    """Tell whether the model scores the answers of joined lessons as it does each by itself.

    It has to attend as in `nerharness.training.attention`. Lessons of some of its `tokens` are
    tried, since a model may count places in a way of its own (ALiBi: Press and others 2022,
    arXiv:2108.12409), and ignore where it is told that tokens are.
    """
    import torch

    places = "position_ids" in inspect.signature(_plain(model).forward).parameters
    if not places or getattr(model.config, "alibi", False):
        return False
    lessons = _lessons(tokens)
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            joined = _scores(model, collate(lessons, 0, apart=True))
            alone = torch.cat([_scores(model, collate([lesson], 0)) for lesson in lessons])
    finally:
        model.train(training)
    exact = model.dtype == torch.float32 and not getattr(model, "is_quantized", False)
    return bool((joined - alone).norm() <= (1e-2 if exact else 1e-1) * alone.norm())


def _plain(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "peft_config") else model


def _lessons(tokens: Sequence[int]) -> list[dict[str, list[int]]]:
    """Return short lessons that begin alike; each is asked about all that is its own."""
    size = _ALIKE + _TRIED * _OWN
    some = [tokens[place % len(tokens)] for place in range(size)]
    rests = (some[start : start + _OWN] for start in range(_ALIKE, size, _OWN))
    return [Lesson([*some[:_ALIKE], *rest], _ALIKE + 1).row() for rest in rests]


def _scores(model: Any, batch: dict[str, Any]) -> torch.Tensor:
    """Return what the model gives each token of its vocabulary at each token of an answer."""
    inputs = {name: value.to(model.device) for name, value in batch.items()}
    labels = inputs.pop("labels")
    logits = model(**inputs, use_cache=False).logits[:, :-1]
    found: torch.Tensor = logits[labels[:, 1:] != IGNORED].float()
    return found
