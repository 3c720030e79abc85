"""Who is timed: nerharness, note by note and in batches, and its peers, on the same notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any, Final

from benchmarks.accuracy import Align, Answer, texts_of
from benchmarks.notes import Note
from benchmarks.peers import PEERS, THRESHOLD, load
from nerharness.align import Aligner, Columns, Match


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is timed, on texts and the mentions of each, and how its answers are read."""

    run: Callable[[Sequence[str], Sequence[Sequence[str]]], Any]
    read: Callable[[Any], Sequence[Sequence[Answer]]]


def contestant(name: str) -> Contestant:
    """The contestant of that name; `PeerMissingError` if it is a peer that is not installed."""
    aligner = Aligner(threshold=THRESHOLD)
    if name == "nerharness":
        return Contestant(partial(_each, aligner.align), _spans)
    if name == "nerharness, batch":
        return Contestant(aligner.align_batch, _spans)
    if name == "nerharness, columns":
        return Contestant(partial(aligner.align_batch, columns=True), _rows)
    return Contestant(partial(_each, _peer(name)), list)


def jobs(notes: Sequence[Note]) -> tuple[list[str], list[list[str]]]:
    """The texts of the notes and the mentions of each."""
    return [note.text for note in notes], [texts_of(note) for note in notes]


@cache
def _peer(name: str) -> Align:
    return load(name)


def _each(
    align: Callable[[str, Sequence[str]], Any], texts: Sequence[str], mentions: Sequence[list[str]]
) -> list[Any]:
    return [align(text, of_text) for text, of_text in zip(texts, mentions, strict=True)]


def _spans(found: Sequence[Sequence[Match | None]]) -> list[list[Answer]]:
    return [[_span(match) for match in of_text] for of_text in found]


def _span(match: Match | None) -> Answer:
    return None if match is None else (match.start, match.end)


def _rows(found: Columns) -> list[list[Answer]]:
    spans = list(zip(found.start.tolist(), found.end.tolist(), strict=True))
    rows = [None if start < 0 else (start, end) for start, end in spans]
    return [rows[since:to] for since, to in pairwise(found.offsets.tolist())]


NAMES: Final = ("nerharness", "nerharness, batch", "nerharness, columns", *PEERS)
