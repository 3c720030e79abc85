"""The `json` format: a JSON list of `{"text": …, "label": …}` in text order."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from nerharness.types import Example, LabelSet, Mention, Reading, Unit

_TEXT_KEYS = ("text", "mention", "entity", "name", "span", "word")
_LABEL_KEYS = ("label", "type", "entity_type", "category", "tag", "class")
_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_DECODER = json.JSONDecoder()


class JsonList:
    """Asks for a JSON list of mentions; reads lists that are cut off or wrapped in prose, too."""

    def instruct(self, labels: LabelSet, /) -> str:
        """Return the instruction with one line per label."""
        lines = ["Extract the entities from the text. Labels:"]
        lines += [f"- {label.name}: {label.definition}".removesuffix(": ") for label in labels]
        lines.append(
            'Answer only with a JSON list of {"text": ..., "label": ...}, one item per mention in '
            "the order of the text, each text copied exactly. Answer [] if there is none."
        )
        return "\n".join(lines)

    def ask(self, unit: Unit, /) -> str:
        """Return the unit's text, marked as such."""
        return f"Text: {unit.text}"

    def demonstrate(self, example: Example, /) -> str:
        """Return the example's entities as the list asked for.

        A discontinuous entity is shown by its fragments joined by one space.
        """
        text = example.document.text
        ordered = sorted(example.entities, key=lambda entity: (entity.span, entity.label))
        items = [{"text": e.surface(text), "label": e.label} for e in ordered]
        return json.dumps(items, ensure_ascii=False)

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for a list that names every third token, and some slack."""
        return 56 + 5 * len(unit.tokens)

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


def _whole(answer: str) -> list[Any] | None:
    """Return the items if the answer is exactly one JSON list."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list):
        return None
    return [one for item in value for one in _unwrapped(item)]


def _scattered(answer: str, problems: Counter[str]) -> Iterator[Any]:
    """Yield each complete JSON object in the answer; note what surrounds or follows them."""
    if fenced := _FENCE.match(answer):
        answer = fenced[1]
    problems["not_bare_json"] += 1
    position = 0
    while (start := answer.find("{", position)) >= 0:
        try:
            item, position = _DECODER.raw_decode(answer, start)
        except (ValueError, RecursionError):
            position = start + 1
            if answer.find("}", start) < 0:
                problems["cut"] += 1
                break
            problems["bad_item"] += 1
            continue
        yield from _unwrapped(item)
    if re.search(r"\[\s*\]", answer):
        problems["empty_list"] += 1


def _unwrapped(item: Any) -> list[Any]:
    """Return the objects in an object's lists, as in `{"entities": [{}]}`, or the item itself."""
    lists = (
        [value for value in item.values() if isinstance(value, list)] if _is_object(item) else []
    )
    inner = [one for value in lists for one in value]
    return inner if lists and all(map(_is_object, inner)) else [item]


def _is_object(item: Any) -> bool:
    return isinstance(item, dict)


def _only(problems: Counter[str], kind: str) -> dict[str, int]:
    return {kind: problems[kind]} if problems[kind] else {}


def _mentions(items: list[Any], labels: LabelSet, problems: Counter[str]) -> Iterator[Mention]:
    for item in items:
        for text, written in _pairs(item, labels):
            label = labels.resolve(written)
            if label is None:
                problems["unknown_label"] += 1
            elif not text.strip() or not _encodable(text):
                problems["bad_item"] += 1
            else:
                yield Mention(text, label)
        if not _pairs(item, labels):
            problems["bad_item"] += 1


def _encodable(text: str) -> bool:
    """Tell whether the text is free of lone surrogates, which JSON escapes can spell."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _pairs(item: Any, labels: LabelSet) -> list[tuple[str, str]]:
    """Return `(text, label)` of an item, also of `{label: [texts]}`."""
    if not isinstance(item, dict):
        return []
    text = next((item[key] for key in _TEXT_KEYS if isinstance(item.get(key), str)), None)
    label = next((item[key] for key in _LABEL_KEYS if isinstance(item.get(key), str)), None)
    if text is not None and label is not None:
        return [(text, label)]
    pairs: list[tuple[str, str]] = []
    for key, value in item.items():
        if labels.resolve(key) is not None:
            texts = value if isinstance(value, list) else [value]
            pairs += [(one, key) for one in texts if isinstance(one, str)]
    return pairs
