"""Carrying entities over to a text that differs from theirs only in white space."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.types import Entity, Span


def project(entities: Sequence[Entity], text: str, target: str) -> tuple[Entity, ...] | None:
    """Return the entities of `text` at the same characters of `target`.

    White space at the edge of a fragment is left out. `None` if the texts differ in anything but
    white space, or a fragment is nothing else.
    """
    if text == target:
        return tuple(entities)
    places, targets = _visible(text), _visible(target)
    if [text[place] for place in places] != [target[place] for place in targets]:
        return None
    number = dict(zip(places, targets, strict=True))
    carried: list[Entity] = []
    for entity in entities:
        parts = [_visible(text[part.start : part.end], part.start) for part in entity.fragments]
        if not all(parts):
            return None
        spans = (Span(number[part[0]], number[part[-1]] + 1) for part in parts)
        carried.append(Entity(entity.label, tuple(spans)))
    return tuple(carried)


def first_difference(one: str, other: str) -> int:
    """Return the character of `one` at which two texts begin to differ, white space aside."""
    places, others = _visible(one), _visible(other)
    for place, another in zip(places, others, strict=False):
        if one[place] != other[another]:
            return place
    return places[len(others)] if len(places) > len(others) else len(one)


def _visible(text: str, offset: int = 0) -> list[int]:
    return [offset + place for place, char in enumerate(text) if not char.isspace()]
