"""What no reader looks for in an example: copies, letters that are not in NFC, cut tokens."""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.errors import CorpusError
from nerharness.findings import Finding, Findings, Place
from nerharness.near_copies import NearCopies
from nerharness.runs.cuts import UnitCuts, cuts_of
from nerharness.runs.units import UnitKind
from nerharness.scoring.cuts import Cuts
from nerharness.types import Example, Span

Sink = Callable[[Finding], None]


@dataclass(slots=True)
class Validation:
    """What was looked at, and how many findings there are of each kind."""

    documents: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unrepaired: int = 0
    lost: int = 0
    """Documents, entities, lines and tags that a repaired copy lacks."""
    cut_tokens: int = 0
    """Entities that cut through a token, which is no fault."""
    unit: UnitKind = "sentence"
    cut: Counter[str] = field(default_factory=Counter)
    """Entities that lie whole in no unit, which is no fault either."""
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def cuts(self) -> UnitCuts:
        """What units cut in each split."""
        splits = {split: Cuts(count, self.cut[split]) for split, count in self.entities.items()}
        return UnitCuts(self.unit, splits)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        splits = {
            split: {"documents": count, "entities": self.entities[split]}
            for split, count in self.documents.items()
        }
        return {
            "splits": splits,
            "findings": dict(self.kinds),
            "unrepaired": self.unrepaired,
            "lost": self.lost,
            "cut_tokens": self.cut_tokens,
            "cut_by_units": self.cuts.to_json(),
            "skipped": dict(self.skipped),
        }


class Checker:
    """Looks at each example for what no reader looks for, and drops exact duplicates."""

    def __init__(self, done: Validation, sink: Sink, leaks: bool) -> None:
        self.done = done
        self._sink = sink
        self._places = _Places()
        self._exact: dict[int, int] = {}
        self._copies = NearCopies() if leaks else None
        self._waiting: set[str] = set()

    def expect(self, splits: Iterable[str]) -> None:
        """Announce the splits: after the last of them nothing needs to be remembered."""
        self._waiting = set(splits)

    def note(self, finding: Finding) -> None:
        """Count a finding and pass it on."""
        self.done.kinds[finding.kind] += 1
        self.done.unrepaired += not finding.repair
        self.done.lost += finding.lost
        self._sink(finding)

    def stopped(self, error: CorpusError) -> None:
        """Note what keeps the rest of a file from being read."""
        path, _, line = error.where.rpartition(":")
        place = (
            Place(Path(path), int(line)) if path and line.isdigit() else Place(Path(error.where))
        )
        self.note(Finding("syntax", place, error.what, error.hint))

    def check(
        self, split: str, examples: Iterable[Example], findings: Findings
    ) -> Iterator[Example]:
        """Yield the examples of a split but for those that stand in it already."""
        self.done.documents[split] = self.done.entities[split] = 0
        try:
            for example in examples:
                place = findings.place or Place(Path(split))
                self._check_unicode(example, findings, place)
                if self._is_copy(split, example, findings, place):
                    continue
                self.done.documents[split] += 1
                self.done.entities[split] += len(example.entities)
                self.done.cut_tokens += _cut_tokens(example)
                self.done.cut[split] += cuts_of([example], self.done.unit).cut
                yield example
        finally:
            self._waiting.discard(split)

    def _check_unicode(self, example: Example, findings: Findings, place: Place) -> None:
        text = example.document.text
        if unicodedata.is_normalized("NFC", text):
            return
        composed = unicodedata.normalize("NFC", text)
        at = next((i for i, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b), 0)
        shown = text[max(0, at - 10) : at + 10]
        findings.flaw("unicode", place, f"text that is not in NFC, the first at {at}: {shown!r}")

    def _is_copy(self, split: str, example: Example, findings: Findings, place: Place) -> bool:
        """Note a text that stands in another split, and one that stands twice in its own."""
        text = example.document.text
        if sum(char.isalnum() for char in text) < 40:
            return False
        same = hash((split, text, example.entities))
        if (other := self._exact.get(same)) is not None:
            what = f"the same text and entities as {self._places[other].place}"
            return findings.flaw("duplicate", place, what, "kept once")
        self._exact[same] = number = self._places.add(split, place)
        if self._copies is None:
            return False
        near = self._copies.add(text, split, number, last=self._waiting <= {split})
        if near is not None:
            other_split, other_place = self._places[near]
            findings.flaw("leak", place, f"{split} repeats {other_split}, {other_place}")
        return False


class _Standing(NamedTuple):
    """Where a text stands."""

    split: str
    place: Place


class _Places:
    """Remembers where texts stand, by 16 bytes each and what the names of their files need."""

    def __init__(self) -> None:
        self._files: list[tuple[str, Path]] = []
        self._owners = array("Q")
        self._lines = array("Q")

    def add(self, split: str, place: Place) -> int:
        """Remember a place, and return its number."""
        if not self._files or self._files[-1] != (split, place.path):
            self._files.append((split, place.path))
        self._owners.append(len(self._files) - 1)
        self._lines.append(place.line or 0)
        return len(self._lines) - 1

    def __getitem__(self, number: int) -> _Standing:
        split, path = self._files[self._owners[number]]
        return _Standing(split, Place(path, self._lines[number] or None))


def _cut_tokens(example: Example) -> int:
    """Count the entities an edge of which lies inside a token."""
    starts = {token.start for token in example.document.tokens}
    ends = {token.end for token in example.document.tokens}
    cut = 0
    for entity in example.entities:
        bare = [_bare(part, example.document.text) for part in entity.fragments]
        cut += any(part.start not in starts or part.end not in ends for part in bare)
    return cut


def _bare(span: Span, text: str) -> Span:
    words = text[span.start : span.end]
    if not words.strip():
        return span
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))
