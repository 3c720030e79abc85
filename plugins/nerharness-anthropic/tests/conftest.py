"""A scripted server, and a backend that asks it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from scripted import KEY, MODEL, Reply, Script, Server, Talking, echo


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a key of its own, and nothing else of the user's."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def talking() -> Iterator[Talking]:
    """Start a server with a script, and a backend that talks to it; gives both."""
    pytest.importorskip("anthropic", reason="needs anthropic")
    from nerharness.remote import Pace

    from nerharness_anthropic import nerharness_backends
    from nerharness_anthropic.backend import AnthropicBackend

    provider = nerharness_backends()["anthropic"]
    with ExitStack() as stack:

        def start(
            script: Script = echo, *, known: Reply = MODEL, **options: Any
        ) -> tuple[AnthropicBackend, Server]:
            server = stack.enter_context(Server(script, model=known))
            given = {"model": "claude-tiny", "base_url": server.url, "retries": 3, **options}
            resolved: dict[str, Any] = provider.resolve(given)
            backend = AnthropicBackend(pace=Pace(base=0.001, cap=0.01), **resolved)
            stack.callback(backend.close)
            return backend, server

        yield start
