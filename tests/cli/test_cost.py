"""Costs from a run's first answer to its tables, and a stop at --max-cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backends.server import Server, said
from backends.talking import KEY

from nerharness.pricing import GivenPrice

pytest.importorskip("openai")

RUN = ["--backend", "openai", "--strategy", "zero-shot", "--limit", "9", "--unit", "document"]
PRICED = ["--price-in", "100000", "--price-out", "100000"]
"""A dollar for each answer, 7 tokens read and 3 written."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(lambda _: said("[]", after=0.01)) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


def test_a_run_says_what_it_cost(cli: Any, server: Server) -> None:
    outcome = cli("eval", *RUN, *PRICED, "--out", "run")
    assert outcome.code == 0
    assert "cost       $9.0000" in outcome.out
    assert json.loads(Path("run/scores.json").read_text())["usage"]["cost"] == pytest.approx(9)
    records = [json.loads(line) for line in Path("run/journal.jsonl").read_text().splitlines()]
    assert [record["usage"]["cost"] for record in records] == [1.0] * 9
    run = json.loads(Path("run/run.json").read_text())
    assert run["price"] == {"source": "given", "input": 100_000, "output": 100_000}
    assert run["observed"][0]["spent"] == 9


def test_an_unknown_cost_is_not_0(cli: Any, server: Server) -> None:
    outcome = cli("eval", *RUN, "--out", "run")
    assert "cost       unknown" in outcome.out
    usage = json.loads(Path("run/scores.json").read_text())["usage"]
    assert (usage["cost"], usage["unpriced"]) == (None, 9)


def test_max_cost_stops_like_an_interrupt_and_can_be_raised(cli: Any, server: Server) -> None:
    flags = [*RUN, *PRICED, "--concurrency", "2"]
    outcome = cli("eval", *flags, "--out", "run", "--max-cost", "4")
    assert outcome.code == 130
    assert "of $4 is spent: nothing more is asked" in outcome.err
    assert "--resume run" in outcome.err
    asked = len(server.asked)
    assert 4 <= asked <= 5
    assert len(Path("run/journal.jsonl").read_text().splitlines()) == asked, "nothing is lost"
    assert cli("eval", "--resume", "run").code == 130, "the limit is the run's, not the sitting's"
    assert len(server.asked) == asked
    outcome = cli("eval", "--resume", "run", "--max-cost", "20", "--concurrency", "3", "--json")
    assert (outcome.code, len(server.asked)) == (0, 9)
    assert outcome.json["usage"]["cost"] == pytest.approx(9)


def test_what_was_spent_on_unfinished_documents_counts_too(cli: Any, server: Server) -> None:
    assert cli("eval", *RUN, *PRICED, "--out", "run", "--max-cost", "20").code == 0
    Path("run/journal.jsonl").write_text("")
    run = json.loads(Path("run/run.json").read_text())
    run["observed"][0]["spent"] = 20
    Path("run/run.json").write_text(json.dumps(run))
    outcome = cli("eval", "--resume", "run")
    assert outcome.code == 130
    assert "$20.0000 of $20 is spent" in outcome.err


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["--max-cost", "1"], "--max-cost: what answers of this run cost is not known"),
        ([*PRICED, "--max-cost", "0"], "--max-cost must be above 0"),
        ([*PRICED, "--max-cost", "nan"], "--max-cost must be above 0"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(
    cli: Any, server: Server, flags: list[str], fault: str
) -> None:
    outcome = cli("eval", *RUN, *flags, "--out", "run")
    assert outcome.code == 2
    assert fault in outcome.err
    assert not server.asked
    assert not Path("run").exists()


def test_the_plan_estimates_the_cost_and_asks_nobody(cli: Any, server: Server) -> None:
    plan = cli("plan", *RUN, "--price-in", "1", "--price-out", "10", "--json").json
    assert 0 < plan["expected_tokens"] <= plan["answer_tokens"]
    expected = (plan["prompt_tokens"] + 10 * plan["expected_tokens"]) / 1e6
    most = (plan["prompt_tokens"] + 10 * plan["answer_tokens"]) / 1e6
    assert plan["cost"] == {"expected": pytest.approx(expected), "most": pytest.approx(most)}
    assert "cost           unknown; give --price-in" in cli("plan", *RUN).out
    assert not server.asked


def test_a_local_backend_has_no_cost_to_plan(cli: Any) -> None:
    plan = cli("plan", "--backend", "hf", "--strategy", "zero-shot", "--limit", "1", "--json").json
    assert (plan["priced"], plan["cost"]) == (False, None)


def test_conduct_may_change_when_a_run_goes_on_and_nothing_else(cli: Any, server: Server) -> None:
    assert cli("eval", *RUN, "--out", "run", "--retries", "1").code == 0
    assert cli("eval", "--resume", "run", "--retries", "3", "--deadline", "9").code == 0
    refusal = cli("eval", "--resume", "run", "--max-tokens", "9")
    assert refusal.code == 2


def test_a_budget_goes_to_no_backend_that_heeds_none(
    cli: Any, scripted: Any, host: Any, scripted_eval: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nerharness.cli.eval.load_host", lambda: host)
    backend = scripted(lambda _: "[]")
    backend.price, backend.budget, backend.folder = GivenPrice(1.0, 1.0), "small", "mine"
    outcome = cli(*scripted_eval, "--limit", "1", "--max-cost", "1", "--out", "run")
    assert outcome.code == 2
    assert "--max-cost: backend 'scripted' heeds no budget" in outcome.err
    assert cli(*scripted_eval, "--limit", "1", "--out", "run").code == 0
    assert (backend.budget, backend.folder) == ("small", "mine"), "its own"
