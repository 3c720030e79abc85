"""A tagger held to a task: its labels, and what it yields for each document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from nerharness.runs.task_tagger import TaskTagger
from nerharness.segment import segment
from nerharness.types import Document, Entity, Label, LabelSet

LABELS = LabelSet((Label("sign"),))
DOCUMENTS = [segment("a", "A rash."), segment("b", "Rashes.")]
FOUND = [Entity.at("sign", 0, 1), Entity.at("word", 2, 3)]


class Tagger:
    """Yields for each document what it was made with."""

    def __init__(self, rows: Iterable[object]) -> None:
        self.rows = rows

    def tag(self, documents: Sequence[Document], /) -> Iterator[object]:
        yield from self.rows


def tagger(*rows: object) -> TaskTagger:
    return TaskTagger(Tagger(rows), LABELS)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [list, tuple, iter], ids=["list", "tuple", "generator"])
def test_entities_with_labels_of_the_task_are_taken_and_the_others_counted(
    kind: type[Iterable[Entity]],
) -> None:
    held = tagger(kind(FOUND), kind(FOUND))
    assert list(held.tag(DOCUMENTS)) == [(FOUND[0],), (FOUND[0],)]
    assert held.observed == {"outside_labels": {"word": 2}}
