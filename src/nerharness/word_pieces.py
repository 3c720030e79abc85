"""Words as a token classifier reads them: as sub-words, in windows that the model can hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

OVERLAP = 16
"""Words that two neighbouring windows of a long sentence share, where there is room."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some words of a sentence, from `first` on, as sub-words with the model's special tokens.

    `places` has for each word the index of its first sub-word, or `None` where it has none.
    """

    first: int
    ids: tuple[int, ...]
    places: tuple[int | None, ...]

    def depth(self, word: int, words: int) -> int:
        """Return how many words lie between a word (of the sentence) and where the window cuts."""
        before = word - self.first if self.first else words
        end = self.first + len(self.places)
        return min(before, end - 1 - word if end < words else words)


def windows(tokenizer: Any, words: Sequence[str], size: int) -> Iterator[Window]:
    """Yield windows of at most `size` sub-words, special tokens included, that hold all words.

    `tokenizer` is a fast one of transformers. A word that is too long by itself is cut: its first
    sub-words stand for it.
    """
    counts = [0] * len(words)
    for word in tokenizer(
        list(words), is_split_into_words=True, add_special_tokens=False
    ).word_ids():
        counts[word] += 1
    room = size - tokenizer.num_special_tokens_to_add(pair=False)
    for first, end in _ranges(counts, room):
        part = tokenizer(
            list(words[first:end]), is_split_into_words=True, truncation=True, max_length=size
        )
        places: list[int | None] = [None] * (end - first)
        for place, word in enumerate(part.word_ids()):
            if word is not None and places[word] is None:
                places[word] = place
        yield Window(first, tuple(part["input_ids"]), tuple(places))


def _ranges(counts: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Yield the first word and the end of each window."""
    total = [0, *accumulate(counts)]
    first = 0
    while first < len(counts):
        end = first + 1
        while end < len(counts) and total[end + 1] - total[first] <= room:
            end += 1
        yield first, end
        if end == len(counts):
            return
        back = min(OVERLAP, (end - first) // 2)
        first = max(first + 1, end - back)


def deepest(parts: Sequence[Window], words: int) -> list[tuple[int, int] | None]:
    """Return for each word the window, and the place in it, where it is farthest from a cut.

    `None` for a word that has no sub-word.
    """
    best: list[tuple[int, int] | None] = [None] * words
    depths = [-1] * words
    for number, part in enumerate(parts):
        for offset, place in enumerate(part.places):
            word = part.first + offset
            if place is not None and (depth := part.depth(word, words)) > depths[word]:
                best[word], depths[word] = (number, place), depth
    return best


def window_size(tokenizer: Any, model: Any) -> int:
    """Return how many sub-words the model can read at once."""
    held = getattr(model.config, "max_position_embeddings", None) or 512
    offset = 2 if model.config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    return int(min(held - offset, tokenizer.model_max_length))
