"""What the backend asks, and what it makes of answers: a scripted server on the loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from scripted import (
    BOUND,
    KEY,
    SCHEMA,
    Reply,
    Request,
    Talking,
    ask,
    called,
    complete,
    echo,
    first,
    message,
    refused,
    said,
)

pytest.importorskip("anthropic", reason="needs anthropic")

from nerharness.errors import ModelNotFoundError, RunError, Stopped, UsageError
from nerharness.plugin import load_host
from nerharness.pricing import Budget, find_price
from nerharness.testing import check_backend
from nerharness.types import (
    Completion,
    Constraint,
    Message,
    Prompt,
    Sampling,
    Usage,
)

READ = Usage(127, 3, cached_tokens=100, unpriced=1)


def as_a_server(request: Request) -> Reply:
    body = request.body
    if len(request.question) > 10_000:
        return refused(400, "prompt is too long: 50000 tokens > 20000 maximum")
    if "tools" in body:
        return called({"verdict": "keep"})
    words = ["one", "two", "three", "four", "five"]
    cut = words[: body["max_tokens"]]
    stop = "end_turn" if cut == words else "max_tokens"
    return said(" ".join(cut), stop=stop, usage={"input_tokens": 5, "output_tokens": len(cut)})


def test_it_keeps_the_contract(talking: Talking) -> None:
    backend, _ = talking(as_a_server)
    check_backend(backend, plain_text=False, secrets=[KEY])


def test_a_prompt_becomes_a_request(talking: Talking) -> None:
    backend, server = talking(max_tokens=50)
    turns = [("system", "S"), ("user", "a"), ("assistant", "b"), ("user", "c")]
    prompt = Prompt(tuple(Message(role, text) for role, text in turns), 200)  # type: ignore[arg-type]
    (completion,) = complete(backend, [prompt])
    assert completion == Completion("C", "stop", READ)
    assert server.asked[0].body == {
        "model": "claude-tiny",
        "max_tokens": 50,
        "system": [{"type": "text", "text": "S"}],
        "messages": [
            {"role": role, "content": [{"type": "text", "text": text}]} for role, text in turns[1:]
        ],
        "thinking": {"type": "disabled"},
    }
    assert KEY in json.dumps(dict(server.asked[0].headers))


def test_a_schema_is_a_tool_that_has_to_be_called(talking: Talking) -> None:
    backend, server = talking(lambda _: called({"x": "é"}))
    (completion,) = complete(backend, ask("q", constraint=BOUND))
    assert (completion.text, completion.finish) == ('{"x": "é"}', "stop")
    body = server.asked[0].body
    (tool,) = body["tools"]
    assert (tool["input_schema"], tool["strict"]) == (SCHEMA, True)
    assert body["tool_choice"] == {
        "type": "tool",
        "name": tool["name"],
        "disable_parallel_tool_use": True,
    }


def test_a_grammar_alone_leaves_the_answer_free(talking: Talking) -> None:
    backend, server = talking()
    assert complete(backend, ask("q", constraint=Constraint('start: "x"')))[0].text == "Q"
    assert "tools" not in server.asked[0].body
    assert backend.abilities == {"schema"}
    assert load_host().find("backends", "anthropic").abilities == backend.abilities


@pytest.mark.parametrize("name", ["thinking", "strict"])
def test_what_a_model_does_not_take_is_left_out_from_then_on(talking: Talking, name: str) -> None:
    def script(request: Request) -> Reply:
        if name in json.dumps(request.body):
            return refused(400, f"{name}: not supported by this model")
        return called({"x": "y"})

    backend, server = talking(script, concurrency=1)
    with pytest.warns(UserWarning, match=f"takes no '{name}'"):
        texts = [one.text for one in complete(backend, ask("a", "b", constraint=BOUND))]
    assert texts == ['{"x": "y"}'] * 2
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("reply", "completion"),
    [
        (said("so f", stop="max_tokens"), Completion("so f", "length", READ)),
        (
            said("", stop="model_context_window_exceeded"),
            Completion("", "length", READ),
        ),
        (said("No.", stop="refusal"), Completion("No.", "filtered", READ)),
        (message(stop="refusal"), Completion("", "filtered", READ)),
        (called({"x": 1}, stop="max_tokens"), Completion('{"x": 1}', "length", READ)),
        (
            message({"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}),
            Completion("a", "stop", READ),
        ),
        (said("a", usage=None), Completion("a", "stop", Usage(unpriced=1))),
        (said("a", usage={"input_tokens": "many"}), Completion("a", "stop", Usage(unpriced=1))),
    ],
)
def test_each_end_of_an_answer_is_an_outcome(
    talking: Talking, reply: Reply, completion: Completion
) -> None:
    backend, _ = talking(lambda _: reply)
    assert complete(backend, ask("q")) == [completion]


def test_a_drain_begins_no_more_prompts_and_finishes_what_is_under_way(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.05), concurrency=32)
    found = []
    for index, _ in backend.generate(ask(*map(str, range(60)))):
        found.append(index)
        backend.drain()
    assert len(found) == len(server.asked) <= 20
    assert len(complete(backend, ask(*map(str, range(60))))) == 60


def test_a_redirect_is_not_followed(talking: Talking) -> None:
    backend, server = talking()
    _, other = talking()
    server.script = lambda _: Reply("", 307, {"location": f"{other.url}/v1/messages"})
    with pytest.raises(RunError, match="answers no prompt any more: HTTP 307"):
        complete(backend, ask("a patient's note"))
    assert server.asked
    assert not other.asked


def test_no_request_says_what_machine_this_is(talking: Talking) -> None:
    backend, server = talking()
    complete(backend, ask("q"))
    assert server.looked_up
    for request in (*server.looked_up, *server.asked):
        added = {name for name in request.headers if name.startswith("x-stainless")}
        assert added <= {"x-stainless-raw-response"}


def test_a_round_is_large_enough_for_all_that_may_be_asked_at_once(talking: Talking) -> None:
    backend, _ = talking(concurrency=200)
    assert backend.window == 800


PRICES = {"price_in": 10_000.0, "price_out": 10_000.0}
EACH = 1.3
"""US dollars for the 127 + 3 tokens of an answer."""


def test_each_answer_has_its_cost_even_one_that_cannot_be_read(talking: Talking) -> None:
    backend, _ = talking(first(message({"type": "text", "text": 3})), **PRICES)
    (found,) = complete(backend, ask("q"))
    assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (254, 6)
    assert found.usage.cost == pytest.approx(2 * EACH)
    assert backend.observed["spent"] == pytest.approx(2 * EACH)
    assert backend.observed["tokens"]["output_tokens"] == 6


def test_nothing_is_begun_when_the_budget_is_used_up(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.02), concurrency=4, **PRICES)
    backend.budget = Budget(10 * EACH)
    found = []
    with pytest.raises(Stopped, match="is spent: nothing more is asked"):
        found.extend(backend.generate(ask(*map(str, range(50)))))
    assert 10 <= len(found) == len(server.asked) <= 13


def test_prompts_that_come_while_others_are_answered_are_asked_within_the_budget(
    talking: Talking,
) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.02), concurrency=2, **PRICES)
    assert backend.grows
    backend.budget = Budget(10 * EACH)
    prompts, found = ask("0", "1", "2", "3"), {}
    with pytest.raises(Stopped, match="is spent: nothing more is asked"):
        for index, completion in backend.generate(prompts):
            found[index] = completion.text
            prompts += ask(str(len(prompts)))
    assert found == {number: str(number) for number in range(len(found))}
    assert 10 <= len(found) == len(server.asked) <= 11


def test_a_listed_price_counts_what_is_written_to_the_cache() -> None:
    from nerharness_anthropic.answer import completion

    pytest.importorskip("genai_prices")
    price = find_price(
        "claude-sonnet-4-5", "https://api.anthropic.com", price_in=None, price_out=None
    )
    assert price is not None
    answer = said("x").body
    plain = {**answer, "usage": {"input_tokens": 127, "output_tokens": 3}}
    written = {**answer, "usage": {"cache_creation_input_tokens": 127, "output_tokens": 3}}
    read = {**answer, "usage": {"cache_read_input_tokens": 127, "output_tokens": 3}}
    costs = [completion(one, price).usage.cost or 0 for one in (read, plain, written)]
    assert costs == sorted(set(costs))


def test_many_are_asked_at_once_and_no_more_than_allowed(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.01), concurrency=6)
    texts = [str(number) for number in range(60)]
    assert [one.text for one in complete(backend, ask(*texts))] == texts
    assert max(server.at_once) == 6


def test_what_is_observed_tells_who_answered_and_what_the_cache_gave(talking: Talking) -> None:
    backend, _ = talking()
    assert backend.observed == {}
    complete(backend, ask("a", "b"))
    assert backend.observed == {
        "answered": [{"model": "claude-tiny-2026", "answers": 2}],
        "tokens": {
            "input_tokens": 14,
            "cache_creation_input_tokens": 40,
            "cache_read_input_tokens": 200,
            "output_tokens": 6,
        },
    }


def test_closing_early_cancels_what_is_under_way(talking: Talking) -> None:
    backend, server = talking(
        lambda r: said(r.question, after=0.0 if r.question == "0" else 30), concurrency=4
    )
    answers = backend.generate(ask(*map(str, range(20))))
    assert next(answers)[0] == 0
    answers.close()
    time.sleep(0.2)  # what had been sent by then arrives
    asked = len(server.asked)
    time.sleep(0.1)
    assert len(server.asked) == asked < 20
    server.script = echo
    assert complete(backend, ask("q"))[0].text == "Q"


def test_a_forgotten_backend_leaves_no_thread(talking: Talking) -> None:
    from nerharness_anthropic.backend import AnthropicBackend

    _, server = talking()
    before = threading.active_count()
    made = AnthropicBackend(
        model="claude-tiny", base_url=server.url, api_key_env="ANTHROPIC_API_KEY",
        api_key_file=None, check_model=True, max_tokens=9, concurrency=2, request_timeout=5.0,
        deadline=5.0, retries=0, prompt_cache=True,
    )  # fmt: skip
    assert threading.active_count() > before
    del made
    gc.collect()
    assert threading.active_count() == before


def test_a_model_that_the_server_does_not_know_is_refused_at_once(talking: Talking) -> None:
    with pytest.raises(ModelNotFoundError, match=r"knows no model 'claude-tiny'.*--no-check-model"):
        talking(known=refused(404, "model: claude-tiny", "not_found_error"))
    backend, _ = talking(known=refused(404, "no"), check_model=False)
    assert complete(backend, ask("q"))[0].text == "Q"


def test_a_key_that_is_refused_is_told_without_the_key(talking: Talking) -> None:
    with pytest.raises(
        UsageError, match=r"refuses the API key: HTTP 401: invalid \[key\]"
    ) as found:
        talking(known=refused(401, f"invalid {KEY}", "authentication_error"))
    assert KEY not in str(found.value)


def test_a_server_that_is_not_there_is_one_line(talking: Talking) -> None:
    with pytest.raises(UsageError, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        talking(base_url="http://127.0.0.1:9")


def test_a_key_comes_from_a_file_that_no_one_else_can_read(
    talking: Talking, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text("sk-ant-from-the-file\n")
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        talking(api_key_file=str(file))
    file.chmod(0o600)
    backend, server = talking(api_key_file=str(file))
    complete(backend, ask("q"))
    assert "sk-ant-from-the-file" in json.dumps(dict(server.asked[0].headers))


def test_without_a_key_anthropics_own_server_is_not_asked(
    talking: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(UsageError, match="needs an API key, and none is set"):
        talking(base_url="https://api.anthropic.com")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"model": None}, "--model: which model"),
        ({"base_url": "http://me:secret@host"}, "--base-url: no address"),
        ({"base_url": "host"}, "--base-url: no address"),
        ({"max_tokens": 0}, "--max-tokens"),
        ({"concurrency": 0}, "--concurrency"),
        ({"retries": -1}, "--retries"),
        ({"deadline": 0.0}, "--deadline"),
        ({"request_timeout": float("inf")}, "--request-timeout"),
    ],
)
def test_options_out_of_range_are_refused(
    talking: Talking, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason) as found:
        talking(**options)
    assert "secret" not in str(found.value)


def test_the_key_is_in_nothing_that_is_shown(
    talking: Talking, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    backend, _ = talking(lambda _: refused(400, f"no: {KEY}"))
    (completion,) = complete(backend, ask("q"))
    shown = [completion, backend.identity, backend.observed, repr(backend), vars(backend)]
    assert KEY not in repr(shown)
    assert KEY not in caplog.text


def test_sampling_is_not_among_the_abilities(talking: Talking) -> None:
    backend, server = talking()
    complete(backend, ask("q", sampling=Sampling(1.0, 3)))
    assert "temperature" not in server.asked[0].body


def test_an_answer_that_says_the_key_does_not_hold_it(talking: Talking) -> None:
    backend, _ = talking(lambda _: said(f"it is {KEY}"))
    assert complete(backend, ask("q"))[0].text == "it is [key]"


def test_it_can_be_asked_from_inside_an_event_loop(talking: Talking) -> None:
    backend, _ = talking()

    async def inside() -> list[Completion]:
        return complete(backend, ask("q"))

    assert asyncio.run(inside())[0].text == "Q"
