"""`check_format` finds each fault of a format that is not sound."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nerharness.formats.json_list import JsonList
from nerharness.templates import Template
from nerharness.testing import check_format
from nerharness.types import Constraint, Mention, Reading, Span

pytest.importorskip("llguidance")


def strict(self: Any, answer: str, unit: Any, labels: Any) -> Reading:
    """Read what json.loads reads, and fall over the rest."""
    items = json.loads(answer)
    return Reading(tuple(Mention(item["text"], item["label"]) for item in items))


def taking(wanted: Callable[[Any], bool]) -> dict[str, Any]:
    """Take from a list of JSON objects those of the texts that are wanted, and not blank."""

    def parse(self: Any, answer: str, unit: Any, labels: Any) -> Reading:
        found = JsonList.parse(self, answer, unit, labels)
        try:
            items = [(item["text"], item["label"]) for item in json.loads(answer)]
        except (ValueError, TypeError, KeyError):
            return found
        if not all(label in labels.names for _, label in items):
            return found
        said = [Mention(*one) for one in items if wanted(one[0]) and str(one[0]).strip()]
        return Reading(tuple(said))

    return {"parse": parse}


def read(**changes: Any) -> dict[str, Any]:
    """Change every reading."""

    def parse(self: Any, answer: str, unit: Any, labels: Any) -> Reading:
        return replace(JsonList.parse(self, answer, unit, labels), **changes)

    return {"parse": parse}


def lazy(self: Any, answer: str, unit: Any, labels: Any) -> Reading:
    """Find nothing in the answer that was read last."""
    found = JsonList.parse(self, answer, unit, labels)
    last, self.last = getattr(self, "last", ""), answer
    return Reading((), "failed", {"tired": 1}) if last == answer else found


def first_only(self: Any, example: Any, labels: Any) -> str:
    return JsonList.demonstrate(self, replace(example, entities=example.entities[:1]), labels)


def all_labels(self: Any, example: Any, labels: Any) -> str:
    text = example.document.text
    items = [{"text": one.surface(text), "label": one.label} for one in example.entities]
    return json.dumps(items, ensure_ascii=False)


def always(bound: Any) -> dict[str, Any]:
    return {"constrain": lambda self, unit, labels, level: bound if level != "free" else None}


def ungrounded(self: Any, unit: Any, labels: Any, level: Any) -> Constraint | None:
    return JsonList.constrain(self, unit, labels, "schema" if level != "free" else "free")


def changed(old: str, new: str) -> dict[str, Any]:
    """Change every grammar."""

    def constrain(self: Any, unit: Any, labels: Any, level: Any) -> Constraint | None:
        bound = JsonList.constrain(self, unit, labels, level)
        return bound and replace(bound, grammar=bound.grammar.replace(old, new))

    return {"constrain": constrain}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no template": ({"template": "Name them."}, "give a Template with a name"),
    "names no label": ({"template": Template("formats/x", "Go.")}, "name the label 'disease'"),
    "broken template": ({"template": Template("formats/x", "{{ nothing }}")}, "UsageError"),
    "one_label is a count": ({"one_label": 1}, "True or False"),
    "hides the text": ({"show": lambda self, unit, labels: unit.text[:9]}, "show the unit's text"),
    "demonstrates less": ({"demonstrate": first_only}, r"read what demonstrate\(\) writes"),
    "demonstrates all labels": ({"demonstrate": all_labels}, "asked for 'disease', it showed"),
    "raises": ({"parse": strict}, "JSONDecodeError: .*in reading"),
    "forgets problems": (read(problems={}), "if and only if the status is not clean"),
    "an own label": (read(mentions=(Mention("x", "river"),)), "'river' is no label"),
    "texts that are none": (
        taking(lambda text: not isinstance(text, str) or text.isprintable()),
        "text is a str, and not",
    ),
    "half a character": (taking(lambda text: isinstance(text, str)), "has a lone surrogate"),
    "an empty mention": (read(mentions=(Mention(" ", "sign"),)), "visible text"),
    "a far span": (read(mentions=(Mention("x", "sign", Span(0, 9_999)),)), "ends behind the text"),
    "a far source": (
        read(mentions=(Mention("x", "sign", source=Span(0, 99_999)),)),
        "ends behind the answer",
    ),
    "keeps state": ({"parse": lazy}, r"parse\(\) may depend on nothing"),
    "too low a limit": ({"limit": lambda self, unit, labels: 10}, "limit of 10 tokens is too low"),
    "no limit": ({"limit": lambda self, unit, labels: None}, "the limit is None"),
    "constrains the free": (
        {"constrain": lambda self, unit, labels, level: Constraint("start: /.*/")},
        "at level free return None",
    ),
    "no constraint": (always(None), "return a Constraint whose grammar"),
    "no start": (always(Constraint("answer: /.*/")), "has the rule `start`"),
    "an empty schema": (always(Constraint("start: /(?s:.*)/", {})), "leave it None"),
    "a broken grammar": (always(Constraint('start: "')), "llguidance cannot read it"),
    "a narrow grammar": (always(Constraint('start: "[]"')), "grammar of level schema must have"),
    "a wide grammar": (always(Constraint("start: /(?s:.*)/")), "whose labels were not asked for"),
    "ungrounded": ({"constrain": ungrounded}, "no mention that is not in the unit"),
    "other spelling": (changed("label", "kind"), "grammar of level schema must have"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    changes, advice = FAULTS[fault]
    broken = type("Broken", (JsonList,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of Format") as found:
        check_format(broken)
    assert re.search(advice, str(found.value)), found.value


def test_without_llguidance_grammars_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nerharness.testing.constraints.find_spec", lambda name: None)
    changes = always(Constraint('start: "[]"'))
    check_format(type("Narrow", (JsonList,), changes)())
