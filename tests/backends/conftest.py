"""The tiny models, saved once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from backends import tiny

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
