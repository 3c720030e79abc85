"""The `openai` backend by the Responses API."""

from __future__ import annotations

from typing import Any

import pytest
from backends.server import Reply, Request, refused
from backends.talking import Talking, answer, ask, complete

from nerharness.types import Completion, Constraint, Finish, Message, Prompt, Sampling, Token, Usage

pytest.importorskip("openai")

READ = Usage(7, 3, cached_tokens=2, unpriced=1)
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}


def written(text: str | None, status: str = "completed", **rest: Any) -> Reply:
    """Answer with a text; `None` for a refusal."""
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if text is None:
        part = {"type": "refusal", "refusal": "I will not"}
    if "logprobs" in rest:
        part["logprobs"] = rest.pop("logprobs")
    reasoning = {"type": "reasoning", "summary": []}
    message = {"type": "message", "role": "assistant", "content": [part]}
    usage = {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 2},
        "output_tokens": 3,
    }
    body = {"model": "tiny-2026", "status": status, "output": [reasoning, message], "usage": usage}
    return Reply({**body, **rest})


def test_a_prompt_is_asked_and_nothing_is_kept(talking: Talking) -> None:
    backend, server = talking(lambda _: written("GOUT"), api="responses")
    turns = (Message("system", "be brief"), Message("user", "gout"))
    assert complete(backend, [Prompt(turns, 20)]) == [Completion("GOUT", "stop", READ)]
    (request,) = server.asked
    assert request.path == "/v1/responses"
    assert request.body == {
        "model": "tiny",
        "input": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "gout"},
        ],
        "max_output_tokens": 20,
        "temperature": 0,
        "store": False,
    }
    assert backend.identity["api"] == "responses"


def test_thoughts_have_room_and_are_counted(talking: Talking) -> None:
    usage = {"input_tokens": 7, "output_tokens": 30}
    usage["output_tokens_details"] = {"reasoning_tokens": 25}  # type: ignore[assignment]
    backend, server = talking(lambda _: written("x", usage=usage), api="responses")
    assert answer(backend, max_tokens=70, reasoning_tokens=50).usage.reasoning_tokens == 25
    assert server.asked[0].body["max_output_tokens"] == 70


def test_the_least_that_the_server_writes_is_asked_for(talking: Talking) -> None:
    backend, server = talking(lambda _: written("x"), api="responses")
    answer(backend, max_tokens=3)
    assert server.asked[0].body["max_output_tokens"] == 16


@pytest.mark.parametrize(
    ("reply", "text", "finish"),
    [
        (written("x"), "x", "stop"),
        (written("x", "incomplete"), "x", "length"),
        (
            written("x", "incomplete", incomplete_details={"reason": "max_output_tokens"}),
            "x",
            "length",
        ),
        (
            written("x", "incomplete", incomplete_details={"reason": "content_filter"}),
            "x",
            "filtered",
        ),
        (written(None), "", "filtered"),
        (written("", output=[]), "", "stop"),
    ],
)
def test_what_ends_an_answer_is_an_outcome(
    talking: Talking, reply: Reply, text: str, finish: Finish
) -> None:
    backend, server = talking(lambda _: reply, api="responses")
    assert answer(backend) == Completion(text, finish, READ)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply("garbage"),
        written("x", "failed"),
        written("x", "in_progress"),
        written("x", output=None),
        written("x", output=[1]),
        written("x", output=[{"type": "message", "content": "x"}]),
        written("x", error={"code": "server_error", "message": "oops"}),
        written("x", error={"code": "rate_limit_exceeded", "message": "slow down"}),
    ],
)
def test_what_is_no_answer_is_asked_again(talking: Talking, reply: Reply) -> None:
    replies = iter([reply, reply, written("fine")])
    backend, _ = talking(lambda _: next(replies), api="responses")
    assert answer(backend).text == "fine"


def test_a_prompt_that_is_refused_is_not_asked_again(talking: Talking) -> None:
    error = {"code": "invalid_prompt", "message": "no"}
    backend, server = talking(lambda _: written("", error=error), api="responses")
    assert answer(backend).error == "HTTP 400: no"
    assert len(server.asked) == 1


def test_log_probabilities_and_a_schema(talking: Talking) -> None:
    logprobs = [{"token": "{}", "logprob": -0.5, "bytes": [123, 125]}]
    backend, server = talking(lambda _: written("{}", logprobs=logprobs), api="responses")
    found = answer(backend, logprobs=True, constraint=Constraint("", SCHEMA))
    assert found.tokens == (Token("{}", -0.5),)
    body = server.asked[0].body
    assert body["include"] == ["message.output_text.logprobs"]
    shape = {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}
    assert body["text"] == {"format": shape}


@pytest.mark.filterwarnings("ignore:the server refuses")
def test_what_is_refused_is_left_out(talking: Talking) -> None:
    def script(request: Request) -> Reply:
        for name, said in {
            "temperature": "Unsupported parameter: 'temperature' is not supported.",
            "include": "logprobs are not supported with this model.",
            "store": "Extra inputs are not permitted: store",
            "text": "Invalid schema for text.format",
        }.items():
            if name in request.body:
                return refused(400, said)
        return written("fine")

    backend, server = talking(script, api="responses")
    for _ in range(2):
        assert answer(backend, logprobs=True, constraint=Constraint("", SCHEMA)).text == "fine"
    assert len(server.asked) == 7
    assert server.asked[-1].body.keys() == {"model", "input", "max_output_tokens"}


def test_that_there_is_no_seed_is_said_once(talking: Talking) -> None:
    backend, server = talking(lambda _: written("x"), api="responses")
    with pytest.warns(UserWarning, match="no seed") as noticed:
        complete(backend, ask("a", "b", sampling=Sampling(0.7, 5)))
    assert len(noticed) == 1
    assert all("seed" not in request.body for request in server.asked)
    assert server.asked[0].body["temperature"] == 0.7
