"""A run by the Batch API that is killed while it waits, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backends.batch_server import BatchScript
from backends.server import Server, said
from backends.talking import KEY

pytest.importorskip("openai")

pytestmark = pytest.mark.filterwarnings("always:batch batch_")

EVAL = ["eval", "--backend", "openai", "--strategy", "zero-shot", "--batch", "--out", "run"]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchScript]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("nerharness.backends.openai.backend._POLL", 0.01)
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    script = BatchScript(lambda _: said("[]"))
    with Server(script) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield script


def test_the_whole_corpus_is_one_batch(cli: Any, script: BatchScript) -> None:
    outcome = cli(*EVAL)
    assert outcome.code == 0
    assert "is submitted and may take a day" in outcome.err
    assert (len(script.batches), script.live) == (1, 1)
    units = json.loads(Path("run/scores.json").read_text())["outputs"]["total"]
    assert len(script.submitted) == units - 1 > 64


def test_a_run_that_is_killed_while_it_waits_pays_once(cli: Any, script: BatchScript) -> None:
    script.finish = None
    run = subprocess.Popen([sys.executable, "-m", "nerharness", *EVAL], stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not list(Path("run/batches").glob("*.json")) or not script.batches:
        assert run.poll() is None, run.stderr.read() if run.stderr else ""
        assert time.monotonic() < end
        time.sleep(0.01)
    time.sleep(0.2)
    run.kill()
    run.communicate()
    script.finish = "completed"
    assert cli("eval", "--resume", "run").code == 0
    assert len(script.batches) == 1
    ids = [json.loads(line)["id"] for line in Path("run/journal.jsonl").read_text().splitlines()]
    assert len(ids) == len(set(ids)) == 34
    written = [path.read_text() for path in Path("run").rglob("*") if path.is_file()]
    assert not any(KEY in text for text in written)


def test_ctrl_c_once_waits_for_no_batch(
    cli: Any, script: BatchScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.finish = None
    show, pressed = script._show, []

    def press(id: str) -> dict[str, Any]:
        if not pressed:
            pressed.append(id)
            os.kill(os.getpid(), signal.SIGINT)
        return show(id)

    monkeypatch.setattr(script, "_show", press)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcome = cli(*EVAL)
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.code == 130
    assert "stopped; go on with: --resume run" in outcome.err
    assert "batches that have not ended are left" in outcome.err
    script.finish = "completed"
    assert cli("eval", "--resume", "run").code == 0
    assert len(script.batches) == 1
