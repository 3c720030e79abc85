"""A GGUF file is read once for tokenizer, configuration and weights, and gguf is as before then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("gguf")
pytest.importorskip("transformers")

import gguf
from backends import tiny
from training.tiny_gguf import save_gguf

from nerharness.backends.gguf_once import read_once
from nerharness.plugin.host import Host

NAMES = ("GGUFReader", "get_tensor_name_map")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What gguf was asked for, call by call."""
    names: list[str] = []

    def counting(name: str, own: Callable[..., object]) -> Callable[..., object]:
        def ask(*given: object) -> object:
            names.append(name)
            return own(*given)

        return ask

    for name in NAMES:
        monkeypatch.setattr(gguf, name, counting(name, getattr(gguf, name)))
    return names


@pytest.mark.filterwarnings("ignore")
def test_a_backend_reads_its_file_once(tmp_path: Path, host: Host, asked: list[str]) -> None:
    save_gguf(tmp_path / "model.gguf")
    before = [getattr(gguf, name) for name in NAMES]
    tiny.make(host, model=str(tmp_path / "model.gguf"))
    assert sorted(asked) == sorted(NAMES)
    assert [getattr(gguf, name) for name in NAMES] == before


def test_an_error_leaves_gguf_as_it_was(asked: list[str]) -> None:
    before = [getattr(gguf, name) for name in NAMES]
    with pytest.raises(FileNotFoundError), read_once():
        gguf.GGUFReader("missing.gguf")
    assert [getattr(gguf, name) for name in NAMES] == before
    assert asked == ["GGUFReader"]
