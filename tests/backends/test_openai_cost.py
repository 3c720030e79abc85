"""What the `openai` backend spends: counted with every answer, and stopped at a budget."""

from __future__ import annotations

from typing import Any

import pytest
from backends.server import Reply, alone, refused, said
from backends.talking import Talking, answer, ask, complete

from nerharness.errors import RunError, Stopped, UsageError
from nerharness.pricing import Budget
from nerharness.types import Usage

pytest.importorskip("openai")

PRICES = {"price_in": 100_000.0, "price_out": 100_000.0}
EACH = 1.0
"""US dollars for the 7 + 3 tokens of each answer."""


def test_each_answer_has_its_cost_and_the_backend_the_total(talking: Talking) -> None:
    backend, _ = talking(**PRICES)
    assert {c.usage for c in complete(backend, ask("a", "b"))} == {Usage(7, 3, cost=EACH)}
    assert backend.observed["spent"] == 2 * EACH
    assert backend.price.describe()["source"] == "given"


def test_an_unknown_price_is_none_and_counted(talking: Talking) -> None:
    backend, _ = talking()
    assert backend.price is None
    assert answer(backend).usage == Usage(7, 3, unpriced=1)
    assert "spent" not in backend.observed


def test_what_the_server_had_cached_is_counted(talking: Talking) -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": 5}}
    backend, _ = talking(lambda _: said("x", usage=usage))
    assert answer(backend).usage.cached_tokens == 5


@pytest.mark.parametrize(
    ("details", "counted"),
    [({"reasoning_tokens": 2}, 2), ({"reasoning_tokens": 9}, 3), ({}, 0), (None, 0), ([2], 0)],
)
def test_thoughts_are_a_part_of_what_was_written(
    talking: Talking, details: Any, counted: int
) -> None:
    usage = {"completion_tokens_details": details}
    backend, _ = talking(lambda _: said("x", usage=usage), price_in=1.0, price_out=100.0)
    found = answer(backend).usage
    assert (found.completion_tokens, found.reasoning_tokens) == (3, counted)
    assert found.cost == pytest.approx(7e-6 + 3e-4), "it is paid once"
    assert (found + found).reasoning_tokens == 2 * counted


def test_answers_that_cannot_be_read_are_paid_for_all_the_same(talking: Talking) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    replies = iter([Reply({"choices": [], "usage": usage}), refused(500, "oops"), said("fine")])
    backend, _ = talking(lambda _: next(replies), **PRICES)
    found = answer(backend)
    assert (found.text, found.usage) == ("fine", Usage(14, 6, cost=2 * EACH))
    lost, _ = talking(alone(Reply({"choices": [], "usage": usage})), retries=1, **PRICES)
    found = answer(lost)
    assert found.finish == "error"
    assert found.usage == Usage(28, 12, cost=4 * EACH), "and so is what shows whose fault it is"


def test_what_was_paid_for_no_completion_is_counted_when_the_server_answers_nobody(
    talking: Talking,
) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    backend, server = talking(
        lambda _: Reply({"choices": [], "usage": usage}), retries=1, concurrency=1, **PRICES
    )
    backend.budget = Budget(100.0)
    with pytest.raises(RunError, match="answers no prompt any more: the answer has no choices"):
        answer(backend)
    assert server.questions.count("gout") == 2
    assert server.questions.count("Say yes.") in (1, 2)
    assert backend.budget.spent == len(server.asked) * EACH


def test_nothing_is_begun_when_the_budget_is_used_up(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.02), concurrency=4, **PRICES)
    backend.budget = Budget(10.0)
    found = []
    with pytest.raises(Stopped, match="is spent: nothing more is asked"):
        found.extend(backend.generate(ask(*map(str, range(50)))))
    assert 10 <= len(found) <= 13, "no more than what was in flight"
    assert len(found) == len(server.asked), "and none of it is lost"
    assert backend.budget.spent == len(found) * EACH
    with pytest.raises(Stopped):
        next(iter(backend.generate(ask("one more"))))
    assert len(server.asked) == len(found)


def test_an_answer_of_unknown_cost_stops_a_run_with_a_budget(talking: Talking) -> None:
    backend, _ = talking(
        lambda _: Reply({**said("x").body, "usage": None}), concurrency=1, **PRICES
    )
    backend.budget = Budget(100.0)
    with pytest.raises(Stopped, match="an answer came without what it costs"):
        list(backend.generate(ask("a", "b", "c")))


def test_one_price_alone_is_refused(talking: Talking) -> None:
    with pytest.raises(UsageError, match="--price-out: both prices are needed"):
        talking(price_in=1.0)
