"""Which prompts are read together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nerharness.backends.answer import Tokens

_SMALLEST_FAMILY = 3
"""With fewer prompts, what they share saves less than a fuller batch does."""


@dataclass(slots=True, eq=False)
class Group:
    """Prompts that begin with the same `shared` tokens, by their places, the shortest first."""

    places: deque[int]
    shared: int

    def take(self, most: int, fits: Callable[[Sequence[int]], bool]) -> list[int]:
        """Take out up to `most` places, one at least, as long as those taken fit together."""
        taken = [self.places.popleft()]
        while self.places and len(taken) < most and fits([*taken, self.places[0]]):
            taken.append(self.places.popleft())
        return taken


def grouped(prompts: Sequence[Tokens], shared: int) -> Iterator[Group]:
    """Yield the prompts in groups to be read one after the other.

    All prompts begin with the same `shared` tokens. Neighbours that have half of the rest in common
    besides, such as questions about one text, make up groups of their own; all others make up one.
    The group of the shortest prompts comes first.
    """

    def length(place: int) -> int:
        return len(prompts[place])

    families = _families(prompts, shared)
    alone = [place for one in families if len(one) < _SMALLEST_FAMILY for place in one]
    large = [one for one in families if len(one) >= _SMALLEST_FAMILY]
    parts = [sorted(one, key=length) for one in (alone, *large) if one]
    for part in sorted(parts, key=lambda part: length(part[-1])):
        common = common_prefix([prompts[place] for place in part])
        yield Group(deque(part), common)


def _families(prompts: Sequence[Tokens], shared: int) -> list[list[int]]:
    """Return neighbours by what they share with the first of them."""
    families: list[list[int]] = []
    for place, prompt in enumerate(prompts):
        if families:
            first = prompts[families[-1][0]]
            common = length_in_common(first, prompt)
            if 2 * (common - shared) >= max(len(first), len(prompt)) - shared:
                families[-1].append(place)
                continue
        families.append([place])
    return families


def common_prefix(prompts: Sequence[Tokens]) -> int:
    """Return how many tokens all prompts begin with, short of the whole of any."""
    # In sorted order, all others lie between these two.
    return min(length_in_common(min(prompts), max(prompts)), min(map(len, prompts)) - 1)


def length_in_common(one: Tokens, other: Tokens) -> int:
    """Return how many tokens both begin with."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
