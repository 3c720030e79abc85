"""Train data of a token classifier: sentences as words with tags, and those as sub-words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from nerharness.flatten import LONGEST, Policy, flat_token_spans
from nerharness.tags import encode
from nerharness.types import Example
from nerharness.word_pieces import windows

IGNORED = -100
"""The class of sub-words that are not the first of a word: no loss is computed for them."""


class TaggedSentence(NamedTuple):
    """Words, and the IOB2 tag of each."""

    words: list[str]
    tags: list[str]


def classes(labels: Iterable[str]) -> list[str]:
    """Return the tags of a label set: O, then B and I of each label."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def tagged_sentences(
    examples: Iterable[Example], policy: Policy = LONGEST
) -> Iterator[TaggedSentence]:
    """Yield each sentence that has words; of entities that overlap one is tagged, by policy."""
    for example in examples:
        document = example.document
        words = [document.text[token.start : token.end] for token in document.tokens]
        tags = encode(flat_token_spans(example.entities, document.tokens, policy), len(words))
        for first, end in document.sentence_tokens():
            # An entity that goes on from the sentence before begins anew.
            own = tags[first:end]
            for place, tag in enumerate(own):
                if not tag.startswith("I-"):
                    break
                own[place] = f"B-{tag[2:]}" if place == 0 else tag
            yield TaggedSentence(words[first:end], own)


def thinned(sentences: Sequence[TaggedSentence], share: float, seed: int) -> list[TaggedSentence]:
    """Return the sentences with only a share of those that have no entity, drawn by the seed."""
    draw = random.Random(seed)
    return [one for one in sentences if set(one.tags) != {"O"} or draw.random() < share]


def features(
    tokenizer: Any, sentences: Iterable[TaggedSentence], names: Sequence[str], size: int
) -> list[dict[str, list[int]]]:
    """Return what the model reads: sub-words, and the class of each word's first one.

    Words that two windows share are learned in both.
    """
    number = {name: place for place, name in enumerate(names)}
    rows: list[dict[str, list[int]]] = []
    for words, tags in sentences:
        for window in windows(tokenizer, words, size):
            labels = [IGNORED] * len(window.ids)
            for offset, place in enumerate(window.places):
                if place is not None:
                    labels[place] = number[tags[window.first + offset]]
            rows.append(
                {
                    "input_ids": list(window.ids),
                    "attention_mask": [1] * len(window.ids),
                    "labels": labels,
                }
            )
    return rows


def class_weights(rows: Iterable[dict[str, list[int]]], number: int) -> list[float]:
    """Return a weight for each class: the inverse square root of its frequency, 1 on average."""
    counts = Counter(label for row in rows for label in row["labels"] if label != IGNORED)
    raw = [max(counts[place], 1) ** -0.5 for place in range(number)]
    return [one * number / sum(raw) for one in raw]
