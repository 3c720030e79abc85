"""The layers give what transformers' BERT gives, and are used where they can be."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from nerharness.retrievers import bert

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


def is_own(model: Any) -> bool:
    """See that the answer is the model's own; tell whether the model's layers computed it."""
    asked = 0

    def ask(*_: object) -> None:
        nonlocal asked
        asked += 1

    forward = bert.forward(model)
    layers = model.encoder.layer if hasattr(model, "encoder") else model.transformer.layer
    hooks = [layer.register_forward_hook(ask) for layer in layers]
    with torch.inference_mode():
        found = forward(TOKENS, MASK)
        alone = forward(TOKENS[:1], MASK[:1])
    for hook in hooks:
        hook.remove()
    with torch.inference_mode():
        right = model(input_ids=TOKENS, attention_mask=MASK).last_hidden_state
        whole = model(input_ids=TOKENS[:1]).last_hidden_state
    assert alone.numpy() == pytest.approx(whole.numpy(), abs=1e-5)
    for row, expected, mask in zip(found, right, MASK.bool(), strict=True):
        assert row[mask].numpy() == pytest.approx(expected[mask].numpy(), abs=1e-5)
    return asked > 0


@pytest.mark.parametrize("heads", [1, 4])
def test_the_layers_are_computed_in_few_calls(heads: int) -> None:
    assert not is_own(small(num_attention_heads=heads))


def test_in_bfloat16_they_give_the_same_but_for_its_rounding() -> None:
    model = small().to(torch.bfloat16)
    with torch.inference_mode():
        found = bert.forward(model)(TOKENS, MASK).float()
        right = model(input_ids=TOKENS, attention_mask=MASK).last_hidden_state.float()
    for row, expected, mask in zip(found, right, MASK.bool(), strict=True):
        assert row[mask].numpy() == pytest.approx(expected[mask].numpy(), abs=0.05)


@pytest.mark.parametrize(
    "settings",
    [{"hidden_act": "relu"}, {"is_decoder": True}],
    ids=str,
)
def test_another_kind_of_bert_is_computed_by_its_own_library(settings: dict[str, Any]) -> None:
    assert is_own(small(**settings))


def test_another_model_is_computed_by_its_own_library() -> None:
    sizes = {"vocab_size": 12, "dim": 32, "n_layers": 1, "n_heads": 4, "hidden_dim": 48}
    assert is_own(DistilBertModel(DistilBertConfig(**sizes)).eval())


def test_it_can_be_made_within_inference_mode() -> None:
    with torch.inference_mode():
        assert not is_own(small())
