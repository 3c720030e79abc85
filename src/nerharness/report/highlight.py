"""Documents with their entities marked, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from nerharness.escapes import escaped, one_line
from nerharness.runs.record import Record
from nerharness.types import Entity

_COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def label_styles(labels: Sequence[str]) -> dict[str, str]:
    """Return a style per label, in the order given."""
    return {
        label: f"bold black on {colour}"
        for label, colour in zip(labels, cycle(_COLOURS), strict=False)
    }


def legend(styles: Mapping[str, str]) -> Text:
    """Return the labels in their own colours."""
    return Text(" ").join(Text(f" {escaped(label)} ", style) for label, style in styles.items())


def compare(record: Record, styles: Mapping[str, str]) -> RenderableType:
    """Return the text twice, with gold and with predicted entities; what was ungrounded below.

    Colours alone would be lost without a colour terminal, so entities stand in brackets as well.
    """
    rows = [
        Text.assemble(("gold  ", "bold"), mark(record.text, record.gold, styles)),
        Text.assemble(("model ", "bold"), mark(record.text, record.entities, styles)),
    ]
    if record.ungrounded:
        said = ", ".join(f"{mention.text!r} ({mention.label})" for mention in record.ungrounded)
        rows.append(Text(escaped(f"not in the text: {said}"), "dim"))
    if record.error:
        rows.append(Text(f"failed: {one_line(record.error)}", "bold red"))
    title = Text(one_line(record.id))
    return Panel(Group(*rows), title=title, title_align="left", border_style="dim")


def mark(text: str, entities: Sequence[Entity], styles: Mapping[str, str]) -> Text:
    """Return the text on one line with each fragment in brackets and its label's style.

    Inner entities are painted over outer ones.
    """
    fragments = [(part, e.label) for e in entities for part in e.fragments]
    opening: dict[int, int] = {}
    closing: dict[int, int] = {}
    paint: list[str] = [""] * len(text)
    for part, label in sorted(fragments, key=lambda item: -len(item[0])):
        opening[part.start] = opening.get(part.start, 0) + 1
        closing[part.end] = closing.get(part.end, 0) + 1
        paint[part.start : part.end] = [styles.get(label, "reverse")] * len(part)
    marked = Text()
    for place, char in enumerate([*text, ""]):
        marked.append("]" * closing.get(place, 0) + "[" * opening.get(place, 0), "dim")
        if char:
            marked.append(" " if char.isspace() else escaped(char), paint[place])
    return marked
