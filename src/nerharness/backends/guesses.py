"""Guessing what a model writes next (prompt look-up, Saxena 2023): answers copy from their prompt.

A guess costs little, as the model reads it along with what was written, and says for each token of
it whether it would have written the same; what it would not is dropped. No answer changes.
"""

from __future__ import annotations

from collections.abc import Iterable

from nerharness.backends.answer import Tokens

_LONGEST = 3
"""Tokens that have to be the same for what followed them to be guessed: as many as can be had."""


class Guesser:
    """Knows a prompt and the answer so far; guesses what followed the same tokens last time."""

    def __init__(self, tokens: Iterable[int]) -> None:
        self._tokens: Tokens = []
        self._after: dict[tuple[int, ...], int] = {}
        self.extend(tokens)

    def extend(self, tokens: Iterable[int]) -> None:
        """Learn what was read or written after all that is known."""
        known, after = self._tokens, self._after
        for token in tokens:
            size = len(known)
            for length in range(1, min(_LONGEST, size) + 1):
                after[tuple(known[size - length :])] = size
            known.append(token)

    def guess(self, most: int) -> Tokens:
        """Return up to `most` tokens that may follow; none where nothing like this was seen."""
        known = self._tokens
        for length in range(min(_LONGEST, len(known)), 0, -1):
            place = self._after.get(tuple(known[-length:]))
            if place is not None:
                return known[place : place + most]
        return []
