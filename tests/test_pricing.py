"""What answers cost: never 0 where it is not known, and from no network."""

from __future__ import annotations

import socket

import pytest

from nerharness.errors import UsageError
from nerharness.pricing import Budget, GivenPrice, find_price, priced
from nerharness.types import Usage

OPENAI = "https://api.openai.com/v1"


def test_usages_add_up_and_what_is_unknown_is_counted() -> None:
    known, unknown = Usage(10, 5, 2, cost=0.5), Usage(10, 5, unpriced=1)
    assert known + known == Usage(20, 10, 4, cost=1.0)
    assert known + unknown == Usage(20, 10, 2, cost=0.5, unpriced=1)
    assert unknown + unknown == Usage(20, 10, unpriced=2)
    assert Usage() + known == known + Usage() == known


def test_given_prices_are_per_million_tokens() -> None:
    price = find_price(None, OPENAI, price_in=2.0, price_out=8.0)
    assert price == GivenPrice(2.0, 8.0)
    assert priced(Usage(1000, 100), price) == Usage(1000, 100, cost=0.0028)
    assert price.describe() == {"source": "given", "input": 2.0, "output": 8.0}


@pytest.mark.parametrize(
    ("given", "flag"),
    [((1.0, None), "--price-out"), ((None, 1.0), "--price-in"), ((-1.0, 1.0), "--price-in"),
     ((1.0, float("inf")), "--price-out"), ((float("nan"), 1.0), "--price-in")],
)  # fmt: skip
def test_prices_that_cannot_be(given: tuple[float | None, float | None], flag: str) -> None:
    with pytest.raises(UsageError, match=flag):
        find_price("m", OPENAI, price_in=given[0], price_out=given[1])


def test_the_list_knows_models_batches_and_what_was_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("genai_prices")
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    live, batch = (
        find_price("gpt-4.1-mini", OPENAI, price_in=None, price_out=None, batch=one)
        for one in (False, True)
    )
    assert live is not None
    assert batch is not None
    cost = live.cost(Usage(10_000, 500))
    assert 0 < batch.cost(Usage(10_000, 500)) < cost
    assert 0 < live.cost(Usage(10_000, 500, cached_tokens=9_000)) < cost
    said = live.describe()
    assert str(said["source"]).startswith("genai-prices ")
    assert cost == pytest.approx((10_000 * said["input"] + 500 * said["output"]) / 1e6)


def _no_network(*_: object) -> None:
    raise AssertionError("the network is asked")


@pytest.mark.parametrize(
    ("model", "url"),
    [("no-such-model", OPENAI), (None, OPENAI), ("gpt-4.1-mini", "http://127.0.0.1:8000/v1")],
)
def test_what_is_not_listed_is_unknown_and_not_free(model: str | None, url: str) -> None:
    price = find_price(model, url, price_in=None, price_out=None)
    assert price is None
    assert priced(Usage(7, 3), price) == Usage(7, 3, unpriced=1)


def test_an_answer_without_token_counts_has_no_known_cost() -> None:
    assert priced(Usage(), GivenPrice(1, 1)) == Usage(unpriced=1)


def test_a_budget_is_used_up_by_cost_or_by_what_nobody_knows() -> None:
    budget = Budget(1.0, Usage(cost=0.5))
    assert not budget.used_up
    assert budget.bears(0.5)
    assert not budget.bears(0.6)
    budget.add(Usage(cost=0.5))
    assert budget.used_up
    assert "$1.0000 of $1 is spent" in str(budget.stop())
    unknown = Budget(1.0)
    unknown.add(Usage(7, 3, unpriced=1))
    assert unknown.used_up
    assert "without what it costs" in str(unknown.stop())
