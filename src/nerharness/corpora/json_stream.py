"""The members of a large JSON array, one after the other, each with the line where it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nerharness.corpora.files import read_text
from nerharness.errors import CorpusError

_SPACE = re.compile(r"[ \t\r\n]*")


def members(path: Path, key: str | None = None) -> Iterator[tuple[int, Any]]:
    """Yield the members of the file's array, or of the array that `key` names in its object.

    The file's text is held, but one member at a time is parsed. Raises `CorpusError` with the line
    for anything that is not JSON, and when there is no such array.
    """
    cursor = _Cursor(path, read_text(path).removeprefix("\ufeff"))
    if key is None:
        yield from cursor.array()
    else:
        yield from cursor.field(key)
    if cursor.peek():
        raise cursor.error("something stands after the end")


class _Cursor:
    """A place in a JSON text."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text, self._at = path, text, 0
        self._line, self._counted = 1, 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]  # matches ""
        return self._text[self._at : self._at + 1]

    def line(self) -> int:
        """Return the line of the place."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def error(self, what: str) -> CorpusError:
        """Build the error for the place."""
        return CorpusError.at(self._path, self.line(), f"not JSON: {what}")

    def array(self) -> Iterator[tuple[int, Any]]:
        """Yield the members of the array that begins here."""
        self._expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            self.peek()
            yield self.line(), self._value()
            if self.peek() == "]":
                self._at += 1
                return
            self._expect(",")

    def field(self, wanted: str) -> Iterator[tuple[int, Any]]:
        """Yield the members of the array in the field `wanted` of the object that begins here."""
        self._expect("{")
        found = False
        while self.peek() != "}":
            key = self._value()
            self._expect(":")
            if key == wanted and not found:
                found = True
                yield from self.array()
            else:
                self._value()
            if self.peek() != "}":
                self._expect(",")
        self._at += 1
        if not found:
            raise CorpusError.at(self._path, None, f"no field {wanted!r}")

    def _expect(self, char: str) -> None:
        if self.peek() != char:
            raise self.error(f"expected {char!r}, found {self.peek() or 'the end'!r}")
        self._at += 1

    def _value(self) -> Any:
        self.peek()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = error.pos
            raise self.error(error.msg) from None
        except (ValueError, RecursionError) as error:
            raise self.error(str(error)) from None
        return value
