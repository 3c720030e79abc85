"""What prompts share: the beginning that is worth keeping in the server's cache."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from nerharness.types import Prompt

Beginning = int
"""A hash of what a prompt begins with: its tool, and its first messages."""

_WORTH_WAITING = 4_000
"""Characters of the shortest beginning that a server keeps, nearly: some 1,000 tokens."""


class Sharing:
    """Knows which beginnings came more than once; the first prompt with one goes ahead alone.

    A server can read from its cache only what it has begun to answer: of many prompts sent at once
    each would pay for writing the same beginning.
    """

    def __init__(self, *, use: bool) -> None:
        self._use = use
        self._seen: Counter[Beginning] = Counter()
        self._read: dict[Beginning, asyncio.Event] = {}
        self._prompts: Sequence[Prompt] = ()
        self._known = 0

    def follow(self, prompts: Sequence[Prompt]) -> None:
        """Announce prompts that will be asked, and others that may be added to them."""
        self._prompts, self._known = prompts, 0

    def shared(self, prompt: Prompt) -> int:
        """Return how many of the first messages other prompts begin with, too."""
        self._catch_up()
        return max((n for n, (one, _) in self._numbered(prompt) if self._seen[one] > 1), default=0)

    def _catch_up(self) -> None:
        """Count the beginnings of those that were added."""
        if self._use:
            new = self._prompts[self._known :]
            self._known += len(new)
            for prompt in new:
                self._seen.update(beginning for beginning, _ in _beginnings(prompt))

    def _numbered(self, prompt: Prompt) -> Iterator[tuple[int, tuple[Beginning, int]]]:
        return enumerate(_beginnings(prompt), start=1)

    @asynccontextmanager
    async def turn(self, prompt: Prompt) -> AsyncIterator[int]:
        """Wait until what the prompt shares has been read once; gives `shared`."""
        count = self.shared(prompt)
        beginning, size = list(_beginnings(prompt))[count - 1] if count else (0, 0)
        if size < _WORTH_WAITING:
            yield count
        elif read := self._read.get(beginning):
            await read.wait()
            yield count
        else:
            read = self._read[beginning] = asyncio.Event()
            try:
                yield count
            except BaseException:
                del self._read[beginning]  # the next one goes ahead
                raise
            finally:
                read.set()


def _beginnings(prompt: Prompt) -> Iterator[tuple[Beginning, int]]:
    """Yield each beginning, the last message left out, with its size in characters."""
    bound = prompt.constraint
    key, size = hash(repr(bound.schema) if bound and bound.schema else ""), 0
    for message in prompt.messages[:-1]:
        key = hash((key, message))
        size += len(message.content)
        yield key, size
