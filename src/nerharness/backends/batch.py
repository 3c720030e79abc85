"""Answers in the making, side by side, with what the model keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from nerharness.backends import key_values
from nerharness.backends.answer import Answer, Tokens

_SPARSE = 1.5
"""How many times the places of its longest row a cache may have before it is packed."""


@dataclass(slots=True)
class Batch:
    """`mask`, shape `(rows, places)`, says which places of the cache hold a token of their row."""

    rows: list[Answer]
    cache: Any
    mask: torch.Tensor

    def keep(self, places: Sequence[int]) -> None:
        """Keep only these rows, if the model's cache lets rows leave."""
        if len(places) < len(self.rows) and key_values.can_select(self.cache):
            kept = torch.tensor(places, device=self.mask.device)
            key_values.select(self.cache, kept)
            self.mask = self.mask[kept]
            self.rows = [self.rows[place] for place in places]

    def pack(self) -> None:
        """Close gaps of a plain cache, if there are many; rows then stand flush right."""
        most = int(self.mask.sum(1).max())
        if self.mask.shape[1] <= _SPARSE * most:
            return
        places = self.mask.argsort(dim=1, stable=True)[:, -most:]  # those with a token come last
        key_values.pack(self.cache, places)
        self.mask = self.mask.gather(1, places)

    def join(self, other: Batch) -> None:
        """Add the rows of another batch."""
        key_values.join(self.cache, other.cache)
        width = max(self.mask.shape[1], other.mask.shape[1])
        self.mask = torch.cat([_widened(self.mask, width), _widened(other.mask, width)])
        self.rows = self.rows + other.rows

    def forget(self, dropped: Sequence[int]) -> None:
        """Hide of each row that many of the last places."""
        for place, count in enumerate(dropped):
            if count:
                self.mask[place, -count:] = 0


def _widened(mask: torch.Tensor, width: int) -> torch.Tensor:
    filled = mask.new_zeros((len(mask), width))
    filled[:, width - mask.shape[1] :] = mask
    return filled


def aligned(rows: Sequence[Tokens], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return tokens and mask of the rows, filled up on the left to the same length."""
    width = max(map(len, rows))
    tokens = [[0] * (width - len(row)) + row for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)
