"""Where a JSON object has its annotation: `entities`, aligned mentions, doccano's, Prodigy's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from nerharness.fields import typed
from nerharness.findings import Findings

Field = Literal["auto", "entities", "mentions", "label", "spans"]

UNPLACED = "mentions without a place"
UNACCEPTED = {"reject": "tasks answered with reject", "ignore": "tasks answered with ignore"}
"""The answers with which a task of Prodigy is left out, and what such tasks are called."""
_ANSWERS = ("accept", *UNACCEPTED)
_FOREIGN = ("label", "labels", "ents", "annotations", "predictions", "tags", "ner_tags", "options")


def with_entities(
    record: dict[str, Any], findings: Findings, field: Field = "auto"
) -> dict[str, Any] | None:
    """Return the object with `entities`, if it has annotation; `None` for one that is left out.

    They are what stands in `field`, by default the only one there is: `entities`; the `mentions`
    that `nerharness align` found a place for (others are counted as skipped); doccano's `label`,
    under its `doc_id` if there is one; or Prodigy's `spans`, of tasks that were accepted (others
    are left out, and counted). `ValueError` where there are two of them, or something else looks
    like annotation.
    """
    chosen = _only_field(record) if field == "auto" else field
    error = record.get("error")
    if chosen in (None, "mentions") and "mentions" not in record and type(error) is str:
        raise ValueError(f"the line was not aligned: {error}")
    if chosen is None:
        _check_unannotated(record)
        if record.get("answer") not in _ANSWERS:
            return record
        return _from_task({**record, "spans": []}, findings)  # nothing was marked
    given = typed(record, chosen, list)
    if chosen == "mentions":
        why = error or "nerharness align looks for it"
        return {**record, "entities": list(_placed(given, findings, why))}
    if chosen == "label":
        return {**record, **_document_id(record), "entities": [_from_triple(one) for one in given]}
    return _from_task(record, findings) if chosen == "spans" else record


def _only_field(record: Mapping[str, Any]) -> Field | None:
    names: tuple[Field, ...] = ("entities", "mentions", "label", "spans")
    found = [name for name in names if name in record]
    if "label" in found and type(record["label"]) is not list:
        found.remove("label")  # it is one of the whole document
    if len(found) > 1:
        raise ValueError(
            f"annotation in {found[0]!r} and in {found[1]!r}: say what to read, as in "
            f"PATH:jsonl:field={found[1]}"
        )
    return found[0] if found else None


def _check_unannotated(record: Mapping[str, Any]) -> None:
    if foreign := next((name for name in _FOREIGN if name in record), None):
        raise ValueError(
            f"no field 'entities', but {foreign!r}, which is not read as annotation: give "
            '"entities": [{"label", "start", "end"}], the lines that nerharness align writes, '
            'doccano\'s "label": [[start, end, label]], or Prodigy\'s "spans"'
        )


def _placed(mentions: list[Any], findings: Findings, why: object) -> Iterator[Any]:
    """Yield those with a place; without their words if they were aligned, and so may be others.

    `why` says of one that was not aligned why that may be.
    """
    for mention in mentions:
        if not isinstance(mention, dict):
            yield mention
        elif "start" not in mention:
            raise ValueError(f"mention {mention.get('text')!r} has no place: {why}")
        elif mention["start"] is None:
            findings.skipped[UNPLACED] += 1
        elif "tier" in mention:
            yield {name: value for name, value in mention.items() if name != "text"}
        else:
            yield mention


def _from_triple(triple: Any) -> dict[str, Any]:
    if type(triple) is not list or len(triple) != 3:
        raise ValueError(f"'label' must hold [start, end, label] alone, got {triple!r}")
    return dict(zip(("start", "end", "label"), triple, strict=True))


def _from_task(task: dict[str, Any], findings: Findings) -> dict[str, Any] | None:
    """Return what a task of Prodigy says; `None`, and count it, unless it was accepted."""
    answer = task.get("answer", "accept")
    if answer not in _ANSWERS:
        raise ValueError(f"field 'answer' must be one of {', '.join(_ANSWERS)}, got {answer!r}")
    if answer in UNACCEPTED:
        findings.skipped[UNACCEPTED[answer]] += 1
        return None
    if relations := typed({"relations": [], **task}, "relations", list):
        findings.skipped["relations"] += len(relations)
    meta = task.get("meta")
    id = _document_id(meta) if isinstance(meta, dict) else {}
    tokens = {"tokens": _bounds(typed(task, "tokens", list))} if "tokens" in task else {}
    return {**task, **id, **tokens, "entities": task["spans"]}


def _bounds(tokens: list[Any]) -> list[Any]:
    """Return where tokens stand, but for those of white space, which spaCy has, too."""
    seen = [one for one in tokens if not (type(one) is dict and str(one.get("text")).isspace())]
    return [[one["start"], one["end"]] if type(one) is dict else one for one in seen]


def _document_id(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": record["doc_id"]} if "doc_id" in record else {}
