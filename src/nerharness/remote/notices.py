"""What a person should know once: said in the caller's thread, however many requests meet it."""

from __future__ import annotations

import warnings
from collections import deque


class Notices:
    """Collects notices, each kind once, until they are shown as warnings."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._waiting: deque[str] = deque()

    def say(self, kind: str, text: str) -> None:
        """Have the text shown, unless there was one of this kind."""
        if kind not in self._kinds:
            self._kinds.add(kind)
            self._waiting.append(text)

    def show(self) -> None:
        """Warn of all that was said since."""
        while self._waiting:
            warnings.warn(self._waiting.popleft(), stacklevel=3)
