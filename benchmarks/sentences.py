"""Seeded sentences of tags: gold, and predictions with the errors of a tagger."""

import random
from typing import TypeAlias

Tags: TypeAlias = list[list[str]]

LABELS = ("Disease", "Sign", "Drug", "Procedure")
LENGTHS = 5, 45  # tokens of a sentence
STARTS = 0.06  # share of the tokens outside that begin an entity
GOES_ON = 0.4
WRONG = 0.15  # share of the entities' first tokens with an error


def tagged(tokens: int, seed: int) -> tuple[Tags, Tags]:
    """Gold and predicted tags (IOB2) of exactly so many tokens."""
    rng = random.Random(seed)
    gold: Tags = []
    while tokens:
        length = min(tokens, rng.randint(*LENGTHS))
        gold.append(_sentence(rng, length))
        tokens -= length
    return gold, [_predicted(rng, tags) for tags in gold]


def _sentence(rng: random.Random, length: int) -> list[str]:
    tags: list[str] = []
    label = ""
    while len(tags) < length:
        if label and rng.random() < GOES_ON:
            tags.append(f"I-{label}")
        else:
            label = rng.choice(LABELS) if rng.random() < STARTS else ""
            tags.append(f"B-{label}" if label else "O")
    return tags


def _predicted(rng: random.Random, tags: list[str]) -> list[str]:
    """The tags with entities lost, cut, taken for another label, or made up."""
    predicted = [f"{tag[:1]}{tag[1:]}" for tag in tags]  # as if read from another file
    for place, tag in enumerate(tags):
        if tag == "O" and rng.random() < WRONG * STARTS:
            predicted[place] = f"B-{rng.choice(LABELS)}"
        elif tag != "O" and rng.random() < WRONG:
            predicted[place] = rng.choice(("O", f"B-{rng.choice(LABELS)}", f"I-{tag[2:]}"))
    return predicted
