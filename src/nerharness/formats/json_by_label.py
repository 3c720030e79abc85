"""The `json-by-label` format: `{"label": ["mention", …], …}`, each list in text order."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nerharness.formats.entities import asked
from nerharness.formats.json_list import JsonList
from nerharness.formats.json_text import TEXT_KEYS, escaped, json_text, spellable
from nerharness.formats.room import room
from nerharness.grammar import Level, listed, literal, nameable
from nerharness.templates import builtin
from nerharness.types import Constraint, Example, LabelSet, Mention, Reading, Span, Unit

_PART = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+(?:"|\\?\Z))(?P<colon>\s*+:)?|[{}\[\]]|[^\s{}\[\]",:]++',
    re.DOTALL,
)
_NOTHING = ("null", "none", "None")


class JsonByLabel:
    """Asks for a JSON object with a list of mentions per label; reads cut and wrapped ones, too."""

    template = builtin("formats/json-by-label")
    one_label = False

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the text as it is."""
        return unit.text

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return the example's entities by label; labels without any have empty lists.

        A discontinuous entity is shown by its fragments joined by one space.
        """
        text = example.document.text
        lists: dict[str, list[str]] = {name: [] for name in labels.names}
        for entity in asked(example, labels):
            lists[entity.label].append(entity.surface(text))
        return json.dumps(lists, ensure_ascii=False)

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for every label, and a list that names every third token or the whole text once."""
        named = sum(6 + room(name) for name in labels.names)
        return 32 + named + max(4 * len(unit.tokens), room(unit.text))

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Allow only the object asked for, each list no longer than the text has visible tokens."""
        if level == "free":
            return None
        lists = ' ", " '.join(f"{literal(_key(name))} list" for name in labels.names)
        most = nameable(unit)
        rules = [
            f'start: "{{" {lists} "}}"',
            f'list: "[" ({listed("item", ", ", most)})? "]"' if most else 'list: "[]"',
            'item: "\\"" TEXT "\\""',
            *json_text(unit, level),
        ]
        return Constraint("\n".join(rules), _schema(labels))

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read every complete mention that stands under a label.

        Problems: `not_bare_json` (prose, fences or several objects), `cut` (an object that does not
        end), `bad_item` (what is no mention), `unknown_label` (a mention under what is no label),
        `other_shape` (read as the format `json`), `no_json` (nothing readable: status "failed").
        """
        problems: Counter[str] = Counter()
        mentions = tuple(_mentions(answer, labels, problems))
        if _names_a_label(answer, labels) or _is_empty_object(answer):
            return Reading(mentions, "repaired" if problems else "clean", dict(problems))
        reading = JsonList().parse(answer, unit, labels)
        if reading.status == "failed":
            return reading
        return replace(reading, status="repaired", problems={**reading.problems, "other_shape": 1})


def _key(label: str) -> str:
    return f'"{escaped(label)}": '


def _schema(labels: LabelSet) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: {"type": "array", "items": {"type": "string"}} for name in labels.names
        },
        "required": list(labels.names),
        "additionalProperties": False,
    }


def _is_object(answer: str) -> bool:
    try:
        return isinstance(json.loads(answer), dict)
    except (ValueError, RecursionError):
        return False


def _is_empty_object(answer: str) -> bool:
    return re.fullmatch(r"\s*\{\s*\}\s*", answer) is not None


def _names_a_label(answer: str, labels: LabelSet) -> bool:
    parts = _PART.finditer(answer, max(answer.find("{"), 0))
    keys = (_decoded(part["string"]) for part in parts if part["colon"])
    return any(labels.resolve(key) for key in keys if key is not None)


def _mentions(answer: str, labels: LabelSet, problems: Counter[str]) -> Iterator[Mention]:
    """Yield the strings under each label.

    Part by part and not as one value, so that each has its place and a cut answer its mentions.
    """
    under: list[str | None] = []
    for part in _PART.finditer(answer, max(answer.find("{"), 0)):
        if part[0] == "{":
            under.append(under[-1] if under else None)
        elif part[0] == "}":
            del under[-1:]
        elif not under or part[0] in ("[", "]"):
            continue
        elif part["colon"]:
            under[-1] = _label(part["string"], under[-1], labels)
        elif part[0] not in _NOTHING:
            yield from _mention(part, under[-1], problems)
    if under:
        problems["cut"] += 1
    elif not _is_object(answer):
        problems["not_bare_json"] += 1


def _label(string: str, above: str | None, labels: LabelSet) -> str | None:
    """Return the label that a key stands for; what is the key of a text keeps that above it."""
    key = _decoded(string) or ""
    return labels.resolve(key) or (above if key in TEXT_KEYS else None)


def _mention(part: re.Match[str], label: str | None, problems: Counter[str]) -> Iterator[Mention]:
    text = _decoded(part["string"]) if part["string"] else None
    if text is None or not text.strip() or not spellable(text):
        problems["bad_item"] += 1
    elif label is None:
        problems["unknown_label"] += 1
    else:
        yield Mention(text, label, source=Span(*part.span("string")))


def _decoded(string: str) -> str | None:
    """Return what a JSON string spells; `None` if it is malformed or cut."""
    try:
        text: str = json.loads(string, strict=False)
    except ValueError:
        return None
    return text
