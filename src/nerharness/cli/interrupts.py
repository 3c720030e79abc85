"""Ctrl-C: once to finish what is begun, twice to stop at once. SIGTERM: what is half done goes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NOTE = b"\nfinishing the documents that are begun; Ctrl-C again stops at once\n"


@contextmanager
def first_interrupt(*, tell: bool = True) -> Iterator[Callable[[], bool]]:
    """Hold back the first SIGINT; yields what tells whether it came. The next one interrupts.

    With `tell`, a line on stderr says what is finished now. Where signals cannot be handled
    (outside the main thread), or are ignored, nothing changes.
    """
    came = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal came
        if came:
            signal.default_int_handler(number, frame)
        came = True
        if tell:
            with suppress(BrokenPipeError):  # the same Ctrl-C may have ended who reads stderr
                os.write(2, _NOTE)  # a signal may come amid a write to the buffered stderr

    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread() and before != signal.SIG_IGN
    if here:
        signal.signal(signal.SIGINT, handle)
    try:
        yield lambda: came
    finally:
        if here:
            signal.signal(signal.SIGINT, before)


@contextmanager
def orderly_termination() -> Iterator[None]:
    """Let SIGTERM end the process as an error would, so that nothing half written is left.

    Where it cannot be handled (outside the main thread), or something else is to be done at it,
    nothing changes.
    """

    def handle(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
