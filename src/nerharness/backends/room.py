"""How much a model reads at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from nerharness.backends.answer import Request
from nerharness.memory import free_memory


@dataclass(slots=True)
class Room:
    """What answers may take up together; `rows` becomes less where the memory does not do."""

    rows: int
    """Answers at once."""
    tokens: int
    """Tokens of prompts and answers, all counted as long as the longest may become."""
    step: int
    """Tokens in one step up to which more of them hardly cost more: as many are guessed."""

    def fits(self, requests: Sequence[Request]) -> bool:
        """Tell whether the answers may be made together."""
        longest = max(len(request.tokens) + request.limit for request in requests)
        return len(requests) * longest <= self.tokens

    def halve(self, rows: int) -> None:
        """Have half of that many answers at once from now on, one at least."""
        self.rows = max(1, rows // 2)


_ROWS = {"cpu": 16, "cuda": 256, "mps": 32}
_STEP = {"cpu": 32, "cuda": 512, "mps": 64}
_SHARE = 0.5
"""The share of the free memory that keys and values may take; the rest is for reading."""


def find_room(model: Any, rows: int | None, tokens: int | None) -> Room:
    """Return the room on the model's device; `None` for as much as it bears."""
    kind = model.device.type
    if tokens is None:
        tokens = max(1, int(_SHARE * _free(model.device) / bytes_per_token(model)))
    return Room(rows or _ROWS.get(kind, _ROWS["cpu"]), tokens, _STEP.get(kind, _STEP["cpu"]))


def bytes_per_token(model: Any) -> int:
    """Return how much a model keeps of each token that it has read, in bytes."""
    config = model.config.get_text_config(decoder=True)
    size = int(config.hidden_size)
    try:
        heads = int(config.num_attention_heads)
        keys = int(getattr(config, "num_key_value_heads", None) or heads)
        size = keys * int(getattr(config, "head_dim", None) or size // heads)
    except (AttributeError, RuntimeError, TypeError):
        pass  # layers of several kinds: at most what all heads together keep
    return 2 * int(config.num_hidden_layers) * size * int(model.dtype.itemsize)


def _free(device: torch.device) -> int:
    """Return the bytes of memory that the device has free; for one that does not say, 4 GiB."""
    if device.type == "cuda":
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(torch.cuda.mem_get_info(device)[0]) + int(idle)
    if device.type == "cpu" and (known := free_memory()):
        return known
    return 4 << 30
