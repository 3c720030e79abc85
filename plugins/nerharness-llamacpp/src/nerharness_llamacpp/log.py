"""llama.cpp's own log: kept off stderr, with its complaints at hand for an error message.

llama.cpp has one log for the whole process. From when this module is imported it comes here first;
what is logged by others than this backend goes on to where it went before.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from nerharness_llamacpp.binding import llama_cpp

_ERROR = 4  # of enum ggml_log_level in ggml.h

_heard: ContextVar[list[str] | None] = ContextVar("_heard", default=None)


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Print nothing that llama.cpp logs within the block; collect the lines that are errors."""
    lines: list[str] = []
    token = _heard.set(lines)
    try:
        yield lines
    finally:
        _heard.reset(token)


def _receive(level: int, text: bytes, data: object) -> None:
    lines = _heard.get()
    if lines is None:
        _before(level, text, data)
    elif level == _ERROR:
        lines.append(text.decode("utf-8", errors="replace").strip())


_before = llama_cpp.llama_log_callback()
llama_cpp.llama_log_get(ctypes.byref(_before), ctypes.byref(ctypes.c_void_p()))
_callback = llama_cpp.llama_log_callback(_receive)  # llama.cpp holds no reference: it must stay
llama_cpp.llama_log_set(_callback, None)
