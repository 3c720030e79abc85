"""The tiny models, saved once; servers that follow a script, and a backend that asks them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from backends import tiny
from backends.server import MODELS, Reply, Script, Server, echo
from backends.talking import KEY, OPTIONS, Talking

from nerharness.plugin.host import Host, builtin_modules


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model whose tokens are words."""
    path = tmp_path_factory.mktemp("tiny")
    tiny.save_words(path)
    return path


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model whose tokens are bytes."""
    path = tmp_path_factory.mktemp("letters")
    tiny.save_letters(path)
    return path


@pytest.fixture(scope="session")
def spelling(letters: Path) -> Any:
    """The backend with the model whose tokens are bytes."""
    pytest.importorskip("llguidance")
    return tiny.make(Host(builtin_modules()), model=str(letters))


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Talking]:
    """Start a server with a script, and a backend that talks to it; gives both."""
    pytest.importorskip("openai")
    from nerharness.backends.openai.backend import OpenAIBackend
    from nerharness.remote import Pace

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("OPENAI_BASE_URL", "HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as stack:

        def start(
            script: Script = echo,
            *,
            models: Reply = MODELS,
            slots: int = 10_000,
            **options: Any,
        ) -> tuple[Any, Server]:
            server = stack.enter_context(Server(script, models=models, slots=slots))
            given = {**OPTIONS, "base_url": server.url, **options}
            backend = OpenAIBackend(pace=Pace(base=0.001, cap=0.01), **given)
            stack.callback(backend.close)
            return backend, server

        yield start
