"""Attention of lessons in products, beside torch's own under a mask of the whole row."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs nerharness[train]")

from nerharness.training.lesson_attention import attend  # noqa: E402


def places(shared: int, sizes: list[int]) -> torch.Tensor:
    begins = [shared + sum(sizes[:place]) for place in range(len(sizes))]
    width = max(sizes)
    return torch.tensor(
        [
            [*range(begin, begin + size), *[-1] * (width - size)]
            for begin, size in zip(begins, sizes, strict=True)
        ]
    )


def under_a_mask(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, shared: int, sizes: list[int]
) -> torch.Tensor:
    owner = torch.tensor([0] * shared + [n for n, size in enumerate(sizes, 1) for _ in range(size)])
    seen = ((owner[:, None] == owner) | (owner == 0)).tril()
    heads = len(query) // len(key)
    found = torch.nn.functional.scaled_dot_product_attention(
        query[None],
        key.repeat_interleave(heads, 0)[None],
        value.repeat_interleave(heads, 0)[None],
        attn_mask=seen,
        scale=0.3,
    )
    return found[0].transpose(0, 1)


def drawn(shared: int, sizes: list[int], dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    torch.manual_seed(3)
    tokens = shared + sum(sizes)
    return [
        torch.randn(heads, tokens, 16).to(dtype).requires_grad_()
        for heads in (6, 2, 2)  # three heads share keys and values
    ]


CASES = [
    (3, [4, 2, 6]),
    (0, [4, 2, 6]),
    (1, [1, 1]),
    (40, [1]),
    (20, [40, 41, 45, 50]),
]


@pytest.mark.parametrize(("shared", "sizes"), CASES)
def test_found_and_gradients_are_those_under_a_mask(shared: int, sizes: list[int]) -> None:
    states = drawn(shared, sizes)
    expected = under_a_mask(*states, shared, sizes)
    found = attend(*states, places(shared, sizes), 0.3)
    torch.testing.assert_close(found, expected, atol=2e-6, rtol=1e-4)
    weight = torch.randn_like(expected)
    others = torch.autograd.grad((expected * weight).sum(), states)
    own = torch.autograd.grad((found * weight).sum(), states)
    torch.testing.assert_close(own, others, atol=1e-5, rtol=1e-4)


def test_no_lesson_sees_another() -> None:
    shared, sizes = CASES[0]
    states = drawn(shared, sizes)
    found = attend(*states, places(shared, sizes), 0.3)
    second = slice(shared + sizes[0], shared + sizes[0] + sizes[1])
    _, key, value = torch.autograd.grad(found[second].sum(), states)
    seen = value.abs().sum((0, 2)) > 0
    assert seen.tolist() == [True] * 3 + [False] * 4 + [True] * 2 + [False] * 6
    assert key.abs().sum((0, 2))[~seen].max() == 0


def test_in_bfloat16_it_is_right_to_that_precision() -> None:
    shared, sizes = CASES[-1]
    exact = under_a_mask(*drawn(shared, sizes), shared, sizes)
    states = drawn(shared, sizes, torch.bfloat16)
    found = attend(*states, places(shared, sizes), 0.3)
    assert found.dtype == torch.bfloat16
    assert (found - exact).norm() < 0.01 * exact.norm()
    found.float().square().sum().backward()
    assert all(one.grad is not None and one.grad.dtype == torch.bfloat16 for one in states)
