"""Attention of lessons in few and large products, for a processor.

All tokens are set against the common beginning in one product, and each lesson against itself in
one of a batch; heads that share keys stand in one matrix. So the beginning's keys and values are
copied for no lesson and no head, and nothing but the weights is kept for the gradients.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch.autograd.function import once_differentiable


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    places: torch.Tensor,
    scale: float,
) -> torch.Tensor:
    """Return what the tokens of a row find, shape `(n, heads, size)`.

    `query` has shape `(heads, n, size)`, `key` and `value` `(groups of heads, n, size)`; `places`
    says where in the row each lesson's tokens stand, behind what they all begin with: shape
    `(lessons, width)`, -1 as filler.
    """
    found: torch.Tensor = _Attention.apply(query, key, value, places, scale)
    return found


class _Row(NamedTuple):
    """How the tokens of a row become a rectangle of lessons, and back."""

    shared: int
    lessons: int
    width: int
    slots: torch.Tensor
    """Where each token behind the beginning stands in the rectangle, row after row."""

    @classmethod
    def of(cls, places: torch.Tensor, tokens: int) -> _Row:
        """Return that of `tokens` tokens, those of the lessons at `places`."""
        slots = (places.flatten() >= 0).nonzero()[:, 0]
        lessons, width = places.shape
        return cls(tokens - len(slots), lessons, width, slots)

    def apart(self, states: torch.Tensor) -> torch.Tensor:
        """Return `(groups, tokens, …, size)` as `(groups * lessons, width * …, size)`.

        The beginning is left out, and what fills up short lessons is 0.
        """
        groups, _, *rest, size = states.shape
        found = states.new_zeros(groups, self.lessons * self.width, *rest, size)
        found.index_copy_(1, self.slots, states[:, self.shared :])
        return found.view(groups * self.lessons, -1, size)

    def back(self, states: torch.Tensor, groups: int, *rest: int) -> torch.Tensor:
        """Return the lessons' tokens of what `apart` gave, shape `(groups, tokens, …, size)`."""
        flat = states.view(groups, self.lessons * self.width, *rest, states.shape[-1])
        return flat.index_select(1, self.slots)


class _Attention(torch.autograd.Function):
    """`attend` and its gradients. In here states are `(groups, tokens, heads of a group, size)`."""

    @staticmethod
    def forward(
        context: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        places: torch.Tensor,
        scale: float,
    ) -> torch.Tensor:
        """Return what `attend` does."""
        groups, tokens, size = key.shape
        row = _Row.of(places, tokens)
        asked = query.view(groups, -1, tokens, size).transpose(1, 2).contiguous()
        own_key, own_value = row.apart(key), row.apart(value)
        scores = _products(asked, key, own_key, row, -torch.inf)
        for_beginning, for_lessons = _later(row)
        scores[:, : row.shared, :, : row.shared].masked_fill_(for_beginning, -torch.inf)
        scores[:, row.shared :, :, row.shared :].masked_fill_(for_lessons, -torch.inf)
        weights = torch.softmax(scores.float().mul_(scale), -1).to(query.dtype)
        found = _sum(weights, value, own_value, row)
        context.save_for_backward(asked, key, value, own_key, own_value, weights)
        context.row, context.scale = row, scale
        return found.transpose(0, 1).reshape(tokens, -1, size)

    @staticmethod
    @once_differentiable
    def backward(context: Any, found: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradients of what `forward` was given."""
        asked, key, value, own_key, own_value, weights = context.saved_tensors
        row: _Row = context.row
        groups, tokens, _, size = asked.shape
        found = found.view(tokens, groups, -1, size).transpose(0, 1).contiguous()
        of_weights = _products(found, value, own_value, row, 0.0).float()
        of_scores = torch._softmax_backward_data(  # noqa: SLF001 - it has no other name
            of_weights, weights.float(), -1, torch.float32
        )
        of_scores = of_scores.mul_(context.scale).to(weights.dtype)
        of_asked = _sum(of_scores, key, own_key, row)
        return (
            of_asked.transpose(1, 2).reshape(-1, tokens, size),
            _gather(of_scores, asked, row),
            _gather(weights, found, row),
            None,
            None,
        )


def _later(row: _Row) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what stands behind each token: of the beginning for its own, of each lesson for it."""
    beginning = torch.ones(row.shared, row.shared, dtype=torch.bool).triu(1)
    lessons = torch.arange(row.width) > (row.slots % row.width)[:, None]
    return beginning[:, None], lessons[:, None]


def _products(
    states: torch.Tensor, others: torch.Tensor, own: torch.Tensor, row: _Row, rest: float
) -> torch.Tensor:
    """Return the products of each token with all that it may see, and `rest` where there are none.

    `others` have shape `(groups, tokens, size)`, and `own` are theirs, apart; the answer is of
    shape `(groups, tokens, heads, shared + width)`.
    """
    groups, tokens, heads, size = states.shape
    found = states.new_full((groups, tokens, heads, row.shared + row.width), rest)
    beginning = found.view(groups, tokens * heads, -1)[..., : row.shared]
    common = others[:, : row.shared].transpose(1, 2)
    torch.bmm(states.view(groups, -1, size), common, out=beginning)
    apart = row.apart(states) @ own.transpose(1, 2)
    found[:, row.shared :, :, row.shared :] = row.back(apart, groups, heads)
    return found


def _sum(weights: torch.Tensor, states: torch.Tensor, own: torch.Tensor, row: _Row) -> torch.Tensor:
    """Return what `weights`, `(groups, tokens, heads, shared + width)`, take of `states`.

    Those have shape `(groups, tokens, size)`, and `own` are theirs, apart; the answer is of shape
    `(groups, tokens, heads, size)`.
    """
    groups, tokens, heads, _ = weights.shape
    flat = weights.view(groups, tokens * heads, -1)
    found = (flat[..., : row.shared] @ states[:, : row.shared]).view(groups, tokens, heads, -1)
    found[:, row.shared :] += row.back(row.apart(weights[..., row.shared :]) @ own, groups, heads)
    return found


def _gather(weights: torch.Tensor, states: torch.Tensor, row: _Row) -> torch.Tensor:
    """Return what the tokens are given by all that took of them, shape `(groups, tokens, size)`.

    `states` have shape `(groups, tokens, heads, size)`.
    """
    groups, tokens, heads, size = states.shape
    flat = weights.view(groups, tokens * heads, -1)
    shared = flat[..., : row.shared].transpose(1, 2) @ states.view(groups, -1, size)
    own = row.apart(weights[..., row.shared :]).transpose(1, 2) @ row.apart(states)
    return torch.cat([shared, row.back(own, groups)], dim=1)
