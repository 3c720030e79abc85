"""What is wrong with a corpus, by file and line, and what a repair makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from nerharness.errors import CorpusError

Kind = Literal[
    "syntax",
    "offsets",
    "mention",
    "empty",
    "edges",
    "label",
    "tag",
    "duplicate",
    "leak",
    "unicode",
]


_LONGEST = 400
"""Characters of what a finding says."""


_ALL = "nerharness validate lists all that is wrong, and with --fix repairs what can be"


class Place(NamedTuple):
    """A line of a file (1-based; its row or document where it has no lines), or the whole file."""

    path: Path
    line: int | None = None

    def __str__(self) -> str:
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `repair` says what a repaired copy has instead, "" for no change."""

    kind: Kind
    place: Place
    what: str
    hint: str = ""
    repair: str = ""

    @property
    def lost(self) -> bool:
        """Whether the repaired copy lacks what stands here."""
        return self.repair in ("left out", "tagged O")

    def error(self) -> CorpusError:
        """Return the finding as the error that stops a strict reader."""
        return CorpusError.at(self.place.path, self.place.line, self.what, hint=self.hint or _ALL)


class Findings:
    """Where a reader says what it meets; made anew for each reading.

    Without a `sink` it is strict: the first fault is raised as `CorpusError`, and flaws, with which
    a corpus can be read, pass. With one, the sink gets every finding, and the reader goes on with
    what it said as `repair`. With `any_label`, labels that are not declared are no fault.
    """

    def __init__(
        self, sink: Callable[[Finding], None] | None = None, *, any_label: bool = False
    ) -> None:
        self._sink = sink
        self.any_label = any_label
        self.place: Place | None = None
        """Where the example that was read last begins."""
        self.skipped: Counter[str] = Counter()
        """What the reader passed over, as an example cannot hold it or other things are read."""

    @property
    def lenient(self) -> bool:
        """Whether reading goes on after a fault."""
        return self._sink is not None

    def fault(self, kind: Kind, place: Place, what: str, hint: str = "", repair: str = "") -> None:
        """Note what cannot be read as it stands; raises it as `CorpusError` when strict."""
        finding = Finding(kind, place, _brief(what), hint, repair)
        if self._sink is None:
            raise finding.error()
        self._sink(finding)

    def flaw(self, kind: Kind, place: Place, what: str, repair: str = "") -> bool:
        """Note what can be read, but should not be so; tell whether to repair it."""
        if self._sink is None:
            return False
        self._sink(Finding(kind, place, _brief(what), "", repair))
        return True


def _brief(what: str) -> str:
    """Return the text, without its middle if it quotes very much."""
    if len(what) <= _LONGEST:
        return what
    return f"{what[: _LONGEST * 3 // 4]} … {what[-_LONGEST // 4 :]}"
