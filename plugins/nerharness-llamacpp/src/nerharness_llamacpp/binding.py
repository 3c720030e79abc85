"""The one place that imports llama_cpp: one that is there but broken is a plain error."""

from __future__ import annotations

from nerharness.errors import MissingDependencyError

try:
    import llama_cpp
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter
    from llguidance.llamacpp import lltokenizer_from_vocab
except (OSError, RuntimeError) as error:  # what it raises when its shared library cannot be loaded
    raise MissingDependencyError(
        f"llama-cpp-python is installed, but cannot be loaded: {error}",
        where="--backend llamacpp",
        hint="pip install --force-reinstall --no-cache-dir llama-cpp-python",
    ) from error

__all__ = ["Jinja2ChatFormatter", "llama_cpp", "lltokenizer_from_vocab"]
