"""Answers as parsers take them."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def legible(answer: str) -> str:
    """Return the answer with U+FFFD for each lone surrogate, which alignment refuses."""
    return _SURROGATE.sub("\ufffd", answer)
