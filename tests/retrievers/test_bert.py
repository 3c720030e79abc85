"""torch's encoder gives what transformers' BERT gives, and is used where it can be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.profiler import profile
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from nerharness.retrievers import bert

ONE_CALL = "aten::_transformer_encoder_layer_fwd"
LAYERS = 2
TOKENS = torch.tensor([[2, 7, 9, 8, 3], [2, 5, 3, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def small(**settings: Any) -> BertModel:
    sizes = {"vocab_size": 12, "hidden_size": 32, "num_hidden_layers": LAYERS}
    heads = {"num_attention_heads": 4, "intermediate_size": 48}
    torch.manual_seed(1)
    model = BertModel(BertConfig(**{**sizes, **heads, **settings})).eval()
    with torch.no_grad():
        for weight in model.parameters():  # as made, biases are 0 and norms 1
            weight.add_(torch.randn_like(weight) * 0.1)
    return model


def calls(model: Any) -> int:
    """See that the answer is the model's own; return how many layers were computed in one call."""
    forward = bert.forward(model)
    with torch.inference_mode(), profile() as seen:
        found = forward(TOKENS, MASK)
    with torch.inference_mode():
        right = model(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
        whole = model(input_ids=TOKENS[:1]).last_hidden_state
        assert forward(TOKENS[:1], MASK[:1]).numpy() == pytest.approx(whole.numpy(), abs=1e-5)
    for row, expected, mask in zip(found, right, MASK.bool(), strict=True):
        assert row[mask].numpy() == pytest.approx(expected[mask].numpy(), abs=1e-5)
    return sum(event.count for event in seen.key_averages() if event.key == ONE_CALL)


def test_a_layer_is_one_call() -> None:
    assert calls(small()) == LAYERS


@pytest.mark.parametrize(
    "settings",
    [{"hidden_act": "relu"}, {"num_attention_heads": 1}, {"is_decoder": True}],
    ids=str,
)
def test_another_kind_of_bert_is_computed_by_its_own_library(settings: dict[str, Any]) -> None:
    assert calls(small(**settings)) == 0


def test_another_model_is_computed_by_its_own_library() -> None:
    sizes = {"vocab_size": 12, "dim": 32, "n_layers": 1, "n_heads": 4, "hidden_dim": 48}
    assert calls(DistilBertModel(DistilBertConfig(**sizes)).eval()) == 0


def test_it_can_be_made_within_inference_mode() -> None:
    with torch.inference_mode():
        assert calls(small()) == LAYERS
