"""How many tokens a model may need to write a text."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]+")


def room(text: str) -> int:
    """Return about twice as many tokens as English takes; enough for any other text, too.

    A tokenizer that works on bytes takes at most one token for each; only runs of ASCII letters,
    which it has in larger pieces, are given less: one, and one for every two letters.
    """
    letters = [len(found[0]) for found in _WORD.finditer(text)]
    spaces = sum(map(text.count, (" ", "\n"))) // 2
    others = len(text.encode(errors="replace")) - sum(letters)
    return others - spaces + sum(1 + length // 2 for length in letters)
