"""What went wrong on the way: answers and files changed by a seeded random choice of faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

SCRAPS = (
    "```json\n", "```", "\n", "\r\n", " ", "none", "Sure! ", "<sign>", "</sign>", "</", "<", ">",
    "<gene>", "</gene>", "<sign/>", "[", "]", " | sign]", " | gene]", "|", "@@", "##", "@", "#",
    "&lt;", "&amp;", "&#91;", "&#64;", "sign: ", "gene: x", ":", " : B-sign", " : I-rare_disease",
    " : O", "{", "}", '"', "\\", "\\u00e9", "\\ud83d", '{"text": ', '"label": "sign"', '"sign": [',
    ",", "null", "1e999", "-", "\ud83d", "\ude00", "\u200b", "\u2028", "\x00", "\xa0", "\u0301",
    "<|im_end|>", "WD", "tremor",
)  # fmt: skip
"""Pieces of answers in any format, and characters that parsers stumble over."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_VALUES = (
    "3", "-0.5", "NaN", "null", "true", '["x"]', '{"text": 1}', '"\\ud83d"', '"\\u0000"', '""',
)  # fmt: skip
"""JSON values where a text should be, and texts that JSON can spell and no document has."""

_PARTS = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b"\t", b"{", b"]", b'"', b"<", b"&", b"-1",
    b"99999999", b"\xf0\x9f\xab\xa0", b"\xed\xa0\xbd",
)  # fmt: skip

Fault = Callable[[str, Random], str]


def _place(answer: str, draw: Random) -> int:
    return draw.randint(0, len(answer))


def _range(answer: str, draw: Random) -> tuple[int, int]:
    start = _place(answer, draw)
    return start, min(len(answer), start + int(draw.expovariate(1 / 8)) + 1)


def _delete(answer: str, draw: Random) -> str:
    start, end = _range(answer, draw)
    return answer[:start] + answer[end:]


def _repeat(answer: str, draw: Random) -> str:
    start, end = _range(answer, draw)
    return answer[:end] + answer[start:end] * draw.randint(1, 3) + answer[end:]


def _move(answer: str, draw: Random) -> str:
    start, end = _range(answer, draw)
    rest = answer[:start] + answer[end:]
    place = _place(rest, draw)
    return rest[:place] + answer[start:end] + rest[place:]


def _truncate(answer: str, draw: Random) -> str:
    return answer[: _place(answer, draw)]


def _insert(answer: str, draw: Random) -> str:
    place = _place(answer, draw)
    return answer[:place] + draw.choice(SCRAPS) + answer[place:]


def _scribble(answer: str, draw: Random) -> str:
    place = _place(answer, draw)
    letters = chr(draw.choice((0x7F, 0x5FF, 0x2FFF, 0xFFFF, 0x10FFFF)) - draw.randint(0, 127))
    return answer[:place] + letters * draw.randint(1, 3) + answer[place + 1 :]


def _change_case(answer: str, draw: Random) -> str:
    start, end = _range(answer, draw)
    return answer[:start] + answer[start:end].swapcase() + answer[end:]


def _wrap(answer: str, draw: Random) -> str:
    return "{" + ", ".join([f'"entities": {answer}'] * draw.randint(1, 2)) + "}"


def _swap_value(answer: str, draw: Random) -> str:
    """Put another JSON value in the place of a string, if the answer has any."""
    found = list(_STRING.finditer(answer))
    if not found:
        return answer
    string = draw.choice(found)
    return answer[: string.start()] + draw.choice(_VALUES) + answer[string.end() :]


_FAULTS: tuple[Fault, ...] = (
    _delete, _repeat, _move, _truncate, _insert, _insert, _insert, _scribble, _change_case, _wrap,
    _swap_value,
)  # fmt: skip


def gone_wrong(answer: str, draw: Random, others: tuple[str, ...] = ()) -> str:
    """Return the answer with one to six faults; some go on as one of the other answers."""
    for _ in range(draw.randint(1, 6)):
        if others and draw.random() < 0.1:
            other = draw.choice(others)
            answer = answer[: _place(answer, draw)] + other[_place(other, draw) :]
        answer = draw.choice(_FAULTS)(answer, draw)
    return answer


def damaged(content: bytes, draw: Random) -> bytes:
    """Return a file's content with some bytes left out, put in or replaced, or its end cut off."""
    for _ in range(draw.randint(1, 3)):
        start = draw.randint(0, len(content))
        end = min(len(content), start + draw.choice((0, 1, 1, 8, 64)))
        content = content[:start] + draw.choice(_PARTS) + content[end:]
    return content[: draw.randint(0, len(content))] if draw.random() < 0.2 else content
