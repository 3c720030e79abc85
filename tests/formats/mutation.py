"""Answers of models, gone wrong: gold answers changed by a seeded random choice of faults."""

from __future__ import annotations

import random
from collections.abc import Iterator

from formats.invariants import FORMATS, TEXTS, asked_of, sample, whole

from nerharness.plugin import Format
from nerharness.testing.mutation import gone_wrong
from nerharness.types import LabelSet, Unit


def mutated(seed: int) -> Iterator[tuple[str, Format, str, Unit, LabelSet]]:
    """Yield without end a format's name, the format, an answer, and what it is an answer to."""
    draw = random.Random(seed)
    golds: list[tuple[Unit, list[str]]] = []
    for text in TEXTS * 8:
        example = sample(text, draw)
        answers = [f.demonstrate(example, asked_of(f, draw)) for f in FORMATS.values()]
        golds.append((whole(example), answers))
    while True:
        unit, answers = draw.choice(golds)
        name = draw.choice(tuple(FORMATS))
        answer = answers[tuple(FORMATS).index(name)]
        others = tuple(draw.choice(golds)[1])  # of other formats, about another document
        answer = gone_wrong(answer, draw, others)
        yield name, FORMATS[name], answer, unit, asked_of(FORMATS[name], draw)
