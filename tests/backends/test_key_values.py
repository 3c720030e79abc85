"""What a model keeps of its tokens is what it was given, however it grows."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

import torch
from transformers import LlamaConfig

from nerharness.backends import key_values


def read(cache: object, states: torch.Tensor) -> torch.Tensor:
    """Have the first layer read; its values are twice the keys."""
    keys, values = cache.update(states, 2 * states, 0)  # type: ignore[attr-defined]
    assert torch.equal(values, 2 * keys)
    assert isinstance(keys, torch.Tensor)
    return keys


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("as_read", ["in a row", "by head"])
def test_what_is_read_stands_behind_what_was(rows: int, heads: int, as_read: str) -> None:
    cache = key_values.empty(LlamaConfig(num_hidden_layers=1))
    torch.manual_seed(0)
    parts = []
    for places in (5, 1, 1, 40, 2, 1, 90, 1):
        states = torch.randn(rows, heads, places, 4)
        if as_read == "by head":  # as models split what they multiplied
            states = torch.randn(rows, places, heads, 4).transpose(1, 2)
        parts.append(states)
        assert torch.equal(read(cache, states), torch.cat(parts, dim=2))
    assert cache.get_seq_length() == 141


def test_one_more_token_copies_nothing_that_is_kept() -> None:
    cache = key_values.empty(LlamaConfig(num_hidden_layers=1))
    read(cache, torch.randn(2, 2, 300, 4))
    kept = [read(cache, torch.randn(2, 2, 1, 4)) for _ in range(100)]
    assert len({keys.data_ptr() for keys in kept}) <= 4


def test_copies_and_rows_that_leave_share_nothing() -> None:
    cache = key_values.empty(LlamaConfig(num_hidden_layers=1))
    first, second, third = (torch.randn(1, 2, places, 4) for places in (6, 1, 1))
    read(cache, first)
    read(cache, second)
    copied = key_values.repeated(cache, 1)
    key_values.cut(copied, 6)
    assert torch.equal(read(copied, third), torch.cat([first, third], dim=2))
    assert torch.equal(cache.layers[0].keys, torch.cat([first, second], dim=2))
    both = key_values.repeated(cache, 2)
    read(both, torch.randn(2, 2, 1, 4))
    key_values.select(both, torch.tensor([1]))
    expected = torch.cat([both.layers[0].keys, third], dim=2)
    assert torch.equal(read(both, third), expected)
