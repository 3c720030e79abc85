"""An error is one line: where, what, and what to do next."""

from __future__ import annotations

import pytest

from nerharness.errors import UsageError


@pytest.mark.parametrize(
    ("what", "where", "hint", "line"),
    [
        ("is too large", "--shots", "at most 8", "--shots: is too large; at most 8"),
        ("is too large.", "", "at most 8", "is too large; at most 8"),
        ("It is no GGUF file. \n", "m.gguf", "a folder", "m.gguf: It is no GGUF file; a folder"),
        ("one\n  two.", "", "", "one two."),
    ],
)
def test_the_parts_stand_in_one_line(what: str, where: str, hint: str, line: str) -> None:
    assert str(UsageError(what, where=where, hint=hint)) == line
