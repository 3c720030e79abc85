"""What prompts begin with, read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nerharness.backends import key_values
from nerharness.backends.answer import Tokens
from nerharness.backends.batching import length_in_common


class Prefix(NamedTuple):
    """Tokens, and the cache of a model that has read them: one row, never written to."""

    tokens: Tokens
    cache: Any

    def of(self, prompts: Sequence[Tokens], least: int) -> Prefix:
        """Return the part that all prompts begin with, short of the whole of any.

        It is empty if it has less than `least` tokens.
        """
        common = min(
            length_in_common(self.tokens, prompt) for prompt in (min(prompts), max(prompts))
        )
        common = min(common, min(map(len, prompts)) - 1)
        if common == len(self.tokens):
            return self
        if common < least:
            return NOTHING
        cache = key_values.repeated(self.cache, 1)
        key_values.cut(cache, common)
        return Prefix(self.tokens[:common], cache)


NOTHING = Prefix([], None)
