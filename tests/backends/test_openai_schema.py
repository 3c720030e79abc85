"""Structured outputs, and servers that refuse them or other parts of a request."""

from __future__ import annotations

from typing import Any

import pytest
from backends.server import Reply, Request, refused, said
from backends.talking import Talking, answer, ask, complete

from nerharness.types import Completion, Constraint, Sampling

pytest.importorskip("openai")

SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
HELD = Constraint('start: "{}"', SCHEMA)


def shape(request: Request) -> str:
    """Return the type of the response format that was asked for."""
    return str(request.body.get("response_format", {}).get("type", "none"))


def test_a_schema_is_asked_for_strictly(talking: Talking) -> None:
    backend, server = talking()
    answer(backend, constraint=HELD)
    assert server.asked[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }


def test_without_a_schema_the_answer_is_free(talking: Talking) -> None:
    backend, server = talking()
    answer(backend, constraint=Constraint('start: "x"'))
    assert shape(server.asked[0]) == "none"


def only(*taken: str, status: int = 400, message: str = "unknown response_format {}") -> Any:
    """Refuse all shapes but those taken."""

    def script(request: Request) -> Reply:
        wanted = shape(request)
        if wanted in taken:
            return said(request.question.upper())
        return refused(status, message.format(wanted))

    return script


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize(
    ("taken", "steps"),
    [
        (("json_object", "none"), ["json_schema", "json_object"]),
        (("none",), ["json_schema", "json_object", "none"]),
    ],
)
def test_a_refused_shape_is_given_up_for_a_weaker_one_for_the_rest_of_the_run(
    talking: Talking, status: int, taken: tuple[str, ...], steps: list[str]
) -> None:
    backend, server = talking(only(*taken, status=status), concurrency=1)
    with pytest.warns(UserWarning, match="the server refuses json_") as noticed:
        first = complete(backend, ask("a", "b", constraint=HELD))
    assert len(noticed) == len(steps) - 1
    assert [c.text for c in first] == ["A", "B"]
    assert answer(backend, constraint=HELD).text == "GOUT"
    assert [shape(request) for request in server.asked] == [*steps, steps[-1], steps[-1]]


def test_many_prompts_that_are_refused_together_take_one_step_and_none_is_lost(
    talking: Talking,
) -> None:
    backend, server = talking(only("json_object"), concurrency=16)
    questions = [f"q{n}" for n in range(40)]
    with pytest.warns(UserWarning, match="any JSON is asked for") as noticed:
        completions = complete(backend, ask(*questions, constraint=HELD))
    assert len(noticed) == 1
    assert [c.text for c in completions] == [q.upper() for q in questions]
    assert {shape(request) for request in server.asked} == {"json_schema", "json_object"}


def test_a_server_that_fails_to_validate_the_shape_refuses_it(talking: Talking) -> None:
    fault = (
        "1 validation error: {'loc': ('body', 'response_format', 'type'), 'input': 'json_schema'}"
    )

    def script(request: Request) -> Reply:
        return refused(500, fault) if shape(request) == "json_schema" else said("{}")

    backend, server = talking(script)
    with pytest.warns(UserWarning, match="the server refuses json_schema, any JSON is asked for"):
        assert answer(backend, constraint=HELD).text == "{}"
    assert [shape(request) for request in server.asked] == ["json_schema", "json_object"]


def test_another_complaint_changes_no_shape(talking: Talking) -> None:
    backend, server = talking(lambda _: refused(400, "the context is too small"))
    completion = answer(backend, constraint=HELD)
    assert completion == Completion("", "error", error="HTTP 400: the context is too small")
    assert [shape(request) for request in server.asked] == ["json_schema"]


REFUSALS = {
    "max_tokens": "Unsupported parameter: 'max_tokens', use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    "seed": '{"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}',
    "logprobs": "logprobs is not supported by this model",
}


@pytest.mark.filterwarnings("ignore:the server refuses", "ignore:the server gives no")
@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("with_param", [False, True])
def test_a_refused_field_is_left_out(talking: Talking, name: str, with_param: bool) -> None:
    def script(request: Request) -> Reply:
        if name in request.body:
            return refused(400, REFUSALS[name], param=name if with_param else None)
        return said("fine")

    backend, server = talking(script)
    for _ in range(2):
        completion = answer(backend, sampling=Sampling(0.5, 3), logprobs=True, max_tokens=9)
        assert completion.text == "fine"
    assert [name in request.body for request in server.asked] == [True, False, False]
    others = {"temperature", "seed", "logprobs"} - {name}
    assert others <= server.asked[-1].body.keys()
    limit = "max_completion_tokens" if name == "max_tokens" else "max_tokens"
    assert server.asked[-1].body[limit] == 9


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: the model's context is 8192",
        f"invalid messages: {'gout ' * 100} temperature seed logprobs",
    ],
)
def test_what_is_not_refused_is_kept(talking: Talking, message: str) -> None:
    backend, server = talking(lambda _: refused(400, message))
    assert answer(backend, sampling=Sampling(0.5, 3)).finish == "error"
    assert len(server.asked) == 1
