"""Which prompts are read together."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.backends.answer import Tokens

_SMALLEST_FAMILY = 3
"""With fewer prompts, what they share saves less than a fuller batch does."""


def batches(prompts: Sequence[Tokens], shared: int, size: int) -> list[list[int]]:
    """Return the indices of the prompts in batches of up to `size`, the shortest prompts first.

    All prompts begin with the same `shared` tokens. Neighbours that have half of the rest in common
    besides, such as questions about one text, make up batches of their own; the others are put
    together by their length.
    """

    def length(index: int) -> int:
        return len(prompts[index])

    families = _families(prompts, shared)
    alone = [index for one in families if len(one) < _SMALLEST_FAMILY for index in one]
    groups = [one for one in families if len(one) >= _SMALLEST_FAMILY]
    parts = [sorted(group, key=length) for group in (alone, *groups)]
    cut = [part[start : start + size] for part in parts for start in range(0, len(part), size)]
    return sorted(cut, key=lambda batch: length(batch[-1]))


def _families(prompts: Sequence[Tokens], shared: int) -> list[list[int]]:
    """Return neighbours by what they share with the first of them."""
    families: list[list[int]] = []
    for index, prompt in enumerate(prompts):
        if families:
            first = prompts[families[-1][0]]
            common = _length_in_common(first, prompt)
            if 2 * (common - shared) >= max(len(first), len(prompt)) - shared:
                families[-1].append(index)
                continue
        families.append([index])
    return families


def common_prefix(prompts: Sequence[Tokens]) -> int:
    """Return how many tokens all prompts begin with, short of the whole of any."""
    # In sorted order, all others lie between these two.
    return min(_length_in_common(min(prompts), max(prompts)), min(map(len, prompts)) - 1)


def _length_in_common(one: Tokens, other: Tokens) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
