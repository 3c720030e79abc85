"""How many requests may be under way at once, learnt from how the server takes them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_START = 16

_SHARE = 0.1
"""So many of the requests may be refused before there are fewer."""

_LATEST = 50
"""Over so many of the latest requests, at least, the share is smoothed."""

_LATEST_LATE = 10
"""The same where there was no answer in time: each such request has cost us a long wait."""


class Limit:
    """Additive increase, multiplicative decrease (Chiu and Jain, 1989), with TCP's slow start.

    It begins small and grows by one with each answer until the server first has too much to do;
    then it halves, and from there grows by one with each round of answers. A server has too much to
    do when it says so to more than a tenth of the requests: one in many may have other reasons.
    Belongs to one event loop.
    """

    def __init__(self, upper: int) -> None:
        self._upper = upper
        self._size = float(min(_START, upper))
        self._steep_until = math.inf
        self._running = 0
        self._cuts = 0
        self._refused = 0.0
        self._held_until = -math.inf
        self._moved = asyncio.Event()

    @property
    def size(self) -> int:
        """How many requests may be under way now."""
        return int(self._size)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """Wait for room, and take it; gives what `cut` is to be told of this request."""
        await self._room()
        self._running += 1
        try:
            yield self._cuts
        finally:
            self._running -= 1
            self._moved.set()

    async def _room(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            if (seconds := self._held_until - now()) > 0:
                await asyncio.sleep(seconds)
            elif self._running >= self.size:
                self._moved.clear()
                await self._moved.wait()
            else:
                return

    def grow(self) -> None:
        """Note that the server answered."""
        self._note(0.0)
        step = 1.0 if self._size < self._steep_until else 1.0 / self._size
        self._size = min(self._size + step, self._upper)
        self._moved.set()

    def cut(self, begun: int, wait: float | None = None, *, late: bool = False) -> None:
        """Note that the server had too much to do, and wants all to wait for `wait` seconds.

        It said so itself, or was too `late` with its answer.
        Requests that were under way together (`begun` is the same) halve the limit at most once.
        """
        if wait is not None:
            until = asyncio.get_running_loop().time() + wait
            self._held_until = max(self._held_until, until)
        if begun != self._cuts:
            return
        self._note(1.0, _LATEST_LATE if late else _LATEST)
        if self._refused > _SHARE:
            self._refused = 0.0
            self._cuts += 1
            self._size = max(self._size / 2, 1.0)
            self._steep_until = self._size

    def _note(self, refused: float, latest: int = _LATEST) -> None:
        self._refused += (refused - self._refused) / max(self._size, latest)
