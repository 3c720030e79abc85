"""The loss of a causal language model on the tokens that are labelled, and on no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nerharness.training.sentences import IGNORED

if TYPE_CHECKING:
    import torch

_MOST_SCORES = 1 << 26
"""Scores of tokens that are held at once: 256 MB in float32."""


def answer_loss(model: Any, inputs: Mapping[str, Any], vocabulary: int) -> torch.Tensor | None:
    """Return the sum over the labelled tokens, each scored against the whole vocabulary.

    `None` where that would take too much memory. `inputs` are those of a forward pass, with labels
    of shape `(rows, tokens)`; `vocabulary` is how many tokens the model knows.
    """
    from torch.nn.functional import cross_entropy

    following = inputs["labels"][:, 1:]
    places = (following != IGNORED).any(0).nonzero()[:, 0]
    if len(following) * len(places) * vocabulary > _MOST_SCORES:
        return None
    rest = {name: value for name, value in inputs.items() if name != "labels"}
    scores = model(**rest, use_cache=False, logits_to_keep=places).logits.float()
    wanted = following[:, places]
    return cross_entropy(
        scores.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="sum"
    )
