"""The `brackets` format: `[entity | label]` in a copy of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nerharness.formats.marked_copy import MarkedCopy
from nerharness.formats.marks import Mark, Respelled, respelled
from nerharness.templates import builtin, tag_name
from nerharness.types import LabelSet, Span

_MARK = re.compile(r"\[| ?\|(?P<name>[^\[\]|&]*)\]")
_ESCAPE = re.compile(r"[\[\]]|&(?=(?:amp;)*+#9[13];)")
_UNESCAPE = re.compile(r"&#9[13];|&amp;(?=(?:amp;)*+#9[13];)")
_ESCAPED = {"[": "&#91;", "]": "&#93;", "&": "&amp;"}
_UNESCAPED = {spelling: char for char, spelling in _ESCAPED.items()}


def brackets() -> MarkedCopy:
    """Make the format."""
    return MarkedCopy(builtin("formats/brackets"), Brackets())


class Brackets:
    """`[` and ` | label]`; the text's own brackets are `&#91;` and `&#93;`."""

    nests = True
    plain = r"/[^\[\]]/"
    visible = r"/[^\s\[\]]/"

    def pair(self, label: str) -> tuple[str, str]:
        """Return the bracket before a mention, and its label and the bracket behind it."""
        return "[", f" | {tag_name(label)}]"

    def marks(self, answer: str, shown: str, labels: LabelSet) -> Iterator[Mark]:
        """Yield the brackets that open, and those that close with a label before them."""
        for found in _MARK.finditer(answer):
            place = Span(*found.span())
            if found["name"] is None:
                yield Mark(place, "open", "", None)
            else:
                yield Mark(place, "close", "", labels.resolve(found["name"]))

    def escape(self, text: str, labels: LabelSet) -> Respelled:
        """Spell brackets as `&#91;` and `&#93;`, and `&#91;` as `&amp;#91;`."""
        return respelled(_ESCAPE, lambda found: _ESCAPED[found[0]], text)

    def unescape(self, text: str, labels: LabelSet) -> Respelled:
        """Undo `escape`."""
        return respelled(_UNESCAPE, lambda found: _UNESCAPED[found[0]], text)

    def loose(self, text: str) -> int:
        """Return how many brackets the text opens: a model may copy them without their escape."""
        return text.count("[")

    def may_open(self, shown: str, place: int) -> bool:
        """Brackets may open anywhere."""
        return True

    def may_close(self, shown: str, place: int) -> bool:
        """Brackets may close anywhere."""
        return True
