"""Faults of a prompt, and of the server as a whole."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scripted import (
    KEY,
    Reply,
    Request,
    Talking,
    alone,
    ask,
    complete,
    echo,
    first,
    message,
    refused,
    said,
)

pytest.importorskip("anthropic", reason="needs anthropic")

from nerharness.errors import RunError

PASSING = [
    refused(529, "Overloaded", "overloaded_error"),
    refused(429, "slow down", "rate_limit_error"),
    refused(429, "slow down", "rate_limit_error", retry_after="0"),
    refused(500, "oops", "api_error"),
    refused(504, "late", "timeout_error"),
    Reply("<html>bad gateway</html>", 502),
    Reply(cut=True),
    Reply("", headers={"content-length": "9"}),
    Reply("no JSON"),
    Reply({"type": "message", "content": "text"}),
    Reply([1]),
    message({"type": "text", "text": 3}),
]


@pytest.mark.parametrize("reply", PASSING, ids=range(len(PASSING)))
def test_a_fault_that_passes_costs_nothing(talking: Talking, reply: Reply) -> None:
    backend, server = talking(first(reply, reply), request_timeout=0.5)
    assert complete(backend, ask("gout"))[0].text == "GOUT"
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_a_fault_that_stays_fails_its_prompt_alone(talking: Talking, status: int) -> None:
    def script(request: Request) -> Reply:
        return (
            refused(status, f"bad, with {KEY} in it") if request.question == "b" else echo(request)
        )

    backend, server = talking(script)
    a, b, c = complete(backend, ask("a", "b", "c"))
    assert (a.text, c.text, b.finish) == ("A", "C", "error")
    assert b.error == f"HTTP {status}: bad, with [key] in it"
    assert server.questions.count("b") == (2 if status in (403, 404) else 1)


def test_it_gives_up_after_the_retries(talking: Talking) -> None:
    backend, server = talking(alone(refused(500, "oops"), "q"), retries=2)
    assert complete(backend, ask("q"))[0].error == "HTTP 500: oops"
    assert server.questions.count("q") == 3


def test_it_gives_up_at_the_deadline(talking: Talking) -> None:
    backend, _ = talking(alone(refused(529, "Overloaded"), "q"), deadline=0.3)
    with pytest.warns(UserWarning, match="still asking"):
        (completion,) = complete(backend, ask("q"))
    assert completion.error == "given up after 0.3 s: HTTP 529: Overloaded"


def test_an_answer_that_does_not_come_is_not_waited_for(talking: Talking) -> None:
    backend, _ = talking(first(said("late", after=30)), request_timeout=0.2)
    assert complete(backend, ask("q"))[0].text == "Q"


def test_retry_after_is_kept_to(talking: Talking) -> None:
    backend, server = talking(first(refused(429, "slow down", retry_after="0.3")))
    begun = time.monotonic()
    assert complete(backend, ask("q"))[0].text == "Q"
    assert 0.3 <= time.monotonic() - begun < 5
    assert len(server.asked) == 2


DATE = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refused(401, "no such key"), "HTTP 401: no such key"),
        (refused(402, "pay first", "billing_error"), "HTTP 402: pay first"),
        (refused(400, "Your credit balance is too low"), "HTTP 400: Your credit balance"),
        (refused(403, "not for this key", "permission_error"), "HTTP 403: not for this key"),
        (refused(404, "no such model", "not_found_error"), "HTTP 404: no such model"),
        (refused(429, "come back", retry_after="7200"), "asks to wait 7200 s, longer than"),
        (refused(429, "come back", retry_after=DATE), r"asks to wait \d{4}\S* s, longer than"),
    ],
    ids=range(7),
)
def test_a_server_that_refuses_everyone_ends_the_run_and_fails_no_prompt(
    talking: Talking, reply: Reply, reason: str
) -> None:
    def script(request: Request) -> Reply:
        return said(request.question, after=0.1) if len(server.asked) <= 20 else reply

    backend, server = talking(script)
    found = []
    with pytest.raises(RunError, match=f"{reason}.*go on.*with --resume"):
        found.extend(backend.generate(ask(*map(str, range(80)))))
    assert [completion.finish for _, completion in found] == ["stop"] * 20
    assert len(server.asked) < 60


def test_a_server_that_is_out_ends_the_run_at_the_deadline(talking: Talking) -> None:
    backend, _ = talking(lambda _: Reply(cut=True), retries=0, deadline=0.3)
    with (
        pytest.warns(UserWarning, match="still asking"),
        pytest.raises(RunError, match="answers no prompt any more: the connection failed"),
    ):
        complete(backend, ask("a", "b"))


@pytest.mark.filterwarnings("ignore:still asking")
def test_it_slows_down_for_a_server_that_is_overloaded(talking: Talking) -> None:
    busy = threading.Lock()
    over = 0

    def script(request: Request) -> Reply:
        nonlocal over
        with busy:
            if server.at_once[-1] > 3:
                over += 1
                return refused(529, "Overloaded", "overloaded_error")
        return said(request.question, after=0.005)

    backend, server = talking(script, concurrency=32)
    texts = [str(number) for number in range(120)]
    assert [one.text for one in complete(backend, ask(*texts))] == texts
    assert 0 < over < 120
