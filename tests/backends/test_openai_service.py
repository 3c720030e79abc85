"""A server that answers nobody ends the run; what it may still answer is not lost by that."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from backends.server import CUT, Reply, Request, Server, alone, echo, refused, said
from backends.talking import Talking, answer, ask, complete

from nerharness.errors import RunError

pytest.importorskip("openai")

pytestmark = pytest.mark.filterwarnings("ignore:still asking")

MANY = [f"question {n}" for n in range(60)]


def until_ended(backend: Any, *texts: str) -> tuple[dict[int, str], RunError]:
    """Return the answers that came, and the error that ended the run; no prompt is a failed one."""
    found = {}
    with pytest.raises(RunError) as end:
        for index, completion in backend.generate(ask(*texts)):
            assert completion.finish == "stop", completion.error
            found[index] = completion.text
    return found, end.value


def test_waiting_for_a_slot_takes_nothing_of_the_deadline(talking: Talking) -> None:
    """As with a model on a processor: one after the other, and each slowly."""
    backend, _ = talking(
        lambda r: said(r.question.upper(), after=0.02),
        slots=1,
        concurrency=64,
        request_timeout=0.25,
        deadline=1.2,
        retries=8,
    )
    texts = [f"question {n}" for n in range(120)]
    assert [c.text for c in complete(backend, ask(*texts))] == [one.upper() for one in texts]


REFUSALS = [
    (refused(401, "no such key"), "HTTP 401: no such key"),
    (refused(402, "pay first"), "HTTP 402: pay first"),
    (refused(403, "not for this key"), "HTTP 403: not for this key"),
    (refused(404, "no such model"), "HTTP 404: no such model"),
    (refused(429, "quota", code="insufficient_quota"), "HTTP 429: quota"),
    (refused(429, "later", headers={"retry-after": "3600"}), "asks to wait 3600 s, longer than"),
]


@pytest.mark.parametrize(("reply", "reason"), REFUSALS, ids=lambda one: str(one)[:20])
def test_a_server_that_refuses_everyone_from_some_time_on_ends_the_run(
    talking: Talking, reply: Reply, reason: str
) -> None:
    def script(request: Request) -> Reply:
        return said(request.question.upper(), after=0.1) if len(server.asked) <= 20 else reply

    backend, server = talking(script)
    found, end = until_ended(backend, *MANY)
    assert reason in str(end)
    assert "what is finished is kept" in str(end)
    assert "--resume" in str(end)
    assert len(found) == 20, "what the server had taken in is waited for"
    assert len(server.asked) < 40


@pytest.mark.parametrize(
    "reply", [refused(500, "oops"), CUT, said("late", after=9), refused(429, "slow down")]
)
def test_a_server_that_is_out_for_longer_than_a_prompt_may_take_ends_the_run(
    talking: Talking, reply: Reply
) -> None:
    def script(request: Request) -> Reply:
        return echo(request) if len(server.asked) <= 20 else reply

    backend, server = talking(script, deadline=0.8, request_timeout=0.3, retries=1)
    begun = time.monotonic()
    found, end = until_ended(backend, *MANY)
    assert "the server answers no prompt any more: " in str(end)
    assert 0 < len(found) <= 20
    assert 0.3 < time.monotonic() - begun < 9


def test_a_server_that_is_out_for_less_is_waited_for(talking: Talking) -> None:
    begun = time.monotonic()

    def script(request: Request) -> Reply:
        out = len(server.asked) > 10 and time.monotonic() < begun + 0.5
        return refused(503 if len(server.asked) % 2 else 500, "out") if out else echo(request)

    backend, server = talking(script, retries=1)
    assert [c.text for c in complete(backend, ask(*MANY))] == [one.upper() for one in MANY]


@pytest.mark.parametrize(
    "reply", [refused(500, "oops"), refused(403, "a word"), CUT, said("late", after=9)]
)
def test_the_last_prompt_is_a_failed_one_if_the_server_answers_what_anyone_can(
    talking: Talking, reply: Reply
) -> None:
    backend, server = talking(alone(reply), retries=1, request_timeout=0.3)
    assert answer(backend).finish == "error"
    assert server.questions.count("gout") >= 2
    assert server.questions[-1] == "Say yes."


def test_many_prompts_that_fail_among_others_are_failed_ones(talking: Talking) -> None:
    def script(request: Request) -> Reply:
        return refused(403, "no") if request.question.endswith("7") else echo(request)

    backend, _ = talking(script)
    finishes = [c.finish for c in complete(backend, ask(*MANY))]
    assert finishes == ["error" if one.endswith("7") else "stop" for one in MANY]


def test_the_probe_is_asked_in_the_words_that_the_server_takes(talking: Talking) -> None:
    def script(request: Request) -> Reply:
        if "max_tokens" in request.body:
            return refused(400, "unsupported: use max_completion_tokens", param="max_tokens")
        return refused(500, "oops") if request.question == "gout" else echo(request)

    backend, _ = talking(script, retries=0)
    assert answer(backend).finish == "error"


def drained(backend: Any, server: Server, *, after: Callable[[], bool]) -> dict[int, str]:
    """Return what comes where the backend is drained once `after` is true."""
    found = {}
    for index, completion in backend.generate(ask(*MANY)):
        found[index] = completion.text
        if after():
            backend.drain()
    return found


def test_a_drain_begins_no_more_prompts_and_finishes_what_is_under_way(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.05), concurrency=32)
    found = drained(backend, server, after=lambda: True)
    assert len(found) == len(server.asked) <= 20
    assert len(complete(backend, ask(*MANY))) == 60, "and it answers as before afterwards"


def test_a_drained_prompt_is_asked_again_after_a_fault(talking: Talking) -> None:
    faults = iter([refused(500, "oops")])

    def script(request: Request) -> Reply:
        if request.question == MANY[1]:
            return next(faults, echo(request))
        return said(request.question.upper(), after=0.02)

    backend, server = talking(script, concurrency=4)
    assert drained(backend, server, after=lambda: True)[1] == MANY[1].upper()
    assert len(server.asked) < 12
