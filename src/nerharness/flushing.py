"""Flushing a file to the disk beside the work that writes it."""

from __future__ import annotations

import os
import threading

PAUSE = 0.05
"""Seconds between two flushes, each of which is of all that was written meanwhile."""


class Flushing:
    """A thread that flushes a file (fsync) whenever that is wanted, until it is stopped.

    A flush takes milliseconds: as long as some servers take for an answer.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._fault: OSError | None = None
        self._thread = threading.Thread(target=self._flush, name="nerharness-flush", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Have what was written until now flushed soon."""
        self._wanted.set()

    def check(self) -> None:
        """Raise the `OSError` with which a flush failed, if one did."""
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Flush what is left, and end."""
        self._over.set()
        self._wanted.set()
        if threading.current_thread() is not self._thread:  # else the garbage collector called us
            self._thread.join()

    def _flush(self) -> None:
        over = False
        while not over:
            self._wanted.wait()
            over = self._over.is_set()
            self._wanted.clear()
            try:
                os.fsync(self._file)
            except OSError as error:
                self._fault = error
                return
            self._over.wait(PAUSE)
            if self._over.is_set():
                self._wanted.set()
