"""How sure a model was of each mention: the probability of the tokens that spell it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from nerharness.types import Mention, Reading, Span, Token


def weighed(reading: Reading, tokens: Sequence[Token]) -> Reading:
    """Return the reading with a confidence for each mention whose place in the answer is known.

    It is the product of the probabilities of the tokens that lie in that place, wholly or in part:
    the probability of writing just that, given what was written before it.
    """
    ends = list(accumulate(len(token.text) for token in tokens))
    mentions = tuple(_weighed(mention, tokens, ends) for mention in reading.mentions)
    return replace(reading, mentions=mentions)


def _weighed(mention: Mention, tokens: Sequence[Token], ends: Sequence[int]) -> Mention:
    if mention.source is None:
        return mention
    inside = tokens[_covering(mention.source, ends)]
    # The logarithm of what is certain may come out above 0, by rounding.
    return replace(mention, confidence=math.exp(min(math.fsum(t.logprob for t in inside), 0.0)))


def _covering(place: Span, ends: Sequence[int]) -> slice:
    """Return which tokens, by the ends of theirs, overlap the place."""
    return slice(bisect_right(ends, place.start), bisect_left(ends, place.end) + 1)
