"""The `openai` backend beside a real server on the loopback: llama.cpp's, with a small model."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backends.talking import OPTIONS, ask, complete

from nerharness.types import Constraint, Prompt, Sampling

pytest.importorskip("openai")

NEEDED = ("llama_cpp", "fastapi", "uvicorn", "sse_starlette", "starlette_context")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]

# It takes minutes to compile: `make test-plugins` does that, and runs these tests.
pytestmark = pytest.mark.skipif(bool(MISSING), reason="needs llama-cpp-python[server]")

NAMES: dict[str, Any] = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
    "required": ["names"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, packaged: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [
        "--model",
        str(packaged),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--n_ctx",
        "1024",
    ]
    log = tmp_path_factory.mktemp("llama") / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", *words, "--logits_all", "true"],
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
        )
    try:
        address = f"http://127.0.0.1:{port}/v1"
        _await(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait()


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/models", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.fixture
def backend(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from nerharness.backends.openai.backend import OpenAIBackend

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    given = {**OPTIONS, "base_url": url, "local_server": True, "request_timeout": 120.0}
    made = OpenAIBackend(**{**given, "deadline": 200.0, "max_tokens": 24})
    yield made
    made.close()


def test_prompts_are_answered_once_each_and_counted(backend: Any) -> None:
    texts = ["Say yes.", "Name a disease.", "Say yes."]
    found = complete(backend, ask(*texts))
    assert all(c.text and c.finish in ("stop", "length") for c in found)
    assert found[0].text == found[2].text, "the likeliest answer is the same each time"
    assert all(c.usage.prompt_tokens and c.usage.completion_tokens for c in found)
    assert {c.usage.unpriced for c in found} == {1}


@pytest.mark.filterwarnings("ignore:the server refuses json_schema")  # as of 0.3.36
def test_a_schema_or_at_least_json_is_held_to(backend: Any) -> None:
    (prompt,) = ask("Which diseases are there in: He had gout.", constraint=Constraint("", NAMES))
    (found,) = complete(backend, [Prompt(prompt.messages, 200, prompt.constraint)])
    if found.finish == "stop":
        assert isinstance(json.loads(found.text), dict)
    assert found.text.lstrip().startswith("{")


def test_a_draw_that_is_cut_is_an_outcome(backend: Any) -> None:
    (drawn,) = complete(
        backend, ask("Tell a long story.", sampling=Sampling(1.0, 7), max_tokens=12)
    )
    assert (drawn.finish, drawn.usage.completion_tokens) == ("length", 12)
    assert drawn.text
