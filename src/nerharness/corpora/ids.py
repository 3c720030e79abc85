"""The ids of the documents in one file, each of which may stand there once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nerharness.errors import CorpusError
from nerharness.fields import typed
from nerharness.findings import Findings, Place

NOT_EMPTY = re.compile(r".+", re.DOTALL)


class Ids:
    """Remembers where each id stands, by some 110 bytes: ids by their hashes, places by line."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._lines: dict[int, int] = {}
        self._numbers: dict[str, int] = {}

    def is_new(self, id: str, place: Place, hint: str = "") -> bool:
        """Tell whether the id is new, and remember it; note one that is not as a fault."""
        if (first := self.first(id, place)) is None:
            return True
        what = f"id {id!r} stands twice{first_at(first)}"
        self._findings.fault("duplicate", place, what, hint, "left out")
        return False

    def unique(self, id: str, place: Place) -> str:
        """Return the id, with `-2` or so behind it where it stands already, which is a flaw."""
        if (first := self.first(id, place)) is None:
            return id
        number = self._numbers.get(id, 1) + 1
        while self.first(f"{id}-{number}", place):
            number += 1
        self._numbers[id] = number
        what = f"id {id!r} stands twice{first_at(first)}"
        self._findings.flaw("duplicate", place, what, f"called {id}-{number}")
        return f"{id}-{number}"

    def first(self, id: str, place: Place) -> Place | None:
        """Return where the id stands already; if nowhere, `None`, and remember it for `place`."""
        key = hash(id)
        if (line := self._lines.get(key)) is not None:
            return Place(place.path, line or None)
        self._lines[key] = place.line or 0
        return None


def first_at(first: Place) -> str:
    """Return the words that say where the first one stands, if its line is known."""
    return f", first at {first}" if first.line else ""


def given_id(value: object, default: str) -> str:
    """Return the id that a file gives as text, or the default where it gives none."""
    return default if value is None or value == "" else str(value)


def json_id(record: Mapping[str, Any]) -> str:
    """Return the `id` of a JSON object; `ValueError` unless it is text or a whole number."""
    value = record["id"]
    if type(value) not in (str, int):
        raise ValueError(f"field 'id' must be a string or a whole number, got {value!r}")
    return str(value) if isinstance(value, int) else typed(record, "id", str)


def written_id(id: str, held: re.Pattern[str]) -> str:
    """Return the id; `CorpusError` unless it is one that a format holds as it is."""
    if held.fullmatch(id):
        return id
    what = f"the id {id!r} of a document cannot be written in this format"
    raise CorpusError(what, hint="give it another id, or write jsonl")
