"""Attention of lessons that are joined in one row, without what they do not see of one another.

In a row of `n` tokens, attention under a mask costs `n` by `n`; here each lesson is set against the
common beginning and itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from nerharness.training.lesson_attention import attend

PLACES, SEEN = "lesson_places", "lesson_seen"
"""What a batch holds for it besides: where in the row each lesson's tokens stand, shape
`(lessons, width)`, -1 as filler; and which of the beginning and of itself each may see, shape
`(lessons, 1, width, beginning and width)`."""

_NAME = "nerharness_lessons"


@contextmanager
def attending(model: Any) -> Iterator[bool]:
    """Have the model attend so; tell whether it does, which only one with torch's own can."""
    before = getattr(model.config, "_attn_implementation", None)
    if before != "sdpa":
        yield False
        return
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    model.set_attn_implementation(_NAME)
    try:
        yield True
    finally:
        model.set_attn_implementation(before)


def layout(sizes: list[int], shared: int) -> dict[str, torch.Tensor]:
    """Return what a batch holds of lessons with so many tokens behind `shared` ones.

    It is empty where they are of so different length that it would not pay.
    """
    width, total = max(sizes), shared + sum(sizes)
    if len(sizes) * width * (shared + width) >= total * total:
        return {}
    begin = torch.tensor([shared, *sizes]).cumsum(0)[:-1]
    within = torch.arange(width).expand(len(sizes), -1)
    there = within < torch.tensor(sizes)[:, None]
    places = torch.where(there, begin[:, None] + within, -1)
    own = (there[:, None, :] & (within[:, None, :] <= within[:, :, None])) | torch.eye(width).bool()
    seen = torch.cat([torch.ones(len(sizes), width, shared, dtype=torch.bool), own], dim=2)
    return {PLACES: places, SEEN: seen[:, None]}


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    lesson_places: torch.Tensor | None = None,
    lesson_seen: torch.Tensor | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """Attend as torch does; `query`, `key` and `value` have shape `(rows, heads, n, size)`."""
    forward: Callable[..., tuple[torch.Tensor, None]] = sdpa_attention_forward
    if lesson_places is None:
        return forward(module, query, key, value, attention_mask, **rest)
    if _in_products(query, rest.get("dropout")):
        scale = rest.get("scaling") or query.shape[3] ** -0.5
        found = attend(query[0], key[0], value[0], lesson_places, scale)
        return found[None], None
    assert lesson_seen is not None
    there = lesson_places >= 0
    shared = lesson_seen.shape[3] - lesson_places.shape[1]
    flat = lesson_places.clamp(min=0).flatten()

    def lessons(states: torch.Tensor) -> torch.Tensor:
        found = states[0].index_select(1, flat)
        return found.view(len(found), *lesson_places.shape, -1).transpose(0, 1)

    def whole(states: torch.Tensor) -> torch.Tensor:
        beginning = states[:, :, :shared].expand(len(lesson_places), -1, -1, -1)
        return torch.cat([beginning, lessons(states)], dim=2)

    found, _ = forward(module, lessons(query), whole(key), whole(value), lesson_seen, **rest)
    parts = [found[there]]
    if shared:
        first = (states[:, :, :shared] for states in (query, key, value))
        before = torch.ones((shared, shared), dtype=torch.bool, device=query.device).tril()
        parts.insert(0, forward(module, *first, before[None, None], **rest)[0][0])
    return torch.cat(parts)[None], None


def _in_products(query: torch.Tensor, dropout: float | None) -> bool:
    return query.device.type == "cpu" and not dropout
