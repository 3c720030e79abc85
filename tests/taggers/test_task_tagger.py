"""A tagger held to a task: its labels, and what it yields for each document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest

from nerharness.errors import PluginError
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
        for row in self.rows:
            yield row() if callable(row) else row


def tagger(*rows: object) -> TaskTagger:
    return TaskTagger(Tagger(rows), LABELS, "tagger 'mine'")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [list, tuple, iter], ids=["list", "tuple", "generator"])
def test_entities_with_labels_of_the_task_are_taken_and_the_others_counted(
    kind: type[Iterable[Entity]],
) -> None:
    held = tagger(kind(FOUND), kind(FOUND))
    assert list(held.tag(DOCUMENTS)) == [(FOUND[0],), (FOUND[0],)]
    assert held.observed == {"outside_labels": {"word": 2}}


FAULTS: dict[str, tuple[list[Any], str]] = {
    "an error": ([lambda: 1 / 0], "cannot tag: ZeroDivisionError"),
    "too few": ([[]], "ended after 1 of 2 documents"),
    "too many": ([[], [], []], "went on after 2 documents"),
    "nothing": ([None, None], "cannot tag: TypeError"),
    "pairs": ([[("sign", 0, 1)], []], "('sign', 0, 1) is no Entity"),
    "beyond": ([[Entity.at("sign", 2, 9)], []], "ends behind the 7 characters of 'a'"),
}


@pytest.mark.parametrize("unit", ["words", 7, print, None])
def test_the_error_names_a_tagger_that_reads_what_is_no_unit(unit: object) -> None:
    mine = Tagger([])
    mine.unit = unit  # type: ignore[attr-defined]
    with pytest.raises(PluginError, match=r"'mine': its .unit. is 'sentence' or 'document'"):
        TaskTagger(mine, LABELS, "tagger 'mine'")  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_error_names_the_tagger_and_the_fault(fault: str) -> None:
    rows, reason = FAULTS[fault]
    with pytest.raises(PluginError) as caught:
        list(tagger(*rows).tag(DOCUMENTS))
    assert str(caught.value).startswith("tagger 'mine': ")
    assert reason in str(caught.value)
