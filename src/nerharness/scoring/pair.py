"""What is scored: gold and predicted entities of one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nerharness.flatten import LONGEST, Policy
from nerharness.tags import Scheme
from nerharness.types import Document, Entity, Mention, Span

Silence = Literal["truncated", "unparsed", "failed"]
"""Why nothing is known of a stretch: the answer was cut, could not be read, or did not come."""


class Gap(NamedTuple):
    """A stretch of the document about which there is no answer."""

    span: Span
    cause: Silence


class Frequencies(NamedTuple):
    """How often train has the words of each gold and of each predicted entity under its label."""

    gold: tuple[int, ...]
    predicted: tuple[int, ...]


class TagRows(NamedTuple):
    """Gold and predicted tags of each sentence, as they were given, and what scheme they follow."""

    gold: Sequence[Sequence[str]]
    predicted: Sequence[Sequence[str]]
    scheme: Scheme = "IOB2"


@dataclass(frozen=True, slots=True)
class Pair:
    """A document's gold and predicted entities, and what is known of how the latter came about.

    Fragments that touch are one: an entity is the characters that it covers.

    Without `document` there are neither words nor tokens, and without `words` its text is not that
    of the tokens: no protocol is asked for what it would need. `confidences` has one for each
    predicted entity, or none. `ungrounded` are mentions that stand nowhere in the text. `tags` are
    given where the entities were read from tags; where they are not, `policy` says which of
    entities that overlap is tagged. `units` are what was read by itself, unless it was all of it.
    """

    gold: tuple[Entity, ...]
    predicted: tuple[Entity, ...]
    document: Document | None = None
    confidences: tuple[float | None, ...] = ()
    ungrounded: tuple[Mention, ...] = ()
    gaps: tuple[Gap, ...] = ()
    frequencies: Frequencies | None = None
    tags: TagRows | None = None
    words: bool = True
    units: tuple[Span, ...] = ()
    policy: Policy = LONGEST

    def __post_init__(self) -> None:
        for side in ("gold", "predicted"):
            object.__setattr__(self, side, tuple(one.joined() for one in getattr(self, side)))
