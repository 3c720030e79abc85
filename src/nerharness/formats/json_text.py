"""Mentions in JSON strings, as grammars and answers spell them."""

from __future__ import annotations

import json

from nerharness.grammar import Level, copied
from nerharness.types import Unit

TEXT_KEYS = ("text", "mention", "entity", "name", "span", "word")
"""The keys under which models put a mention's text."""


def spellable(text: str) -> bool:
    """Tell whether the text is free of lone surrogates, which JSON escapes can spell."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def escaped(text: str) -> str:
    """Return the inside of the JSON string that spells the text, other than ASCII as it is."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


_EDGE = r'([^\s\\]|\\(["\\\/b]|u00(0[0-8ef]|1[0-9ab])))'
_SEEN = r'([^\s\p{Cc}\\]|\\["\\\/])'
_CHARACTER = r"([^\\]|\\[^u]|\\u[0-9a-f]{4})"


def json_text(unit: Unit, level: Level) -> list[str]:
    """Return the rules of TEXT, the inside of a JSON string that is a mention.

    At the level "grounded" it is a piece of the text, otherwise any that begins visibly.
    """
    if level == "grounded":
        edges = f"/{_EDGE}({_CHARACTER}*{_EDGE})?/"
        seen = f"/{_CHARACTER}*{_SEEN}{_CHARACTER}*/"
        return [f"TEXT: PIECE & {edges} & {seen}", f"PIECE: {copied(unit, escaped)}"]
    plain, escape = r'"\\\x00-\x1f\x7f', r'\\["\\\/'
    return [rf"TEXT: /([^\s{plain}]|{escape}])([^{plain}]|{escape}bfnrt])*/"]
