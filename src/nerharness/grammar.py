"""Pieces of grammars in the Lark dialect of llguidance, for the constraints of formats.

A grammar is a text of rules; `start` is the answer. In it, a lower-case name is a rule, an
upper-case one a terminal (a regular expression, matched as one).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Literal

from nerharness.align import cuts
from nerharness.types import Unit
from nerharness.white_space import trimmed

Level = Literal["free", "schema", "grounded"]
"""How an answer is held to its format.

free: not at all. schema: it has the format's shape, and no label but the task's. grounded: every
mention besides consists of tokens of the unit's text that stand together there.
"""

VISIBLE_TEXT = r"/\S((?s:.)*\S)?/ & /(?s:.)*[^\s\p{Cc}](?s:.)*/"
"""The body of a terminal for texts that have more than white space and control characters.

They have no white space at their edges.
"""

_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f]*")


def literal(text: str) -> str:
    """Return `text` as a literal; DEL is the one character that llguidance wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", r"\u007f")


def after(text: str, grammar: str) -> str:
    """Return the grammar of what `grammar` allows with `text` before it."""
    return f"start: {literal(text)} answer\n{grammar.replace('start:', 'answer:', 1)}"


def choice(texts: Iterable[str]) -> str:
    """Return the literals of `texts` as alternatives; no text is a `ValueError`."""
    literals = [literal(text) for text in texts]
    if not literals:
        raise ValueError("a choice needs at least one text")
    return " | ".join(literals)


def listed(item: str, between: str, most: int) -> str:
    """Return one to `most` of the rule or terminal `item`, parted by the text `between`."""
    if most == 1:  # llguidance refuses {0,0}
        return item
    return f"{item} ({literal(between)} {item}){{0,{most - 1}}}"


def nameable(unit: Unit) -> int:
    """Return how many tokens of the unit have something visible: others are no mentions."""
    words = (unit.text[token.start : token.end] for token in unit.tokens)
    return sum(_UNSEEN.fullmatch(word) is None for word in words)


def pieces(unit: Unit) -> list[str]:
    """Return the unit's text cut before and after each token; joined they are the text.

    White space at the edges of a token is cut off. It is not cut where alignment would not let
    mentions begin and end, as inside of "1.5".
    """
    text = unit.text
    edges = {edge for token in trimmed(text, unit.tokens) for edge in (token.start, token.end)}
    bounds = [at for at in cuts(text) if at in edges | {0, len(text)}]
    cut = zip(bounds, bounds[1:], strict=False)
    return [text[start:end] for start, end in cut]


def copied(unit: Unit, spell: Callable[[str], str] = str) -> str:
    """Return the body of a terminal: one or more neighbouring tokens of the unit, spelled.

    White space and whatever else stands between two tokens is copied with them, but neither at the
    beginning nor at the end. `spell` is given pieces of the text, and must keep what is visible
    visible.
    """
    chunks = json.dumps([spell(piece) for piece in pieces(unit)], ensure_ascii=False)
    return f'%regex {{ "substring_chunks": {chunks} }}'
