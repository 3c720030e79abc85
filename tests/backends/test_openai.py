"""The `openai` backend beside a scripted server: what is asked, and what is made of answers."""

from __future__ import annotations

import json
import math
import socket
from dataclasses import replace
from typing import Any

import pytest
from backends.server import MODELS, Reply, alone, refused, said
from backends.talking import KEY, Talking, answer, ask, complete

from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.dialogue import answers
from nerharness.types import Completion, Finish, Message, Prompt, Sampling, Token, Usage

pytest.importorskip("openai")

READ = Usage(7, 3, unpriced=1)


def test_a_prompt_is_asked_as_it_is_and_answered(talking: Talking) -> None:
    backend, server = talking()
    turns = (Message("system", "be brief"), Message("user", "gout"))
    assert complete(backend, [Prompt(turns, 20)]) == [Completion("GOUT", "stop", READ)]
    (request,) = server.asked
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "gout"},
        ],
        "max_tokens": 20,
        "temperature": 0,
    }


def test_prompts_that_come_while_others_are_answered_are_asked_too(talking: Talking) -> None:
    backend, server = talking(lambda request: said(request.question, after=0.05), concurrency=2)
    assert backend.grows
    prompts = ask("0", "1", "2", "3")
    found = {}
    for index, completion in backend.generate(prompts):
        found[index] = completion.text
        if len(prompts) < 9:
            prompts += ask(str(len(prompts)))
    assert found == {number: str(number) for number in range(9)}
    assert sorted(server.questions) == [str(number) for number in range(9)]


def test_a_prompt_that_comes_late_does_not_wait_for_a_slow_answer(talking: Talking) -> None:
    waits = {"slow": 30.0}
    backend, _ = talking(lambda r: said("yes", after=waits.get(r.question, 0)), concurrency=4)
    prompts, found = ask("slow", "fast"), []
    for index, _ in backend.generate(prompts):
        found.append(index)
        if len(found) == 2:
            break
        prompts += ask("late")
    assert found == [1, 2]


def test_no_answer_is_longer_than_the_bound(talking: Talking) -> None:
    backend, server = talking(max_tokens=30)
    complete(backend, [*ask("a", max_tokens=50), *ask("b"), *ask("c", max_tokens=10)])
    limits = {request.question: request.body["max_tokens"] for request in server.asked}
    assert limits == {"a": 30, "b": 30, "c": 10}


def test_room_for_reasoning_is_room_for_more_tokens(talking: Talking) -> None:
    backend, server = talking(max_tokens=100)
    answer(backend, max_tokens=20 + 50, reasoning_tokens=50)
    answer(backend, max_tokens=300 + 50, reasoning_tokens=50)
    assert [request.body["max_tokens"] for request in server.asked] == [70, 150]


def test_sampling_is_passed_on(talking: Talking) -> None:
    backend, server = talking()
    answer(backend, sampling=Sampling(0.7, 5))
    assert (server.asked[0].body["temperature"], server.asked[0].body["seed"]) == (0.7, 5)


@pytest.mark.parametrize(
    ("reply", "finish"),
    [
        (said("x", "stop"), "stop"),
        (said("x", "length"), "length"),
        (said("x", "model_length"), "length"),
        (said("x", "content_filter"), "filtered"),
        (said("x", "eos"), "stop"),
        (said("x", None), "stop"),
    ],
)
def test_finish_reasons_are_mapped(talking: Talking, reply: Reply, finish: Finish) -> None:
    backend, _ = talking(lambda _: reply)
    assert answer(backend) == Completion("x", finish, READ)


def test_refusals_are_filtered_and_an_empty_answer_is_one(talking: Talking) -> None:
    replies = {
        "refused": said(None, refusal="I will not"),
        "filtered": refused(400, "filtered", code="content_filter"),
        "empty": said(None),
    }
    backend, server = talking(lambda request: replies[request.question])
    finishes = [(c.text, c.finish) for c in complete(backend, ask(*replies))]
    assert finishes == [("", "filtered"), ("", "filtered"), ("", "stop")]
    assert len(server.asked) == 3, "none is asked again"


GARBAGE: list[Any] = [
    "",
    "no JSON at all",
    "[" * 5000,
    "[]",
    "null",
    {},
    {"choices": []},
    {"choices": {}},
    {"choices": [None]},
    {"choices": [{"message": None}]},
    {"choices": [{"message": {"content": [1]}}]},
    {"choices": [{"message": {"content": 0}}]},
    {"choices": [{"message": {"content": []}}]},
    {"choices": [{"message": {"content": None, "tool_calls": [{}]}}]},
    {"choices": [{"message": {"content": "", "tool_calls": [{}]}}]},
    {"choices": [{"message": {"content": ""}, "finish_reason": "error"}]},
    {"choices": [{"message": {"content": "[{"}, "finish_reason": "abort"}]},
    {"choices": [{"message": {"content": "["}, "finish_reason": "insufficient_system_resource"}]},
    {"choices": [{"message": {"content": "[]"}, "error": {"message": "upstream"}}]},
    {"choices": [{"message": {"content": "[]"}, "error": "upstream"}]},
    {"error": "overloaded"},
    {"error": {"message": "upstream", "code": 502}},
]


@pytest.mark.parametrize("body", GARBAGE, ids=lambda body: str(body)[:40])
def test_garbage_is_asked_again_and_then_an_error(talking: Talking, body: Any) -> None:
    backend, server = talking(alone(Reply(body)), retries=2)
    completion = answer(backend)
    assert (completion.text, completion.finish) == ("", "error")
    assert completion.error
    assert server.questions.count("gout") == 3


def test_an_answer_that_broke_off_says_why_and_has_its_price(talking: Talking) -> None:
    body = said("", "error").body
    body["choices"][0]["error"] = {"code": 502, "message": "upstream\n died"}
    backend, _ = talking(alone(Reply(body)), retries=1)
    found = answer(backend)
    assert found.error == "the answer broke off: upstream died"
    assert found.usage.prompt_tokens >= 2 * READ.prompt_tokens


def test_an_answer_beside_calls_of_tools_is_one(talking: Talking) -> None:
    backend, _ = talking(lambda _: said("[]", "tool_calls", tool_calls=[{}]))
    assert answer(backend).text == "[]"


def test_garbage_that_passes_is_forgotten(talking: Talking) -> None:
    replies = iter([Reply("<html>"), Reply({"choices": []}), said("fine")])
    backend, _ = talking(lambda _: next(replies))
    assert answer(backend).text == "fine"


@pytest.mark.parametrize("usage", [None, 5, {}, {"prompt_tokens": "7", "completion_tokens": -1}])
def test_missing_usage_is_none(talking: Talking, usage: Any) -> None:
    backend, _ = talking(lambda _: Reply({**said("x").body, "usage": usage}))
    assert answer(backend) == Completion("x", "stop", Usage(unpriced=1))


def weighed(*tokens: tuple[str, list[int] | None]) -> dict[str, Any]:
    content = [{"token": t, "logprob": -0.5, "bytes": raw} for t, raw in tokens]
    return {"content": content}


def test_log_probabilities_make_up_the_text(talking: Talking) -> None:
    logprobs = weighed(("a", None), ("\\xc3", [0xC3]), ("\\xa9", [0xA9]), ("<|end|>", None))
    backend, server = talking(lambda _: said("aé", logprobs=logprobs))
    assert answer(backend, logprobs=True).tokens == (
        Token("a", -0.5),
        Token("", -0.5),
        Token("é", -0.5),
    )
    assert server.asked[0].body["logprobs"] is True
    assert answer(backend).tokens is None


@pytest.mark.parametrize("text", ["ab", "another text"])
def test_a_log_probability_that_is_no_number_makes_the_answer_an_error(
    talking: Talking, text: str
) -> None:
    broken = [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": math.nan}]
    backend, _ = talking(lambda _: said(text, logprobs={"content": broken}))
    ((_, found),) = answers(backend, ask("gout", logprobs=True))
    assert (found.text, found.finish) == ("", "error")
    assert "not a number (NaN)" in str(found.error)
    ((_, found),) = answers(backend, ask("gout"))
    assert found.text == text, "nobody asked for them"


@pytest.mark.parametrize(
    "logprobs",
    [None, {}, weighed(("other", None)), {"content": [{"token": "x"}]}, {"content": [None]}],
    ids=str,
)
def test_a_server_without_log_probabilities_is_noticed_once(
    talking: Talking, logprobs: Any
) -> None:
    backend, _ = talking(lambda _: said("x", logprobs=logprobs))
    with pytest.warns(UserWarning, match="no log-probabilities") as noticed:
        completions = complete(backend, ask("a", "b", logprobs=True))
    assert len(noticed) == 1
    assert [(c.text, c.tokens) for c in completions] == [("x", None)] * 2


def test_a_given_beginning_is_refused(talking: Talking) -> None:
    backend, server = talking()
    assert answer(backend, prefix="go").finish == "error"
    assert not server.asked


def test_who_answered_is_recorded_and_a_change_noticed(talking: Talking) -> None:
    names = iter(["a", "a", "b", "b"])
    marks = iter(["1", "2", "2", "2"])
    backend, server = talking(
        lambda _: said("x", model=next(names), fingerprint=next(marks)), concurrency=1
    )
    assert backend.identity == {"model": "tiny", "base_url": server.url}
    with pytest.warns(UserWarning, match="answers as 'b', before as 'a'") as noticed:
        complete(backend, ask(*"wxyz"))
    assert len(noticed) == 1
    assert backend.observed["answered"] == [
        {"model": "a", "system_fingerprint": "1", "answers": 1},
        {"model": "a", "system_fingerprint": "2", "answers": 1},
        {"model": "b", "system_fingerprint": "2", "answers": 2},
    ]


TWO = Reply({"data": [{"id": "llama3:latest"}, {"id": "qwen"}]})


def test_the_model_is_checked_before_anything_is_asked(talking: Talking) -> None:
    assert talking(models=MODELS)[0].identity["model"] == "tiny"
    assert talking(models=TWO, model="llama3")[0].identity["model"] == "llama3"
    with pytest.raises(UsageError, match=r"--model.*llama3:latest, qwen"):
        talking(models=TWO)
    with pytest.raises(ModelNotFoundError, match="'qwem'; there is qwen"):
        talking(models=TWO, model="qwem")
    assert talking(models=TWO, model="qwem", check_model=False)[0].identity["model"] == "qwem"


@pytest.mark.parametrize(
    "models", [Reply("", 404), Reply("", 403), Reply("?"), Reply([1])], ids=str
)
def test_a_server_without_a_list_of_models_is_fine(talking: Talking, models: Reply) -> None:
    backend, _ = talking(models=models, model="any")
    assert answer(backend).text == "GOUT"
    with pytest.raises(UsageError, match="--model"):
        talking(models=models)


def test_a_list_of_models_that_comes_drop_by_drop_is_not_waited_for(
    talking: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nerharness.backends.openai.models._PATIENCE", 0.3)
    with pytest.raises(UsageError, match="cannot be reached: no answer in time"):
        talking(models=replace(MODELS, drip=0.05))


def test_a_server_that_is_not_there_is_a_usage_error(talking: Talking) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(UsageError, match=rf"--base-url: {url} cannot be reached: .*Connect"):
        talking(base_url=url)


def test_the_host_offers_it_with_its_options(host: Host) -> None:
    provider = host.find("backends", "openai")
    assert provider.extra == "nerharness[openai]"
    with pytest.raises(UsageError, match="--concurrency"):
        host.make("backends", "openai", options={"concurrency": 0})
    with pytest.raises(UsageError, match="--deadline"):
        host.make("backends", "openai", options={"deadline": -1.0})
    assert json.dumps([option.default for option in provider.options])
