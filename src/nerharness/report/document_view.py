"""A document as people read it: its text with entities, and each error with its cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nerharness.escapes import one_line
from nerharness.pages import shown
from nerharness.report.label_codes import LabelCodes
from nerharness.report.lanes import Side
from nerharness.report.marked_text import Marking, marked_text
from nerharness.runs.record import Exchange
from nerharness.scoring.errors import MEANING, Fault, faults
from nerharness.scoring.pair import Pair
from nerharness.types import Entity

_SHORT = 60
"""How much is shown of a stretch about which there is no answer."""


class View(NamedTuple):
    """The HTML of a document, and how many lanes of lines its text needs on either side."""

    html: str
    lanes: int


def document_view(pair: Pair, codes: LabelCodes, prefix: str, error: str | None = None) -> View:
    """Show a document with its text; ids in the HTML have the `prefix`, which no other has."""
    text = pair.document.text if pair.document else ""
    found = sorted(faults(pair), key=_place)
    numbers: dict[tuple[Side, Entity], int] = {}
    for number, one in enumerate(found, start=1):
        sides: tuple[tuple[Side, Entity | None], ...] = (
            ("gold", one.gold),
            ("predicted", one.predicted),
        )
        numbers.update({(side, entity): number for side, entity in sides if entity})
    marking = Marking(codes, numbers, prefix)
    block, lanes = marked_text(text, pair.gold, pair.predicted, marking)
    parts = [
        *([f'<p class="failure">failed: {shown(one_line(error))}</p>'] if error else []),
        block,
        *_silences(pair, text),
        *([_faults(found, pair, text, codes, prefix)] if found else []),
        *_ungrounded(pair, codes),
    ]
    return View("\n".join(parts), lanes)


def transcript_view(transcript: Sequence[Exchange]) -> str:
    """Return prompts and answers in a closed fold; nothing where there are none."""
    if not transcript:
        return ""
    rows: list[str] = []
    for number, one in enumerate(transcript, start=1):
        rows += [f"<h4>prompt {number}</h4>"]
        rows += [_said(role, content) for role, content in one.messages]
        if one.prefix:
            rows.append(_said("answer, as begun for the model", one.prefix))
        rows.append(_said(f"answer ({one.finish})", one.completion))
    return (
        f"<details><summary>{len(transcript):,} prompts and answers</summary>\n"
        + "\n".join(rows)
        + "\n</details>"
    )


def _said(who: str, what: str) -> str:
    return f'<p class="who">{shown(one_line(who))}</p><pre dir="auto">\n{shown(what)}</pre>'


def _place(fault: Fault) -> tuple[int, int]:
    entity = fault.gold or fault.predicted
    return (entity.span.start, entity.span.end) if entity else (0, 0)


def _faults(found: Sequence[Fault], pair: Pair, text: str, codes: LabelCodes, prefix: str) -> str:
    known = dict(zip(pair.predicted, pair.confidences, strict=False))
    rows = [
        "<tr><th></th><th>cause</th><th>gold</th><th>predicted</th></tr>",
    ]
    for number, (cause, gold, predicted) in enumerate(found, start=1):
        labels = {entity.label for entity in (gold, predicted) if entity}
        numbers = " ".join(str(codes.numbers[label]) for label in sorted(labels))
        sure = known.get(predicted) if predicted else None
        rows.append(
            f'<tr id="e{prefix}{number}" data-cause="{cause}" data-labels="{numbers}">'
            f'<td><a href="#t{prefix}{number}">{number}</a></td>'
            f'<td title="{shown(MEANING[cause])}">{cause}</td>'
            f"<td>{_named(gold, text, codes)}</td>"
            f"<td>{_named(predicted, text, codes)}{'' if sure is None else f' ({sure:.2f})'}</td>"
            "</tr>"
        )
    return f'<table class="faults">{"".join(rows)}</table>'


def _named(entity: Entity | None, text: str, codes: LabelCodes) -> str:
    """Return label and words of an entity, with dots for the gaps between its fragments."""
    if entity is None:
        return "–"
    words = " … ".join(text[part.start : part.end] for part in entity.fragments)
    return _mention(entity.label, words, codes)


def _mention(label: str, words: str, codes: LabelCodes) -> str:
    colour = f' class="{codes.colour(label)}"' if label in codes.codes else ""
    return f'<b{colour}>{shown(one_line(label))}</b> <bdi class="m">{shown(words)}</bdi>'


def _silences(pair: Pair, text: str) -> Iterator[str]:
    """Yield a line for each stretch about which there is no answer."""
    for gap in pair.gaps:
        part = one_line(text[gap.span.start : gap.span.end])
        words = part if len(part) <= _SHORT else f"{part[:_SHORT]} …"
        yield (
            f'<p class="silence">no answer ({shown(gap.cause)}) about: '
            f'<bdi class="m">{shown(words)}</bdi></p>'
        )


def _ungrounded(pair: Pair, codes: LabelCodes) -> Iterator[str]:
    """Yield the line of mentions that the model named and the text does not have."""
    if pair.ungrounded:
        named = "; ".join(_mention(one.label, one.text, codes) for one in pair.ungrounded)
        yield f'<p class="ungrounded">named, but not in the text: {named}</p>'
