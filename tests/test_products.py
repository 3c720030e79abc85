"""Weights that are laid out give the products that they gave before."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from torch import nn
from torch.nn.functional import linear
from transformers import LlamaConfig, LlamaForCausalLM

from nerharness import products
from nerharness.products import laid_out, lay_out, product

HERE = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
TOKENS = torch.tensor([[2, 7, 9, 8, 3], [2, 5, 3, 1, 4]])


def weights(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(48, 32, dtype=dtype), torch.randn(48, dtype=dtype)


def small() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=12,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config).to(torch.bfloat16).eval()


@torch.inference_mode()
def said(model: LlamaForCausalLM) -> torch.Tensor:
    found: torch.Tensor = model(input_ids=TOKENS).logits.float()
    return found


def linears(model: nn.Module) -> int:
    return sum(type(layer) is nn.Linear for layer in model.modules())


@pytest.mark.parametrize("rows", [(1, 32), (3, 5, 32), (200, 32)])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_a_product_is_that_of_torch(dtype: torch.dtype, rows: tuple[int, ...]) -> None:
    weight, bias = weights(dtype)
    asked = torch.randn(rows, dtype=dtype)
    for added in (bias, None):
        right = linear(asked, weight, added)
        found = product(weight, added)(asked)
        assert found.dtype == dtype
        assert found.float().numpy() == pytest.approx(right.float().numpy(), rel=0.02, abs=0.02)


@pytest.mark.skipif(not HERE, reason="no oneDNN in bfloat16 here")
def test_weights_in_bfloat16_are_laid_out_and_others_are_not() -> None:
    assert laid_out(*weights(torch.bfloat16)) is not None
    assert laid_out(*weights(torch.float32)) is None


@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError])
def test_where_torch_cannot_it_multiplies_as_usual(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        raise error("not in this build of torch")

    monkeypatch.setattr(products, "_laid_out", fail)
    weight, bias = weights(torch.bfloat16)
    assert laid_out(weight, bias) is None
    assert torch.equal(product(weight, bias)(weight), linear(weight, weight, bias))
    model = small()
    right = said(model)
    lay_out(model)
    assert linears(model) == linears(small())
    assert torch.equal(said(model), right)


def test_a_model_says_the_same_as_before() -> None:
    model = small()
    right = said(model)
    assert linears(model) > 0
    lay_out(model)
    assert (linears(model) == 0) is HERE
    assert said(model).numpy() == pytest.approx(right.numpy(), rel=0.02, abs=0.02)


def test_a_model_that_takes_weights_into_its_own_hands_stays_as_it_is() -> None:
    class Own(nn.Linear):
        """A model that multiplies by itself."""

    class Model(nn.Module):
        device = torch.device("cpu")

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4, dtype=torch.bfloat16)
            self.other = Own(4, 4, dtype=torch.bfloat16)

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return linear(torch.ones(1, 4, dtype=torch.bfloat16), self.layer.weight)

    model = Model()
    kept = (model.layer, model.other)
    with pytest.warns(UserWarning, match="Model: weights are not laid out: .*weight"):
        lay_out(model)
    assert (model.layer, model.other) == kept


def test_layers_that_do_more_or_hold_their_weights_in_their_way_stay_as_they_are() -> None:
    model = small()
    layer = model.model.layers[0]
    layer.mlp.up_proj.forward = lambda rows: rows[..., :1].expand(*rows.shape[:-1], 48)
    layer.mlp.gate_proj.register_forward_hook(lambda *_: None)
    layer.self_attn.q_proj.register_forward_pre_hook(lambda *_: None)
    right = said(model)
    lay_out(model)
    assert (linears(model) == 3) is HERE
    assert said(model).numpy() == pytest.approx(right.numpy(), rel=0.02, abs=0.02)


def test_a_model_in_float32_is_not_even_asked() -> None:
    model = small().float()
    model.forward = None  # type: ignore[assignment]
    lay_out(model)
    assert linears(model) == linears(small())
