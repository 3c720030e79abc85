"""The `inline` format: `<label>…</label>` around the entities in a copy of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nerharness.formats.marked_copy import MarkedCopy
from nerharness.formats.marks import Mark, Respelled, Role, respelled
from nerharness.templates import builtin, tag_name
from nerharness.types import LabelSet, Span

_REST = r"/?(?P<{}>[^<>&/]+)/?>"
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[^<>&/]+)(?P<empty>/?)>")
_ESCAPE = re.compile(f"<(?={_REST.format('tag')})|&(?=(?:amp;)*+lt;{_REST.format('escaped')})")
_UNESCAPE = re.compile(
    f"&lt;(?={_REST.format('tag')})|&amp;(?=(?:amp;)*+lt;{_REST.format('escaped')})"
)
_WORD = re.compile(r"[^\W\d][^\s<>&/]*")


def inline_tags() -> MarkedCopy:
    """Make the format."""
    return MarkedCopy(builtin("formats/inline"), Tags())


class Tags:
    """`<label>` and `</label>`; in the text, `<` of what reads as such a tag is `&lt;`."""

    nests = True
    plain = r"/[^<]|<[\s\d=]/"
    visible = r"/[^\s<]|<[\d=]/"

    def pair(self, label: str) -> tuple[str, str]:
        """Return the tags of a label."""
        name = tag_name(label)
        return f"<{name}>", f"</{name}>"

    def marks(self, answer: str, shown: str, labels: LabelSet) -> Iterator[Mark]:
        """Yield the tags; one word in `<>` that the text does not have is a tag, too."""
        for found in _TAG.finditer(answer):
            name = found["name"].strip()
            label = labels.resolve(name)
            if label is None and (not _WORD.fullmatch(name) or found[0] in shown):
                continue
            role: Role = "close" if found["close"] else "empty" if found["empty"] else "open"
            yield Mark(Span(*found.span()), role, label or name.casefold(), label)

    def escape(self, text: str, labels: LabelSet) -> Respelled:
        """Spell `<sign>` as `&lt;sign>`, and `&lt;sign>` as `&amp;lt;sign>`."""
        return _respelled(_ESCAPE, {"<": "&lt;", "&": "&amp;"}, text, labels)

    def unescape(self, text: str, labels: LabelSet) -> Respelled:
        """Undo `escape`."""
        return _respelled(_UNESCAPE, {"&lt;": "<", "&amp;": "&"}, text, labels)

    def loose(self, text: str) -> int:
        """Return 0: what the text has of this kind is escaped."""
        return 0

    def may_open(self, shown: str, place: int) -> bool:
        """Tags may open anywhere."""
        return True

    def may_close(self, shown: str, place: int) -> bool:
        """Tags may close anywhere."""
        return True


def _respelled(
    pattern: re.Pattern[str], spellings: dict[str, str], text: str, labels: LabelSet
) -> Respelled:
    """Respell where a label of the set follows."""

    def spell(found: re.Match[str]) -> str:
        name = found["tag"] or found["escaped"]
        return found[0] if labels.resolve(name) is None else spellings[found[0]]

    return respelled(pattern, spell, text)
