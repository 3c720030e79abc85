"""Layers with adapters, beside what peft computes step by step."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs nerharness[train]")
peft = pytest.importorskip("peft", reason="needs nerharness[train]")

from nerharness.training.low_rank import adding  # noqa: E402


class Pair(torch.nn.Module):  # type: ignore[misc]
    """Two layers, the first with a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Linear(12, 20), torch.nn.Linear(20, 7, bias=False)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self.second(torch.nn.functional.silu(self.first(states)))


def adapted(dropout: float = 0.0, **more: Any) -> Any:
    torch.manual_seed(5)
    config = peft.LoraConfig(
        r=4, lora_alpha=12, lora_dropout=dropout, target_modules=["first", "second"], **more
    )
    model = peft.get_peft_model(Pair(), config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    return model.train()


def gradients(model: Any, states: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
    states = states.clone().requires_grad_()
    found = model(states)
    model.zero_grad()
    (found * torch.arange(7)).sum().backward()
    trained = [parameter.grad for parameter in model.parameters() if parameter.requires_grad]
    assert len(trained) == 4
    return found.detach(), [states.grad, *trained]


def node(found: torch.Tensor) -> str:
    return type(found.grad_fn).__name__


STATES = torch.linspace(-2, 2, 3 * 5 * 12).view(3, 5, 12).sin()


def test_values_and_gradients_are_those_of_peft() -> None:
    model = adapted()
    expected, others = gradients(model, STATES)
    with adding(model):
        assert "Adapted" in node(model(STATES)), "or peft's own is compared with itself"
        found, own = gradients(model, STATES)
    assert "Adapted" not in node(model(STATES))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(own, others, atol=1e-4, rtol=1e-4)


def test_what_is_dropped_is_dropped_alike_on_the_way_back() -> None:
    """Against differences of the function itself, in float64, with what is dropped held fixed."""
    model = adapted(dropout=0.4).double()
    states = STATES[:1, :2].double().requires_grad_()
    with adding(model):

        def once(states: torch.Tensor) -> torch.Tensor:
            torch.manual_seed(9)
            return model(states)

        again = model(states), model(states)
        assert torch.autograd.gradcheck(once, (states,))
        down = model.base_model.model.first.lora_A["default"].weight
        torch.manual_seed(9)
        model(states).sum().backward()
        step, weight = 1e-6, down.detach()
        with torch.no_grad():
            weight[1, 3] += step
        more = once(states).sum()
        with torch.no_grad():
            weight[1, 3] -= step
        less = once(states).sum()
    assert not torch.equal(*again), "nothing is dropped"
    assert "Adapted" in node(again[0])
    slope = float((more - less).detach() / step)
    assert float(down.grad[1, 3]) == pytest.approx(slope, rel=1e-4)


def test_under_autocast_products_are_in_bfloat16() -> None:
    model = adapted().to(torch.bfloat16)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            parameter.data = parameter.data.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        expected, others = gradients(model, STATES)
        with adding(model):
            found, own = gradients(model, STATES)
    assert found.dtype == expected.dtype == torch.bfloat16
    torch.testing.assert_close(found, expected, atol=0.1, rtol=0.05)
    for one, other in zip(own, others, strict=True):
        assert one.dtype == other.dtype == torch.float32
        assert float((one - other).norm() / other.norm()) < 0.03


def test_other_adapters_are_left_to_peft() -> None:
    model = adapted(use_dora=True)
    with adding(model):
        assert "Adapted" not in node(model(STATES))
    model = adapted().half()
    with adding(model):
        assert "Adapted" not in node(model(STATES.half()))


def test_adapters_that_are_merged_or_off_count_as_peft_counts_them() -> None:
    model = adapted()
    with adding(model):
        with torch.no_grad():
            expected = model(STATES)
        with model.disable_adapter():
            assert not torch.allclose(model(STATES), expected)
        model.merge_adapter()
        assert "Adapted" not in node(model(STATES.clone().requires_grad_()))
        torch.testing.assert_close(model(STATES), expected)
        model.unmerge_adapter()


def test_a_model_without_adapters_is_left_as_it_is() -> None:
    model = Pair()
    with adding(model):
        assert "forward" not in vars(model.first)
