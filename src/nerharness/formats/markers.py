"""The `markers` format: `@@…##` around the entities of one label in a copy of the text.

The shape is that of GPT-NER (arXiv:2304.10428).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nerharness.formats.marked_copy import MarkedCopy
from nerharness.formats.marks import Mark, Respelled, respelled
from nerharness.templates import builtin
from nerharness.types import LabelSet, Span

_MARK = re.compile(r"@{2,}|#{2,}")
_ESCAPE = re.compile(r"@(?=@)|(?<=@)@|#(?=#)|(?<=#)#|&(?=(?:amp;)*+#(?:64|35);)")
_UNESCAPE = re.compile(r"&#(?:64|35);|&amp;(?=(?:amp;)*+#(?:64|35);)")
_ESCAPED = {"@": "&#64;", "#": "&#35;", "&": "&amp;"}
_UNESCAPED = {spelling: char for char, spelling in _ESCAPED.items()}


def markers() -> MarkedCopy:
    """Make the format."""
    return MarkedCopy(builtin("formats/markers"), Markers(), one_label=True)


class Markers:
    """`@@` and `##`; in the text, `@` and `#` that stand together are `&#64;` and `&#35;`.

    Single ones stay as they are: of `@@@` the first two are the mark, of `###` the last two.
    """

    nests = False
    plain = r"/[^@#]|@[^@#]|#[^@#]/"
    visible = r"/[^\s@#]/"

    def pair(self, label: str) -> tuple[str, str]:
        """Return the marks, which are the same for all labels."""
        return "@@", "##"

    def marks(self, answer: str, shown: str, labels: LabelSet) -> Iterator[Mark]:
        """Yield two characters of each run of `@` and `#`; the label is the first of the set."""
        label = next(iter(labels.names), None)
        for found in _MARK.finditer(answer):
            if found[0][0] == "@":
                yield Mark(Span(found.start(), found.start() + 2), "open", "", label)
            else:
                yield Mark(Span(found.end() - 2, found.end()), "close", "", label)

    def escape(self, text: str, labels: LabelSet) -> Respelled:
        """Spell `@@` as `&#64;&#64;`, `##` as `&#35;&#35;`, and `&#64;` as `&amp;#64;`."""
        return respelled(_ESCAPE, lambda found: _ESCAPED[found[0]], text)

    def unescape(self, text: str, labels: LabelSet) -> Respelled:
        """Undo `escape`."""
        return respelled(_UNESCAPE, lambda found: _UNESCAPED[found[0]], text)

    def loose(self, text: str) -> int:
        """Return 0: what the text has of this kind is escaped."""
        return 0

    def may_open(self, shown: str, place: int) -> bool:
        """Not behind a single `@`, which would read as part of the mark."""
        return not shown.endswith("@", 0, place)

    def may_close(self, shown: str, place: int) -> bool:
        """Not before a single `#`, which would read as part of the mark."""
        return not shown.startswith("#", place)
