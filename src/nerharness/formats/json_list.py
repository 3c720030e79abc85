"""The `json` format: a JSON list of `{"text": …, "label": …}` in text order."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from nerharness.formats.entities import asked
from nerharness.formats.json_text import TEXT_KEYS, escaped, json_text, spellable
from nerharness.formats.room import room
from nerharness.grammar import Level, choice, listed, nameable
from nerharness.templates import builtin
from nerharness.types import Constraint, Example, LabelSet, Mention, Reading, Span, Unit

_LABEL_KEYS = ("label", "type", "entity_type", "category", "tag", "class")
_SEPARATORS = re.compile(r"[\s,]*")
_WRAPPER = "entities"
_OPENING = re.compile(rf'\s*(?:\{{\s*"{_WRAPPER}"\s*:\s*)?\[')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; lists under one key are joined, otherwise the last value counts."""
    value: dict[str, Any] = {}
    for key, one in pairs:
        if isinstance(one, list) and isinstance(value.get(key), list):
            value[key] += one
        else:
            value[key] = one
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


class JsonList:
    """Asks for a JSON list of mentions; reads lists that are cut off or wrapped in prose, too."""

    template = builtin("formats/json")
    one_label = False

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the text as it is."""
        return unit.text

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return the example's entities as the list asked for.

        A discontinuous entity is shown by its fragments joined by one space.
        """
        text = example.document.text
        items = [{"text": e.surface(text), "label": e.label} for e in asked(example, labels)]
        return json.dumps(items, ensure_ascii=False)

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for a list that names every third token, or the whole text once."""
        return 56 + max(5 * len(unit.tokens), room(unit.text))

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Allow only the list asked for, with no more items than the text has visible tokens."""
        if level == "free":
            return None
        most = nameable(unit)
        grammar = "\n".join(
            [
                f'start: "[" ({listed("item", ", ", most)})? "]"' if most else 'start: "[]"',
                r'item: "{\"text\": \"" TEXT "\", \"label\": \"" LABEL "\"}"',
                *json_text(unit, level),
                f"LABEL: {choice(map(escaped, labels.names))}",
            ]
        )
        return Constraint(grammar, _schema(labels))

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read every complete item, wherever it stands; count what was odd or cut.

        Problems: `not_bare_json` (prose, fences or several lists around the items), `cut` (an
        unfinished last item), `bad_item` (an item without text or label), `unknown_label`,
        `no_json` (nothing readable: status "failed").
        """
        problems: Counter[str] = Counter()
        items = _whole(answer)
        if items is None:
            items = list(_scattered(answer, problems))
            if not items and not problems["empty_list"]:
                return Reading((), "failed", {"no_json": 1, **_only(problems, "cut")})
            del problems["empty_list"]
        mentions = tuple(_mentions(items, labels, problems))
        return Reading(mentions, "repaired" if problems else "clean", dict(problems))


class _Item(NamedTuple):
    """A JSON value of the answer and its place there, if it is an item of its own."""

    value: Any
    place: Span | None


def _schema(labels: LabelSet) -> dict[str, Any]:
    """Return the schema of the list in an object, which is what servers want at the top."""
    item = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "label": {"type": "string", "enum": list(labels.names)},
        },
        "required": ["text", "label"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {_WRAPPER: {"type": "array", "items": item}},
        "required": [_WRAPPER],
        "additionalProperties": False,
    }


def _whole(answer: str) -> list[_Item] | None:
    """Return the items if the answer is exactly one JSON list, or an object of the schema."""
    try:
        json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if (opening := _OPENING.match(answer)) is None:
        return None
    items: list[_Item] = []
    position = _next(answer, opening.end())
    while answer[position] != "]":
        value, end = _DECODER.raw_decode(answer, position)
        items += _unwrapped(value, Span(position, end))
        position = _next(answer, end)
    return items if answer[position + 1 :].strip() in ("", "}") else None


def _next(answer: str, position: int) -> int:
    return _SEPARATORS.match(answer, position).end()  # type: ignore[union-attr]


def _scattered(answer: str, problems: Counter[str]) -> Iterator[_Item]:
    """Yield each complete JSON object in the answer; note what surrounds or follows them."""
    problems["not_bare_json"] += 1
    position = 0
    while (start := answer.find("{", position)) >= 0:
        try:
            value, position = _DECODER.raw_decode(answer, start)
        except (ValueError, RecursionError):
            position = start + 1
            if answer.find("}", start) < 0:
                problems["cut"] += 1
                break
            problems["bad_item"] += 1
            continue
        yield from _unwrapped(value, Span(start, position))
    if re.search(r"\[\s*\]", answer):
        problems["empty_list"] += 1


def _unwrapped(value: Any, place: Span) -> list[_Item]:
    """Return the objects in an object's lists, as in `{"mentions": [{}]}`, or the value itself."""
    if _is_object(value) and set(value) == {_WRAPPER} and isinstance(value[_WRAPPER], list):
        return [_Item(one, None) for one in value[_WRAPPER]]
    lists = [one for one in value.values() if isinstance(one, list)] if _is_object(value) else []
    inner = [one for each in lists for one in each]
    if lists and all(map(_is_object, inner)):
        return [_Item(one, None) for one in inner]
    return [_Item(value, place)]


def _is_object(item: Any) -> bool:
    return isinstance(item, dict)


def _only(problems: Counter[str], kind: str) -> dict[str, int]:
    return {kind: problems[kind]} if problems[kind] else {}


def _mentions(items: list[_Item], labels: LabelSet, problems: Counter[str]) -> Iterator[Mention]:
    for item, place in items:
        for text, written in _pairs(item, labels):
            label = labels.resolve(written)
            if label is None:
                problems["unknown_label"] += 1
            elif not text.strip() or not spellable(text):
                problems["bad_item"] += 1
            else:
                yield Mention(text, label, source=place)
        if not _pairs(item, labels):
            problems["bad_item"] += 1


def _pairs(item: Any, labels: LabelSet) -> list[tuple[str, str]]:
    """Return `(text, label)` of an item, also of `{label: [texts]}`."""
    if not isinstance(item, dict):
        return []
    text = next((item[key] for key in TEXT_KEYS if isinstance(item.get(key), str)), None)
    label = next((item[key] for key in _LABEL_KEYS if isinstance(item.get(key), str)), None)
    if text is not None and label is not None:
        return [(text, label)]
    pairs: list[tuple[str, str]] = []
    for key, value in item.items():
        if labels.resolve(key) is not None:
            texts = value if isinstance(value, list) else [value]
            pairs += [(one, key) for one in texts if isinstance(one, str)]
    return pairs
