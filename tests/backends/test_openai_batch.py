"""The `openai` backend by batches: every prompt answered once, none paid for twice."""

from __future__ import annotations

import json
import stat
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from backends.batch_server import BatchScript
from backends.server import CUT, Reply, Request, echo, refused, said
from backends.talking import KEY, OPTIONS, Talking, ask, complete

from nerharness.errors import RunError, Stopped
from nerharness.pricing import Budget
from nerharness.types import Completion, Prompt, Sampling, Token, Usage

pytest.importorskip("openai")

pytestmark = pytest.mark.filterwarnings("ignore:batch batch_")
QUICK = {"batch": True, "poll": 0.01}
EACH = Usage(7, 3, cost=7e-6 + 3e-4)
"""At a dollar for a million tokens read, and a hundred for as many written."""
TEXTS = [f"text {n}" for n in range(6)]


def again(backend: Any, server: Any, folder: Path | None, **options: Any) -> Any:
    """Return another backend that asks the same server, as after a restart."""
    from nerharness.remote import Pace

    other = type(backend)(
        **{**OPTIONS, "base_url": server.url, **QUICK, **options}, pace=Pace(base=0.001, cap=0.01)
    )
    other.folder = folder
    return other


def texts(completions: list[Completion]) -> list[str]:
    return [completion.text for completion in completions]


def test_the_first_prompt_is_asked_by_itself_and_the_rest_in_one_batch(talking: Talking) -> None:
    script = BatchScript()
    backend, _ = talking(script, **QUICK)
    assert backend.window is None, "it wants all units at once"
    assert not backend.grows
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert script.live == 1
    assert script.submitted == TEXTS[1:]
    (batch,) = script.batches.values()
    assert (batch["endpoint"], batch["completion_window"]) == ("/v1/chat/completions", "24h")
    complete(backend, ask("second turn"))
    assert (script.live, len(script.batches)) == (1, 2), "another turn is a batch of its own"


def test_by_responses_too(talking: Talking) -> None:
    from backends.test_openai_responses import written

    script = BatchScript(lambda request: written(request.question.upper()))
    backend, _ = talking(script, api="responses", **QUICK)
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert next(iter(script.batches.values()))["endpoint"] == "/v1/responses"


def test_draws_of_one_prompt_have_an_answer_each(talking: Talking) -> None:
    script = BatchScript()
    backend, _ = talking(script, **QUICK)
    prompts = [*ask("a", "a", "a"), *ask("a", sampling=Sampling(0.5, 1))]
    assert texts(complete(backend, prompts)) == ["A"] * 4
    lines = script.files["file-0"]
    assert len({line["custom_id"] for line in lines}) == len(lines) == 3


def test_what_a_batch_lacks_or_got_wrong_is_an_outcome(talking: Talking) -> None:
    def answer(request: Request) -> Reply:
        replies = {
            "text 1": refused(500, "oops"),
            "text 2": refused(400, "no", code="content_filter"),
            "text 3": said("cut", "length"),
            "text 4": Reply({"choices": []}),
        }
        return replies.get(request.question, echo(request))

    def edit(lines: list[dict[str, Any]]) -> list[Any]:
        error = {"code": "unknown", "message": "lost"}
        lines[4] = {**lines[4], "response": None, "error": error}
        return [*lines[:5], "garbage", None, {"custom_id": "unknown"}]

    backend, _ = talking(BatchScript(answer, edit=edit), **QUICK)
    found = complete(backend, ask(*TEXTS, "text 6"))
    assert [(c.text, c.finish, c.error) for c in found] == [
        ("TEXT 0", "stop", None),
        ("", "error", "HTTP 500: oops"),
        ("", "filtered", None),
        ("cut", "length", None),
        ("", "error", "the answer has no choices"),
        ("", "error", "in the batch: lost"),
        ("", "error", "the batch is completed without an answer to this prompt"),
    ]


def test_what_failed_in_a_batch_is_submitted_again_once_it_is_asked_again(
    talking: Talking, tmp_path: Path
) -> None:
    def answer(request: Request) -> Reply:
        replies = {"text 1": refused(500, "oops"), "text 2": Reply({"choices": []})}
        return replies.get(request.question, echo(request))

    script = BatchScript(answer, edit=lambda lines: lines[:-1])
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    found = complete(backend, ask(*TEXTS))
    assert [c.finish for c in found] == ["stop", "error", "error", "stop", "stop", "error"]
    script.answer, script.edit = echo, lambda lines: lines
    other = again(backend, server, tmp_path)
    assert texts(complete(other, ask(*TEXTS[1:]))) == [text.upper() for text in TEXTS[1:]]
    assert script.submitted == [*TEXTS[1:], "text 2", "text 5"], "one is asked by itself"
    third = again(backend, server, tmp_path)
    calls = len(server.asked)
    assert texts(complete(third, ask(*TEXTS[2:]))) == [text.upper() for text in TEXTS[2:]]
    assert len(server.asked) == calls, "what had an answer is kept"


def gather(backend: Any, prompts: list[Prompt], reason: str) -> dict[int, str]:
    """Return the texts that came before the run was ended with an error that says `reason`."""
    found = {}
    with pytest.raises(RunError, match=reason):
        for index, completion in backend.generate(prompts):
            found[index] = completion.text
    return found


EXPIRED = {"code": "batch_expired", "message": "too late"}


@pytest.mark.parametrize("status", ["expired", "cancelled"])
@pytest.mark.parametrize("listed", [True, False])
def test_what_a_batch_had_no_time_for_is_submitted_anew(
    talking: Talking, tmp_path: Path, status: str, listed: bool
) -> None:
    def cut_short(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        unasked = [{**line, "response": None, "error": EXPIRED} for line in lines[2:]]
        return [*lines[:2], *(unasked if listed else ())]

    script = BatchScript(edit=cut_short)
    script.finish = status
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    found = gather(backend, ask(*TEXTS), "without answers to 3 prompts; .* --resume submits")
    assert found == {0: "TEXT 0", 1: "TEXT 1", 2: "TEXT 2"}
    script.finish, script.edit = "completed", lambda lines: lines
    other = again(backend, server, tmp_path)
    assert texts(complete(other, ask(*TEXTS[3:]))) == [text.upper() for text in TEXTS[3:]]
    assert script.submitted == [*TEXTS[1:], *TEXTS[4:]], "one is asked by itself again"
    third = again(backend, server, tmp_path)
    calls = len(server.asked)
    assert texts(complete(third, ask(*TEXTS[1:3], *TEXTS[4:]))) == [
        text.upper() for text in (*TEXTS[1:3], *TEXTS[4:])
    ]
    assert len(server.asked) == calls, "what either batch answered is kept"


def test_a_batch_that_came_to_nothing_is_submitted_again_under_another_mark(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript(edit=lambda lines: [])
    script.finish = "expired"
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    assert gather(backend, ask(*TEXTS), "without answers to 5 prompts") == {0: "TEXT 0"}
    script.finish, script.edit = "completed", lambda lines: lines
    other = again(backend, server, tmp_path)
    script.after = [("POST /batches", CUT)]
    assert len(complete(other, ask("first", *TEXTS[1:]))) == 6
    assert len({batch["metadata"]["nerharness"] for batch in script.batches.values()}) == 2


def test_a_quota_that_is_spent_within_a_batch_fails_no_prompt(
    talking: Talking, tmp_path: Path
) -> None:
    spent = refused(429, "quota", code="insufficient_quota")
    script = BatchScript(lambda r: spent if r.question == TEXTS[5] else echo(r))
    backend, _ = talking(script, **QUICK)
    assert len(gather(backend, ask(*TEXTS), "without answers to 1 prompts")) == 5


def test_a_drain_waits_for_no_batch_and_a_later_sitting_collects_it(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    script.finish = None
    backend, server = talking(script, **{**QUICK, "poll": 600.0})
    backend.folder = tmp_path
    found = []
    with pytest.raises(Stopped, match="batches that have not ended are left"):
        for index, _ in backend.generate(ask(*TEXTS)):
            found.append(index)
            until(lambda: bool(script.batches))
            backend.drain()
    assert found == [0]
    script.finish = "completed"
    other = again(backend, server, tmp_path)
    assert texts(complete(other, ask(*TEXTS[1:]))) == [text.upper() for text in TEXTS[1:]]
    assert script.submitted == TEXTS[1:]


@pytest.mark.parametrize("called", ["POST /files", "POST /batches", "GET /batches/.*"])
def test_a_drain_waits_for_no_server_that_asks_to_wait(
    talking: Talking, tmp_path: Path, called: str
) -> None:
    script = BatchScript()
    script.faults = [(called, refused(429, "full", headers={"retry-after": "9"}))]
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    stopping = threading.Thread(
        target=lambda: (until(lambda: not script.faults), time.sleep(0.05), backend.drain())
    )
    stopping.start()
    begun = time.monotonic()
    with pytest.raises(Stopped, match="batches that have not ended are left"):
        complete(backend, ask(*TEXTS))
    stopping.join()
    assert time.monotonic() - begun < 5
    other = again(backend, server, tmp_path)
    assert texts(complete(other, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert (script.live, len(script.batches)) == (1, 1)


def test_a_batch_that_is_refused_ends_the_run_and_is_submitted_again(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    script.finish, script.errors = "failed", {"data": [{"message": f"bad model, {KEY}"}]}
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    with pytest.raises(RunError, match=r"refuses batch batch_0: bad model, \[key\]"):
        complete(backend, ask(*TEXTS))
    script.finish, script.errors = "completed", None
    assert len(complete(again(backend, server, tmp_path), ask(*TEXTS))) == 6
    assert len(script.batches) == 2


@pytest.mark.parametrize(
    ("called", "reply"),
    [
        ("POST /files", refused(500, "oops")),
        ("POST /files", Reply("garbage")),
        ("POST /batches", refused(429, "slow down")),
        ("GET /batches/.*", CUT),
        ("GET /batches/.*", Reply([])),
        ("GET /files/.*", refused(503, "busy")),
    ],
)
def test_a_fault_that_passes_costs_nothing(talking: Talking, called: str, reply: Reply) -> None:
    script = BatchScript()
    script.faults = [(called, reply)] * 2
    backend, _ = talking(script, **QUICK)
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert (len(script.batches), script.faults) == (1, [])


DRIPPING = Reply(" " * 200, drip=0.05)


@pytest.mark.parametrize(
    "called", ["POST /files", "GET /batches/.*", "GET /files/.*", "POST /batches"]
)
def test_an_answer_that_comes_drop_by_drop_is_not_waited_for(talking: Talking, called: str) -> None:
    script = BatchScript()
    script.after = [(called, DRIPPING)]
    backend, _ = talking(script, **QUICK, request_timeout=0.4, deadline=1.0)
    begun = time.monotonic()
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert time.monotonic() - begun < 5
    assert len(script.batches) == 1


def test_a_batch_whose_submission_lost_its_answer_is_found(talking: Talking) -> None:
    script = BatchScript()
    script.after = [("POST /batches", CUT)]
    backend, _ = talking(script, **QUICK)
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert len(script.batches) == 1, "it is not submitted twice"


def test_a_batch_is_not_submitted_twice_while_it_cannot_be_looked_for(talking: Talking) -> None:
    script = BatchScript()
    script.after = [("POST /batches", CUT), ("GET /batches", refused(500, "oops"))]
    backend, _ = talking(script, **QUICK)
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert (len(script.batches), script.after) == (1, [])


def test_a_batch_whose_submission_lost_every_answer_is_found_after_a_restart(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    script.after = [("POST /batches", CUT), *[("GET /batches", refused(500, "oops"))] * 3]
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    with pytest.raises(RunError, match="Batch API fails: HTTP 500: oops"):
        complete(backend, ask(*TEXTS))
    assert (len(script.batches), script.after) == (1, [])
    other = again(backend, server, tmp_path)
    assert texts(complete(other, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert (script.live, len(script.batches)) == (1, 1), "nothing is paid for twice"


@pytest.mark.parametrize("called", ["POST /files", "POST /batches", "GET /batches/.*"])
def test_a_wait_that_is_longer_than_the_deadline_ends_the_run(
    talking: Talking, called: str
) -> None:
    script = BatchScript()
    script.faults = [(called, refused(429, "full", headers={"retry-after": "21"}))]
    backend, _ = talking(script, **QUICK, deadline=20.0)
    begun = time.monotonic()
    with pytest.raises(RunError, match="asks to wait 21 s, longer than --deadline: HTTP 429: full"):
        complete(backend, ask(*TEXTS))
    assert time.monotonic() - begun < 10


def test_a_fault_that_stays_ends_the_run(talking: Talking) -> None:
    script = BatchScript()
    script.faults = [("POST /files", refused(403, f"no batches for {KEY}"))]
    backend, _ = talking(script, **QUICK)
    with pytest.raises(RunError, match=r"Batch API fails: HTTP 403: no batches for \[key\]"):
        complete(backend, ask(*TEXTS))


def leave(backend: Any, prompts: list[Prompt], script: BatchScript) -> None:
    """Ask until the batch is submitted, and go away without its answers."""

    def listen() -> None:
        with suppress(CancelledError):
            list(backend.generate(prompts))

    threading.Thread(target=listen, daemon=True).start()
    until(lambda: bool(script.batches))
    time.sleep(0.05)
    backend.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is true; fail after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_batch_is_found_again_after_a_restart_and_paid_once(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    script.finish = None
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    leave(backend, ask(*TEXTS), script)
    script.finish = "completed"
    rest = ask(*TEXTS[1:], "one more")
    other = again(backend, server, tmp_path)
    assert texts(complete(other, rest)) == [*(t.upper() for t in TEXTS[1:]), "ONE MORE"]
    assert script.submitted == TEXTS[1:]
    calls = len(server.asked)
    third = again(backend, server, tmp_path)
    assert texts(complete(third, ask(*TEXTS[3:]))) == [t.upper() for t in TEXTS[3:]]
    assert len(server.asked) == calls, "what was collected is on disk"
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert KEY not in "".join(file.read_text() for file in kept)
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}, (
        "answers quote the texts"
    )


def test_the_prompt_that_was_asked_by_itself_is_paid_once_too(
    talking: Talking, tmp_path: Path
) -> None:
    logprobs = {"content": [{"token": "[]", "logprob": -0.5}]}
    script = BatchScript(lambda _: said("[]", logprobs=logprobs))
    script.finish = None
    backend, server = talking(script, **QUICK, price_in=1.0, price_out=100.0)
    backend.folder = tmp_path
    prompts = ask(*TEXTS, logprobs=True)
    leave(backend, prompts, script)
    assert backend.spent == EACH
    waiting = again(backend, server, tmp_path)
    leave(waiting, prompts, script)
    assert script.live == 1
    assert waiting.spent == Usage(), "nothing was paid in this sitting"
    script.finish = "completed"
    third = again(backend, server, tmp_path, price_in=1.0, price_out=100.0)
    third.budget = Budget(6 * EACH.cost, EACH)
    found = complete(third, prompts)
    assert found == [Completion("[]", "stop", EACH, tokens=(Token("[]", -0.5),))] * 6
    assert (script.live, len(script.batches)) == (1, 1)
    assert third.spent.prompt_tokens == 5 * EACH.prompt_tokens
    fourth = again(backend, server, tmp_path, price_in=1.0, price_out=100.0)
    fourth.budget = Budget(6.1 * EACH.cost, Usage(cost=6 * EACH.cost))
    assert complete(fourth, prompts) == found, "what was paid may be taken whatever is left"
    assert fourth.spent == Usage()


def test_answers_that_are_kept_are_no_part_of_what_is_left_to_pay(
    talking: Talking, tmp_path: Path
) -> None:
    price = {"price_in": 1.0, "price_out": 100.0}
    backend, server = talking(BatchScript(), **QUICK, **price)
    backend.folder = tmp_path
    complete(backend, ask(*TEXTS))
    other = again(backend, server, tmp_path, **price)
    other.budget = Budget(0.02)  # two answers of 100 tokens at most
    found = texts(complete(other, ask(*TEXTS, "one more", "two more")))
    assert found == [text.upper() for text in (*TEXTS, "one more", "two more")]


def test_a_first_prompt_that_failed_is_not_kept(talking: Talking, tmp_path: Path) -> None:
    script = BatchScript(lambda r: refused(400, "no") if r.question == "text 0" else echo(r))
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    assert complete(backend, ask(*TEXTS))[0].finish == "error"
    script.answer = echo
    assert texts(complete(again(backend, server, tmp_path), ask("text 0"))) == ["TEXT 0"]


def test_a_crash_before_the_answer_to_the_submission_pays_once(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    complete(backend, ask(*TEXTS))
    ((file, entry),) = [
        (file, entry)
        for file in (tmp_path / "batches").glob("*.json")
        if (entry := json.loads(file.read_text()))["id"]
    ]
    file.write_text(json.dumps({**entry, "id": None, "status": None}))
    assert len(complete(again(backend, server, tmp_path), ask(*TEXTS[1:]))) == 5
    assert len(script.batches) == 1
    file.write_text(json.dumps({**entry, "id": None, "status": None}))
    script.batches.clear()
    assert len(complete(again(backend, server, tmp_path), ask(*TEXTS[1:]))) == 5
    assert len(script.batches) == 1, "one that the server never got is submitted"


def test_a_damaged_ledger_is_an_error_and_no_second_payment(
    talking: Talking, tmp_path: Path
) -> None:
    script = BatchScript()
    backend, _ = talking(script, **QUICK)
    backend.folder = tmp_path
    (tmp_path / "batches").mkdir()
    (tmp_path / "batches/x.json").write_text("{")
    with pytest.raises(RunError, match=r"x\.json: unreadable.* submitted, and paid for, again"):
        complete(backend, ask(*TEXTS))
    assert not script.batches


@pytest.mark.parametrize("called", ["GET /batches/.*", "GET /files/.*"])
def test_a_batch_that_is_deleted_is_an_error_that_says_which_file_to_remove(
    talking: Talking, tmp_path: Path, called: str
) -> None:
    script = BatchScript()
    script.finish = None
    backend, server = talking(script, **QUICK)
    backend.folder = tmp_path
    leave(backend, ask(*TEXTS), script)
    script.finish = "completed"
    script.faults = [(called, refused(404, f"no such thing for {KEY}"))]
    with pytest.raises(RunError, match=r"batch_0.*: HTTP 404: no such .* \[key\]") as caught:
        complete(again(backend, server, tmp_path), ask(*TEXTS))
    hint = "remove this file: its 5 requests are submitted, and paid for, again"
    assert hint in caught.value.hint
    file = Path(caught.value.where)
    assert json.loads(file.read_text())["id"] == "batch_0"
    file.unlink()
    assert len(complete(again(backend, server, tmp_path), ask(*TEXTS))) == 6
    assert len(script.batches) == 2


def test_a_deleted_batch_of_no_folder_is_an_error_without_a_file(talking: Talking) -> None:
    script = BatchScript()
    script.faults = [("GET /batches/.*", refused(404, "no such batch"))]
    backend, _ = talking(script, **QUICK)
    with pytest.raises(RunError, match=r"^--batch: .* batch_0, or its answers: .*no such batch$"):
        complete(backend, ask(*TEXTS))


def test_large_batches_are_divided(talking: Talking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nerharness.backends.openai.batch._MOST_REQUESTS", 2)
    script = BatchScript()
    backend, _ = talking(script, **QUICK)
    assert texts(complete(backend, ask(*TEXTS))) == [text.upper() for text in TEXTS]
    assert [len(script.files[b["input_file_id"]]) for b in script.batches.values()] == [2, 2, 1]


def test_a_batch_that_may_cost_too_much_is_not_submitted(talking: Talking) -> None:
    script = BatchScript()
    backend, _ = talking(script, price_in=1.0, price_out=100.0, **QUICK)
    backend.budget = Budget(0.05)  # five answers of 100 tokens at most
    with pytest.raises(Stopped, match=r"\$0.0003 of \$0.05 is spent: what is left to ask may cost"):
        complete(backend, ask(*TEXTS))
    assert not script.batches
    backend.budget = Budget(0.07)
    found = complete(backend, ask(*TEXTS))
    assert {c.usage for c in found} == {EACH}


@pytest.mark.parametrize("budget", [Budget(1.0, Usage(cost=1.0)), Budget(0.005)])
def test_no_prompt_is_asked_by_itself_that_the_budget_does_not_bear(
    talking: Talking, budget: Budget
) -> None:
    script = BatchScript()
    backend, _ = talking(script, price_in=1.0, price_out=100.0, **QUICK)
    backend.budget = budget
    with pytest.raises(Stopped, match="what is left to ask may cost"):
        complete(backend, ask(*TEXTS))
    assert (script.live, len(script.batches)) == (0, 0)


def test_what_the_first_prompt_took_is_spent_where_the_server_answers_none(
    talking: Talking,
) -> None:
    unreadable = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    script = BatchScript(lambda _: Reply(unreadable))
    backend, _ = talking(script, price_in=1.0, price_out=100.0, **QUICK)
    with pytest.raises(RunError, match="the server answers no prompt any more"):
        complete(backend, ask(*TEXTS))
    assert script.live > 1
    assert backend.spent.prompt_tokens == 7 * script.live


def test_a_given_beginning_is_refused(talking: Talking) -> None:
    backend, _ = talking(BatchScript(), **QUICK)
    assert complete(backend, ask("go", prefix="on"))[0].finish == "error"
