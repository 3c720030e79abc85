"""Answers of models, gone wrong: gold answers changed by a seeded random choice of faults."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from formats.invariants import FORMATS, TEXTS, asked_of, sample, whole

from nerharness.plugin import Format
from nerharness.types import LabelSet, Unit

SCRAPS = (
    "```json\n", "```", "\n", "\r\n", " ", "none", "Sure! ", "<sign>", "</sign>", "</", "<", ">",
    "<gene>", "</gene>", "<sign/>", "[", "]", " | sign]", " | gene]", "|", "@@", "##", "@", "#",
    "&lt;", "&amp;", "&#91;", "&#64;", "sign: ", "gene: x", ":", " : B-sign", " : I-rare_disease",
    " : O", "{", "}", '"', "\\", "\\u00e9", "\\ud83d", '{"text": ', '"label": "sign"', '"sign": [',
    ",", "null", "1e999", "-", "\ud83d", "\ude00", "\u200b", "\u2028", "\x00", "\xa0", "\u0301",
    "<|im_end|>", "WD", "tremor",
)  # fmt: skip
Fault = Callable[[str, random.Random], str]


def _place(answer: str, draw: random.Random) -> int:
    return draw.randint(0, len(answer))


def _range(answer: str, draw: random.Random) -> tuple[int, int]:
    start = _place(answer, draw)
    return start, min(len(answer), start + int(draw.expovariate(1 / 8)) + 1)


def delete(answer: str, draw: random.Random) -> str:
    start, end = _range(answer, draw)
    return answer[:start] + answer[end:]


def repeat(answer: str, draw: random.Random) -> str:
    start, end = _range(answer, draw)
    return answer[:end] + answer[start:end] * draw.randint(1, 3) + answer[end:]


def move(answer: str, draw: random.Random) -> str:
    start, end = _range(answer, draw)
    rest = answer[:start] + answer[end:]
    place = _place(rest, draw)
    return rest[:place] + answer[start:end] + rest[place:]


def truncate(answer: str, draw: random.Random) -> str:
    return answer[: _place(answer, draw)]


def insert(answer: str, draw: random.Random) -> str:
    place = _place(answer, draw)
    return answer[:place] + draw.choice(SCRAPS) + answer[place:]


def scribble(answer: str, draw: random.Random) -> str:
    place = _place(answer, draw)
    letters = chr(draw.choice((0x7F, 0x5FF, 0x2FFF, 0xFFFF, 0x10FFFF)) - draw.randint(0, 127))
    return answer[:place] + letters * draw.randint(1, 3) + answer[place + 1 :]


def change_case(answer: str, draw: random.Random) -> str:
    start, end = _range(answer, draw)
    return answer[:start] + answer[start:end].swapcase() + answer[end:]


FAULTS: tuple[Fault, ...] = (
    delete, repeat, move, truncate, insert, insert, insert, scribble, change_case
)  # fmt: skip


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
        for _ in range(draw.randint(1, 6)):
            if draw.random() < 0.1:  # goes on as in another format, or another document
                other = draw.choice(draw.choice(golds)[1])
                answer = answer[: _place(answer, draw)] + other[_place(other, draw) :]
            answer = draw.choice(FAULTS)(answer, draw)
        yield name, FORMATS[name], answer, unit, asked_of(FORMATS[name], draw)
