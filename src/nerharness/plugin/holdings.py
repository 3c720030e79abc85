"""What prompts can draw on: the train examples and the knowledge, but never the unit itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from nerharness.duplicates import bare_text
from nerharness.errors import UsageError
from nerharness.plugin.exclusion import Exclusion
from nerharness.plugin.hints import Hints, HintSource
from nerharness.plugin.protocols import Hit, Indexed
from nerharness.plugin.shelf import Indexer, Shelf
from nerharness.types import Document, Example, Passage, Unit

Source = Literal["example", "passage"]


class Retrieved(NamedTuple):
    """Something that was looked up for a unit: where it is from, and how near it was.

    `id` names the example ("DOCUMENT#N", N its position in train) or passage; `text` and `labels`
    are what it shows.
    """

    source: Source
    id: str
    score: float
    text: str
    labels: frozenset[str]


class Holdings:
    """Train examples and passages.

    `examples` are unit-sized; their documents' ids are those of the train documents they come from,
    which are `originals`.
    """

    def __init__(
        self,
        examples: Sequence[Example] = (),
        originals: Sequence[Document] = (),
        passages: Sequence[Passage] = (),
        indexer: Indexer | None = None,
        *,
        hints: HintSource = "none",
    ) -> None:
        self.examples = examples
        self.passages = passages
        self.exclusion = Exclusion(originals, examples)
        self.hints = Hints(hints, examples, passages, self.exclusion.examples)
        self._solved = Shelf([_solved(n, example) for n, example in enumerate(examples)], indexer)
        self._known = Shelf([_known(n, passage) for n, passage in enumerate(passages)], indexer)

    def expect(self, units: Iterable[Unit]) -> None:
        """Announce the units that will be looked up next, so that it is done at once."""
        texts = [unit.text for unit in units]
        self._solved.expect(texts)
        self._known.expect(texts)

    def demonstrations(self, unit: Unit, k: int) -> list[tuple[Example, Retrieved]]:
        """Return the `k` examples that rank first and may be shown for the unit, best first.

        No two of them have the same text.
        """
        if k <= 0:
            return []
        if not self.examples:
            raise UsageError(
                "demonstrations were asked for, but the corpus has no train split",
                hint="give a corpus folder with train and test files, or --shots 0",
            )

        def choice(hits: Iterable[Hit]) -> Iterator[Hit]:
            shown: set[str] = set()
            for hit in hits:
                example = self.examples[hit.index]
                text = bare_text(example.document.text)
                if text not in shown and not self.exclusion.forbids(unit, example):
                    shown.add(text)
                    yield hit

        hits = self._solved.best(unit.text, k, choice)
        items = self._solved.items
        return [(self.examples[h.index], _note("example", items, h)) for h in hits]

    def knowledge(self, unit: Unit, k: int) -> list[tuple[Passage, Retrieved]]:
        """Return the `k` passages that rank first and may be shown for the unit, best first."""
        if k <= 0 or not self.passages:
            return []

        def choice(hits: Iterable[Hit]) -> Iterator[Hit]:
            forbidden = self.exclusion.forbids_passage
            return (hit for hit in hits if not forbidden(unit, self.passages[hit.index]))

        hits = self._known.best(unit.text, k, choice)
        items = self._known.items
        return [(self.passages[h.index], _note("passage", items, h)) for h in hits]


def _note(source: Source, items: Sequence[Indexed], hit: Hit) -> Retrieved:
    item = items[hit.index]
    return Retrieved(source, item.id, hit.score, item.text, item.labels)


def _solved(number: int, example: Example) -> Indexed:
    document = example.document
    labels = frozenset(entity.label for entity in example.entities)
    return Indexed(document.text, f"{document.id}#{number}", labels)


def _known(number: int, passage: Passage) -> Indexed:
    names = ", ".join((passage.title, *passage.synonyms))
    text = f"{names}: {passage.text}" if passage.text else names
    return Indexed(text, passage.id or f"#{number}")
