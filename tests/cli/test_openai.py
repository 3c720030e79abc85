"""Whole runs with the `openai` backend, beside a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends.batch_server import BatchScript
from backends.server import Reply, Request, Server, refused, said
from backends.talking import KEY

pytest.importorskip("openai")

EVAL = ["eval", "--backend", "openai", "--strategy", "zero-shot", "--limit", "3", "--out", "run"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that finds nothing in any text."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(lambda _: said('{"entities": []}')) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


def test_a_run_records_who_was_asked_and_who_answered(cli: Any, server: Server) -> None:
    outcome = cli(*EVAL, "--json")
    assert outcome.code == 0
    assert outcome.json["documents"]["total"] == 3
    run = json.loads(Path("run/run.json").read_text())
    assert run["model"] == {"model": "tiny", "base_url": server.url}
    assert "openai" in run["versions"]
    told = [{"model": "tiny-2026", "system_fingerprint": "fp_1", "answers": len(server.asked)}]
    assert run["observed"] == [{"answered": told}]


def test_each_sitting_of_a_run_adds_who_answered(cli: Any, server: Server) -> None:
    assert cli(*EVAL).code == 0
    journal = Path("run/journal.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    server.script = lambda _: said("[]", model="another")
    assert cli("eval", "--resume", "run").code == 0
    seen = json.loads(Path("run/run.json").read_text())["observed"]
    assert [one["model"] for sitting in seen for one in sitting["answered"]] == [
        "tiny-2026",
        "another",
    ]
    assert cli("eval", "--resume", "run").code == 0, "and one without any adds nothing"
    assert json.loads(Path("run/run.json").read_text())["observed"] == seen


def test_a_spent_quota_ends_the_run_which_goes_on_where_it_was(cli: Any, server: Server) -> None:
    spent = refused(429, "You exceeded your quota", code="insufficient_quota")
    server.script = lambda _: said("[]") if len(server.asked) <= 2 else spent
    flags = [*EVAL, "--limit", "9", "--unit", "document", "--concurrency", "1"]
    outcome = cli(*flags)
    assert outcome.code == 2
    told = " ".join(outcome.err.split())
    assert "answers no prompt any more: HTTP 429: You exceeded your quota; what is finished" in told
    assert "Traceback" not in outcome.err
    journal = Path("run/journal.jsonl")
    assert [json.loads(line)["error"] for line in journal.read_text().splitlines()] == [None] * 2
    server.script = lambda _: said("[]")
    assert cli("eval", "--resume", "run").code == 0
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert len({record["id"] for record in records}) == len(records) == 9
    assert {record["error"] for record in records} == {None}
    assert len(server.asked) == 10, "only the one that was refused is asked again"


def test_thoughts_have_room_of_their_own_that_goes_on_with_the_run(
    cli: Any, server: Server
) -> None:
    def think(request: Request) -> Reply:
        usage = {"completion_tokens_details": {"reasoning_tokens": 2}}
        return said('{"entities": []}', usage=usage)

    server.script = think
    flags = ["--unit", "document", "--max-tokens", "20"]
    outcome = cli(*EVAL, *flags, "--reasoning-tokens", "500", "--json")
    assert {request.body["max_tokens"] for request in server.asked} == {520}
    assert outcome.json["usage"]["reasoning_tokens"] == 2 * 3
    assert "written, 6 of them reasoning" in cli("score", "run").out
    journal = Path("run/journal.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    refusal = cli(*EVAL[:-2], "--resume", "run", "--reasoning-tokens", "400")
    assert refusal.code == 2
    assert "spec.reasoning_tokens was 500, is 400" in " ".join(refusal.err.split())
    server.asked.clear()
    assert cli("eval", "--resume", "run").code == 0
    assert [request.body["max_tokens"] for request in server.asked] == [520]


def test_a_run_of_before_there_was_room_for_thoughts_goes_on(cli: Any, server: Server) -> None:
    assert cli(*EVAL).code == 0
    file = Path("run/run.json")
    run = json.loads(file.read_text())
    del run["spec"]["reasoning_tokens"]
    file.write_text(json.dumps(run))
    assert cli("eval", "--resume", "run").code == 0
    refusal = cli("eval", "--resume", "run", "--reasoning-tokens", "400")
    assert "spec.reasoning_tokens was None, is 400" in " ".join(refusal.err.split())


@pytest.mark.filterwarnings("always:backend 'openai'")
@pytest.mark.parametrize(
    ("flags", "warning"),
    [
        (["--decode", "schema"], ""),
        (["--decode", "grounded"], "not to the words of the text"),
        (["--decode", "grounded", "--format", "lines"], "only to JSON schemas"),
    ],
)
def test_what_a_schema_leaves_open_is_said_once(
    cli: Any, server: Server, flags: list[str], warning: str
) -> None:
    outcome = cli(*EVAL, *flags)
    assert outcome.code == 0
    assert outcome.err.count("nerharness: warning:") == bool(warning)
    assert warning in " ".join(outcome.err.split())
    asked = {"response_format" in request.body for request in server.asked}
    assert asked == {"lines" not in flags}


def give_away(request: Request) -> Reply:
    """Say the key in answers and in errors, by turns."""
    sent = request.headers["authorization"]
    if len(request.question) % 2:
        return refused(400, f"wrong: {sent}")
    return said(f'[{{"text": "{sent}", "label": "{sent}"}}]', model=sent, fingerprint=sent)


@pytest.mark.filterwarnings("ignore:batch batch_")
@pytest.mark.parametrize("batch", [False, True])
def test_no_file_of_a_run_and_no_output_holds_the_key(
    cli: Any, server: Server, own_cache: Path, monkeypatch: pytest.MonkeyPatch, batch: bool
) -> None:
    monkeypatch.setattr("nerharness.backends.openai.backend._POLL", 0.01)

    def tell(request: Request) -> Reply:
        given = {"authorization": f"Bearer {KEY}"}  # which no line of a batch holds
        return give_away(replace(request, headers=given))

    server.script = BatchScript(tell)
    flags = ["--batch"] if batch else []
    outcomes = [
        cli(*EVAL, *flags, "--cache", "on"),
        cli("score", "run"),
        cli("eval", "--resume", "run", "--json"),
        cli("cache", "ls"),
    ]
    assert outcomes[0].code == 1, "some documents failed"
    files = [path for root in (Path("run"), own_cache) for path in root.rglob("*")]
    written = [path.read_bytes().decode("latin-1") for path in files if path.is_file()]
    assert {path.name for path in files} >= {"journal.jsonl", "scores.json", "answers.sqlite"}
    assert len(written) >= (6 if batch else 4)
    assert any("[key]" in content for content in written)
    for content in [*written, *(text for one in outcomes for text in (one.out, one.err))]:
        assert KEY[:12] not in content


def test_mistakes_are_one_line(cli: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for flags, expected in [
        (["--model", "large"], "the server lists no model 'large'; there is tiny"),
        (["--api-key-env", KEY], "takes the name of an environment variable, never a key"),
        (["--continuations", "1"], "--continuations: backend 'openai' cannot do what this needs"),
        (
            ["--strategy", "candidates+judge"],
            "--strategy: backend 'openai' cannot do what this needs: go on",
        ),
        (
            ["--strategy", "few-shot+judge+vote"],
            "'openai' cannot do what this needs: go on from the",
        ),
        (["--base-url", f"http://u:{KEY}@127.0.0.1/v1"], "--base-url: no address such as"),
    ]:
        outcome = cli(*EVAL, *flags)
        assert (outcome.code, outcome.out) == (2, "")
        assert expected in outcome.err
        assert outcome.err.count("\n") == 1
        assert KEY not in outcome.err
        assert not Path("run").exists()
    assert not server.asked
