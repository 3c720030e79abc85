"""The tags of gold and predictions, where both are files of tags of the same tokens."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.corpora.schemes import detect_scheme
from nerharness.scoring.pair import TagRows
from nerharness.tags import Scheme
from nerharness.types import Example

Tags = Sequence[Sequence[str]]


def file_rows(sides: Sequence[tuple[Example, Example | None]]) -> tuple[TagRows, ...] | None:
    """Return the tags of each gold document and its predictions, as their files have them.

    A document without predictions has O alone. `None` where one side has no tags, where tokens or
    sentences differ, and where the two sides do not follow one of the schemes IOB2, BIOES and
    BILOU: then tags cannot be compared, but entities can.
    """
    pairs: list[tuple[Tags, Tags]] = []
    for gold, predicted in sides:
        if gold.tags is None or (predicted and not _alike(gold, predicted)):
            return None
        given = predicted.tags if predicted else None
        pairs.append((gold.tags, given or [["O"] * len(row) for row in gold.tags]))
    scheme = _common_scheme(*([row for one in pairs for row in one[side]] for side in (0, 1)))
    return scheme and tuple(TagRows(*pair, scheme) for pair in pairs)


def _alike(gold: Example, predicted: Example) -> bool:
    """Tell whether both have tags, and the same tokens in the same sentences."""
    if gold.tags is None or predicted.tags is None or _words(gold) != _words(predicted):
        return False
    return [*map(len, gold.tags)] == [*map(len, predicted.tags)]


def _words(example: Example) -> list[str]:
    document = example.document
    return [document.text[token.start : token.end] for token in document.tokens]


def _common_scheme(gold: Tags, predicted: Tags) -> Scheme | None:
    """Return the scheme of gold, if its letters say which, and predictions have the same letters.

    Predictions that begin all entities with I are IOB2 that is broken everywhere, not IOB1.
    """
    known: dict[Scheme, tuple[Scheme, ...]] = {
        "IOB2": ("IOB2", "IOB1"),
        "BIOES": ("BIOES",),
        "BILOU": ("BILOU",),
    }
    scheme = detect_scheme(gold)
    return scheme if detect_scheme(predicted) in known.get(scheme, ()) else None
