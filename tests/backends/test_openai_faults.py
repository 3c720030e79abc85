"""Faults and load: every prompt is answered once, as fast as the server bears, and no faster."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import pytest
from backends.batch_server import BatchScript
from backends.server import CUT, Reply, Request, Server, alone, echo, refused, said
from backends.talking import OPTIONS, Talking, answer, ask, complete

pytest.importorskip("openai")

from nerharness.remote import Limit, Pace, asked_to_wait

pytestmark = pytest.mark.filterwarnings("ignore:still asking")


def first(*replies: Reply) -> Any:
    """Give the replies one after the other, and then the true answer."""
    left = list(replies)
    return lambda request: left.pop(0) if left else echo(request)


@pytest.mark.parametrize(
    "reply",
    [
        refused(429, "slow down"),
        refused(429, "slow down", headers={"retry-after": "0"}),
        refused(500, "oops"),
        refused(503, "overloaded"),
        Reply("<html>bad gateway</html>", 502),
        refused(408, "timeout"),
        CUT,
        Reply("", headers={"content-length": "9"}),
    ],
    ids=["429", "429 at once", "500", "503", "502 in HTML", "408", "cut", "cut in the middle"],
)
def test_a_fault_that_passes_costs_nothing(talking: Talking, reply: Reply) -> None:
    backend, server = talking(first(reply, reply), request_timeout=0.5)
    assert answer(backend).text == "GOUT"
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_what_cannot_pass_is_not_asked_again_or_once_where_that_is_not_sure(
    talking: Talking, status: int
) -> None:
    backend, server = talking(alone(refused(status, "no")))
    found = answer(backend)
    assert (found.finish, found.error) == ("error", f"HTTP {status}: no")
    in_doubt = status in (403, 404)
    assert server.questions == (["gout", "Say yes."] * 2 if in_doubt else ["gout"])


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refused(500, "oops"), "HTTP 500: oops"),
        (CUT, "the connection failed: "),
        (Reply("?"), "the answer is no JSON"),
    ],
    ids=["500", "cut", "garbage"],
)
def test_a_fault_that_stays_is_an_error_with_its_reason(
    talking: Talking, reply: Reply, reason: str
) -> None:
    backend, server = talking(alone(reply), retries=2)
    completion = answer(backend)
    assert completion.finish == "error"
    assert reason in str(completion.error)
    assert server.questions.count("gout") == 3


def test_a_request_that_takes_too_long_is_asked_again(talking: Talking) -> None:
    backend, server = talking(first(said("late", after=9)), request_timeout=0.2)
    assert answer(backend).text == "GOUT"
    assert len(server.asked) == 2


def test_a_prompt_is_given_up_at_its_deadline(talking: Talking) -> None:
    backend, _ = talking(alone(refused(429, "slow down")), deadline=0.3)
    begun = time.monotonic()
    completion = answer(backend)
    assert completion.error == "given up after 0.3 s: HTTP 429: slow down"
    assert time.monotonic() - begun < 3


def test_a_server_that_asks_to_wait_is_waited_for(talking: Talking) -> None:
    busy = refused(429, "slow down", headers={"retry-after-ms": "300"})
    backend, server = talking(first(busy))
    begun = time.monotonic()
    assert answer(backend).text == "GOUT"
    assert time.monotonic() - begun >= 0.3
    assert len(server.asked) == 2


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("seconds", ["9", "12"])
def test_a_long_wait_is_said_at_once(
    talking: Talking, monkeypatch: pytest.MonkeyPatch, seconds: str, batch: bool
) -> None:
    monkeypatch.setattr("nerharness.remote.asker._LONG", 10.0 / 60)
    wait = {"retry-after": str(float(seconds) / 60)}
    busy = refused(429, "slow down", headers=wait)
    script = BatchScript() if batch else first(busy)
    if isinstance(script, BatchScript):
        script.faults = [("GET /batches/.*", busy)]
    backend, _ = talking(script, batch=batch, poll=0.01)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert complete(backend, ask("rash", "gout"))[1].text == "GOUT"
    told = [text for one in said if not (text := str(one.message)).startswith("batch ")]
    assert told == ["the server asks to wait 0.2 s: HTTP 429: slow down"] * (seconds == "12")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
    ],
)
def test_the_time_to_wait_is_read(headers: dict[str, str], seconds: float) -> None:
    assert asked_to_wait(headers) == seconds


def test_the_time_to_wait_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < (asked_to_wait({"retry-after": date}) or 0) <= 3600


@pytest.mark.parametrize("written", ["", "soon", "nan", "inf", "Mon, 99 Foo 2020 00:00:00 GMT"])
def test_what_says_no_time_is_none(written: str) -> None:
    assert asked_to_wait({"retry-after": written}) is None
    assert asked_to_wait({}) is None


def test_pauses_grow_and_are_drawn_from_the_whole_range() -> None:
    pace = Pace(base=1.0, cap=8.0, random=Random(3))
    for tries, most in [(1, 1), (2, 2), (4, 8), (5, 8), (5000, 8)]:
        drawn = [pace.pause(tries, None) for _ in range(300)]
        assert 0 <= min(drawn) < most * 0.1
        assert most * 0.9 < max(drawn) <= most
    assert 5 <= pace.pause(1, 5.0) <= 6


def test_300_prompts_are_answered_once_each_while_a_tenth_of_the_requests_fail(
    talking: Talking,
) -> None:
    draw = Random(1)
    faults = [
        refused(429, "slow down"),
        refused(429, "slow down", headers={"retry-after-ms": "5"}),
        refused(500, "oops"),
        refused(503, "overloaded"),
        Reply("<html>", 502),
        Reply("garbage"),
        Reply({"choices": []}),
        CUT,
        Reply("", headers={"content-length": "9"}, after=0.05),
        said("late", after=9),
    ]

    def script(request: Request) -> Reply:
        return draw.choice(faults) if draw.random() < 0.1 else echo(request)

    backend, server = talking(script, concurrency=32, retries=8, request_timeout=0.4)
    questions = [f"question {n}" for n in range(300)]
    completions = complete(backend, ask(*questions))
    assert [c.text for c in completions] == [q.upper() for q in questions]
    assert len(server.asked) > 310


def test_answers_come_as_they_finish(talking: Talking) -> None:
    backend, _ = talking(lambda r: said(r.question, after=0.5 if r.question == "slow" else 0))
    assert [index for index, _ in backend.generate(ask("slow", "a", "b"))][-1] == 0


def test_requests_reach_the_limit_and_share_connections(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.1), concurrency=40)
    for _ in range(2):
        complete(backend, ask(*map(str, range(200))))
    assert server.at_once[:4] == [1, 2, 3, 4]
    assert max(server.at_once) == 40
    assert max(server.at_once[:20]) <= 18, "it begins small"
    assert server.connections <= 41, "and keeps its connections from one call to the next"


def test_requests_become_fewer_when_the_server_has_too_much_to_do(talking: Talking) -> None:
    bearable = 6

    def script(request: Request) -> Reply:
        if server.at_once[-1] > bearable:
            return refused(429, "slow down", headers={"retry-after-ms": "1"})
        return said(request.question, after=0.01)

    backend, server = talking(script, concurrency=64)
    completions = complete(backend, ask(*map(str, range(400))))
    assert {c.finish for c in completions} == {"stop"}
    later = server.at_once[200:]
    turned_away = sum(running > bearable for running in later) / len(later)
    assert turned_away < 0.25, "a tenth makes it halve, and a few are under way by then"
    assert max(later) <= bearable + 6, "it grows by three or four until a tenth is refused"
    assert max(later) >= bearable - 1, "it does not stay at the bottom"


def test_the_limit_halves_once_for_all_that_were_under_way_together() -> None:
    async def course() -> list[int]:
        limit = Limit(100)
        sizes = [limit.size]
        for _ in range(60):
            limit.grow()
        sizes.append(limit.size)
        async with limit.slot() as together:
            for _ in range(50):
                limit.cut(together)
        sizes.append(limit.size)
        for _ in range(39):
            limit.grow()
        sizes.append(limit.size)
        for _ in range(200):
            async with limit.slot() as begun:
                limit.cut(begun)
        return [*sizes, limit.size]

    assert asyncio.run(course()) == [16, 76, 38, 39, 1]


def test_one_refusal_in_twenty_makes_requests_no_fewer_and_one_in_four_does() -> None:
    async def course(every: int) -> int:
        limit = Limit(64)
        for number in range(2000):
            async with limit.slot() as begun:
                limit.grow() if number % every else limit.cut(begun)
        return limit.size

    assert asyncio.run(course(20)) == 64
    assert asyncio.run(course(4)) < 16


def test_nothing_runs_on_when_the_caller_has_enough(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=0.05), concurrency=4)
    answers = backend.generate(ask(*map(str, range(50))))
    next(answers)
    answers.close()
    assert at_rest(server) < 15
    assert answer(backend).text == "gout", "and it can be asked again"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt even where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_all_requests(talking: Talking) -> None:
    backend, server = talking(lambda r: said(r.question, after=5), concurrency=4)
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        while len(server.asked) < 4:  # only then the main thread surely waits for an answer
            time.sleep(0.01)
        time.sleep(0.1)
        signal.pthread_kill(main, signal.SIGINT)

    timer = threading.Thread(target=interrupt)
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        complete(backend, ask(*map(str, range(50))))
    timer.join()
    assert time.monotonic() - begun < 3
    assert at_rest(server) == 4


def at_rest(server: Server) -> int:
    """Return how many requests there were, after making sure that there come no more."""
    time.sleep(0.05)  # what was sent before is still read
    asked = len(server.asked)
    time.sleep(0.15)
    assert len(server.asked) == asked
    return asked


def test_a_backend_that_is_forgotten_leaves_no_thread(talking: Talking) -> None:
    backend, server = talking()
    other = type(backend)(**{**OPTIONS, "base_url": server.url})
    assert answer(other).text == "GOUT"
    gc.collect()  # those that were forgotten before
    before = threads()
    del other
    gc.collect()
    assert threads() == before - 1


def threads() -> int:
    return sum(thread.name == "nerharness-openai" for thread in threading.enumerate())
