"""A model of the hub is that of one commit, wherever its branch goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from backends import tiny
from backends.hub import MODEL, Hub

from nerharness.errors import ModelNotFoundError
from nerharness.models import locate
from nerharness.plugin.host import Host

torch = pytest.importorskip("torch")

FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A model of another size."""
    tiny.save_words(tmp_path / "other", size=64)
    return tmp_path / "other"


@pytest.fixture
def moved(hub: Hub, folder: Path, other: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub whose branch moves from the first to the second commit when the tokenizer is there."""
    from nerharness.backends import hf

    hub.commit("b", other)
    hub.commit("a", folder)
    load = hf.load_tokenizer

    def load_and_move(*arguments: Any) -> Any:
        tokenizer = load(*arguments)
        hub.move(SECOND)
        return tokenizer

    monkeypatch.setattr(hf, "load_tokenizer", load_and_move)
    return hub


def test_tokenizer_and_weights_are_of_one_commit(moved: Hub, host: Host) -> None:
    backend = tiny.make(host, model=MODEL)
    assert backend.identity["revision"] == FIRST
    assert backend._model.config.hidden_size == 32
    assert tiny.make(host, model=MODEL).identity["revision"] == SECOND


@pytest.mark.parametrize("revision", ["dev", FIRST])
def test_a_branch_or_a_commit_can_be_asked_for(
    hub: Hub, folder: Path, other: Path, host: Host, revision: str
) -> None:
    hub.move(hub.commit("a", folder), "dev")
    hub.commit("b", other)
    backend = tiny.make(host, model=MODEL, revision=revision)
    assert backend.identity["revision"] == FIRST
    assert backend._model.config.hidden_size == 32


def test_a_revision_that_is_not_there_is_one_clear_error(
    hub: Hub, folder: Path, host: Host
) -> None:
    hub.commit("a", folder)
    with pytest.raises(ModelNotFoundError, match=f"model '{MODEL}' is neither on this machine"):
        tiny.make(host, model=MODEL, revision="dev")


def test_a_commit_in_the_cache_is_not_asked_for(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    hub.commit("a", folder)
    hub.move(FIRST, "dev")
    hub.move(SECOND)  # of which nothing is here
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    source = locate(MODEL)
    assert [source.address(revision) for revision in (FIRST, "dev")] == [MODEL, MODEL]
    with pytest.raises(ModelNotFoundError, match="no network"):
        source.address()
