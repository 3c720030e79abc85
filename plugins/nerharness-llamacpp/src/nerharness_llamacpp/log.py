"""llama.cpp's own log: kept off stderr, with its complaints at hand for an error message."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from nerharness_llamacpp.library import llama_cpp

_ERROR = 4  # of enum ggml_log_level in ggml.h


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Print nothing that llama.cpp logs within the block; collect the lines that are errors.

    llama.cpp has one log for the whole process: what received it before does so again afterwards.
    """
    lines: list[str] = []

    def note(level: int, text: bytes, _: object) -> None:
        if level == _ERROR:
            lines.append(text.decode("utf-8", errors="replace").strip())

    callback = llama_cpp.llama_log_callback(note)
    before, data = llama_cpp.llama_log_callback(), ctypes.c_void_p()
    llama_cpp.llama_log_get(ctypes.byref(before), ctypes.byref(data))
    llama_cpp.llama_log_set(callback, None)
    try:
        yield lines
    finally:
        llama_cpp.llama_log_set(before, data)
