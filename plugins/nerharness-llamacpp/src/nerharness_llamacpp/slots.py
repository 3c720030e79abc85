"""Slots: the sequences of a context, and what of a prompt each has read already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from nerharness_llamacpp.context import Context, Step
from nerharness_llamacpp.model import CHUNK


class Slots:
    """Reads prompts, each into a slot, and goes on with all of them side by side.

    What a prompt shares with one that was read before, in any slot, is copied and not read again,
    but only in whole chunks: then every token is always read together with the same others, the
    numbers come out the same to the last bit, and an answer does not depend on which prompts were
    asked before it.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: list[list[int]] = [[] for _ in range(context.count)]
        self._length = [0] * context.count
        self.owner: object = None
        """Whoever uses the slots: what others began in them is lost."""

    def __len__(self) -> int:
        return len(self._known)

    @property
    def size(self) -> int:
        """How many tokens a slot has room for."""
        return self._context.size

    def choose(self, tokens: Sequence[int], free: Collection[int]) -> int:
        """Return the free slot that has read most of the prompt; the first of those."""
        return max(free, key=lambda slot: (self._shared(slot, tokens), -slot))

    def read(self, slot: int, tokens: list[int]) -> np.ndarray[Any, Any]:
        """Read a prompt into the slot; returns the scores of what could come next.

        A model that cannot forget a part of what it read forgets all.
        """
        best = max(range(len(self)), key=lambda other: (self._shared(other, tokens), other == slot))
        kept = self._shared(best, tokens)
        if best != slot and kept:
            self._context.copy(best, slot)
        self._known[slot] = []  # known again when this prompt has been read without a fault
        if not kept or not self._context.forget(slot, kept):
            self._context.forget(slot, kept := 0)
        last = 0
        for start in range(kept, len(tokens), CHUNK):
            chunk = tokens[start : start + CHUNK]
            last = len(chunk) - 1
            self._context.compute(
                [
                    Step(slot, start + place, token, start + place == len(tokens) - 1)
                    for place, token in enumerate(chunk)
                ]
            )
        self._known[slot] = tokens
        self._length[slot] = len(tokens)
        return self._context.scores(last)

    def go_on(self, tokens: Sequence[tuple[int, int]]) -> list[np.ndarray[Any, Any]]:
        """Read a token more in each of some slots; returns the scores after each."""
        steps = [Step(slot, self._length[slot], token) for slot, token in tokens]
        self._context.compute(steps)
        for slot, _ in tokens:
            self._length[slot] += 1
        return [self._context.scores(place) for place in range(len(steps))]

    def move(self, source: int, target: int) -> None:
        """Go on in another slot."""
        self._context.copy(source, target)
        self._known[target] = self._known[source]
        self._length[target] = self._length[source]

    def forget(self) -> None:
        """Forget all."""
        for slot in range(len(self)):
            self._context.forget(slot, 0)
            self._known[slot] = []

    def _shared(self, slot: int, tokens: Sequence[int]) -> int:
        """Return how many tokens of the prompt the slot has read, in whole chunks, but the last."""
        shared = 0
        for old, new in zip(self._known[slot], tokens[:-1], strict=False):
            if old != new:
                break
            shared += 1
        return shared - shared % CHUNK
