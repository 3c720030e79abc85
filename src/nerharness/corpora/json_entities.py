"""What else than `entities` a JSON object may give: mentions that were placed, doccano's labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nerharness.fields import typed
from nerharness.findings import Findings

UNPLACED = "mentions without a place"
_FOREIGN = ("label", "labels", "spans", "ents", "annotations", "predictions", "tags", "ner_tags")


def with_entities(record: dict[str, Any], findings: Findings) -> dict[str, Any]:
    """Return the object with `entities`, if it has annotation.

    Without `entities` they are the `mentions` that `nerharness align` found a place for (others are
    counted as skipped), or what doccano has as `label`, under its `doc_id` if there is one.
    `ValueError` where something else looks like annotation.
    """
    if "entities" in record:
        return record
    if "mentions" in record:
        return {**record, "entities": list(_placed(typed(record, "mentions", list), findings))}
    if type(record.get("label")) is list:
        id = {"id": record["doc_id"]} if "doc_id" in record else {}
        return {**record, **id, "entities": [_from_triple(one) for one in record["label"]]}
    if foreign := next((name for name in _FOREIGN if name in record), None):
        raise ValueError(
            f"no field 'entities', but {foreign!r}, which is not read as annotation: give "
            '"entities": [{"label", "start", "end"}], the lines that nerharness align writes, or '
            'doccano\'s "label": [[start, end, label]]'
        )
    return record


def _placed(mentions: list[Any], findings: Findings) -> Iterator[Any]:
    """Yield those with a place, without their words: a model's need not be what stands there."""
    for mention in mentions:
        if not isinstance(mention, dict):
            yield mention
        elif "start" not in mention:
            words = mention.get("text")
            raise ValueError(f"mention {words!r} has no place: nerharness align looks for it")
        elif mention["start"] is None:
            findings.skipped[UNPLACED] += 1
        else:
            yield {name: value for name, value in mention.items() if name != "text"}


def _from_triple(triple: Any) -> dict[str, Any]:
    if type(triple) is not list or len(triple) != 3:
        raise ValueError(f"'label' must hold [start, end, label] alone, got {triple!r}")
    return dict(zip(("start", "end", "label"), triple, strict=True))
