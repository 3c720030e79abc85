"""Checking the constraints of a format, by llguidance where it is installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from random import Random
from typing import Any, Literal

from nerharness.plugin import Format
from nerharness.segment import segment
from nerharness.testing.rules import require, shown
from nerharness.testing.samples import (
    EXAMPLES,
    LABELS,
    ODD_LABELS,
    ODD_TEXTS,
    QUESTION,
    asked_of,
    whole,
)
from nerharness.types import Constraint, Entity, Example, Label, LabelSet

_LEVELS: tuple[Literal["schema", "grounded"], ...] = ("schema", "grounded")
_OTHERS = {"disease": "planet", "sign": "river"}


def _constrains(format: Format) -> None:
    """`constrain` gives `None` for "free", and for the other levels a grammar with `start`."""
    for labels in _asked(format):
        free = format.constrain(whole(QUESTION), labels, "free")
        require(free is None, f"at level free return None, not {shown(free)}")
        for level in _LEVELS:
            bound = format.constrain(whole(QUESTION), labels, level)
            require(
                isinstance(bound, Constraint) and "start:" in bound.grammar,
                f"at level {level} return a Constraint whose grammar has the rule `start`, "
                f"not {shown(bound)}",
            )
            schema = bound.schema if bound else None
            json.dumps(schema)
            require(schema is None or schema, "without a schema leave it None")


def _allows_its_demonstrations(format: Format) -> None:
    """The grammar of each level has the demonstration."""
    for example in [*EXAMPLES, QUESTION] if _llguidance() else []:
        for labels in _asked(format):
            answer = format.demonstrate(example, labels)
            for level in _LEVELS:
                bound = format.constrain(whole(example), labels, level)
                require(
                    bound is not None and _allows(bound, answer),
                    f"the grammar of level {level} must have {shown(answer)}",
                )


def _forbids_other_labels(format: Format) -> None:
    """The grammar of each level has no label but those asked for."""
    other = LabelSet(tuple(Label(_OTHERS[label.name]) for label in LABELS))
    renamed = Example(
        QUESTION.document,
        tuple(Entity(_OTHERS[one.label], one.fragments) for one in QUESTION.entities),
    )
    if not _llguidance() or format.one_label:  # an answer about one label need not name it
        return
    answer = format.demonstrate(renamed, other)
    for level in _LEVELS:
        bound = format.constrain(whole(QUESTION), LABELS, level)
        require(
            bound is not None and not _allows(bound, answer),
            f"the grammar of level {level} has {shown(answer)}, whose labels were not asked for",
        )


def _forbids_other_texts(format: Format) -> None:
    """The grammar of level "grounded" has no mention that is not in the unit."""
    for labels in _asked(format) if _llguidance() else []:
        bound = format.constrain(whole(QUESTION), labels, "grounded")
        foreign = Example(EXAMPLES[1].document, EXAMPLES[1].entities)
        answer = format.demonstrate(foreign, labels)
        require(
            bound is not None and not _allows(bound, answer),
            f"about {shown(QUESTION.document.text)} it has {shown(answer)}",
        )


def _bears_odd_texts(format: Format) -> None:
    """The grammars about texts and labels of any kind can be read by llguidance."""
    draw = Random(3)
    for text in ODD_TEXTS if _llguidance() else ():
        labels = asked_of(format, ODD_LABELS, draw)
        for level in _LEVELS:
            bound = format.constrain(whole(Example(segment("d", text), ())), labels, level)
            if bound is not None:
                _matcher(bound)


def _asked(format: Format) -> Iterator[LabelSet]:
    if format.one_label:
        yield from (LABELS.only(name) for name in LABELS.names)
    else:
        yield LABELS


def _llguidance() -> bool:
    return find_spec("llguidance") is not None


def _allows(constraint: Constraint, answer: str) -> bool:
    """Tell whether the answer, byte by byte, may be written and may end there."""
    matcher = _matcher(constraint)
    tokens = list(answer.encode())
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


def _matcher(constraint: Constraint) -> Any:
    import llguidance

    tokenizer: Any = llguidance.LLTokenizer("byte")
    matcher: Any = llguidance.LLMatcher(tokenizer, constraint.grammar, log_level=0)
    require(not matcher.is_error(), f"llguidance cannot read it: {shown(matcher.get_error())}")
    return matcher


CONSTRAINTS = (
    _constrains,
    _allows_its_demonstrations,
    _forbids_other_labels,
    _forbids_other_texts,
    _bears_odd_texts,
)
