"""Labels as a format can write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nerharness.errors import CorpusError
from nerharness.types import Entity


class Spelling:
    """How the labels of one corpus are written; raises `CorpusError` where two become one."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        self._spell = spell
        self._labels: dict[str, str] = {}

    def spelled(self, entities: Sequence[Entity]) -> tuple[tuple[Entity, ...], int]:
        """Return the entities with the labels that are written, and how many are other ones."""
        written = tuple(replace(entity, label=self._of(entity.label)) for entity in entities)
        pairs = zip(entities, written, strict=True)
        return written, sum(old.label != new.label for old, new in pairs)

    def _of(self, label: str) -> str:
        written = self._spell(label)
        if (other := self._labels.setdefault(written, label)) != label:
            what = f"labels {other!r} and {label!r} would both be {written!r}"
            raise CorpusError(what, hint="rename one first")
        return written
