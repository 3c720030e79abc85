"""Entities out of the offsets and words that a file gives: one set of checks for all formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nerharness.corpora.labels import check_label
from nerharness.findings import Findings, Kind, Place
from nerharness.types import Entity, LabelSet, Span

Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Annotator:
    """Makes the entities of one text.

    Where reading is lenient, white space at an entity's edges is trimmed, and an entity whose
    offsets cannot be, or whose words stand elsewhere, is moved to where its words stand if that is
    one place only, and left out otherwise.
    """

    text: str
    labels: LabelSet | None
    findings: Findings
    exact: bool = False
    """Whether words must equal the text to the last space, and fragments stand in its order."""

    def entity(
        self, place: Place, label: str, pairs: Pairs, mention: str | None = None
    ) -> Entity | None:
        """Return the entity; `mention` is what the file says stands there, fragments in its order.

        Raises what is wrong as `CorpusError`, or returns `None` where reading is lenient and there
        is no repair.
        """
        check_label(label, self.labels, place, self.findings)
        if wrong := self._wrong(pairs, mention):
            kind, what, hint = wrong
            moved = self._moved(label, pairs, mention)
            repair = f"moved to {_shown([moved])}" if moved else "left out"
            self.findings.fault(kind, place, what, hint, repair)
            return Entity(label, (moved,)) if moved else None
        return self._trimmed(place, label, pairs)

    def _wrong(self, pairs: Pairs, mention: str | None) -> tuple[Kind, str, str] | None:
        try:
            spans = [Span(*pair) for pair in pairs]
            Entity("_", tuple(spans if self.exact else sorted(spans)))
        except ValueError as error:
            kind: Kind = "empty" if any(a == b for a, b in pairs) else "offsets"
            return kind, str(error), ""
        if max(span.end for span in spans) > len(self.text):
            what = f"offsets {_shown(spans)} lie outside the text of {len(self.text)} characters"
            return "offsets", what, ""
        found = " ".join(self.text[span.start : span.end] for span in spans)
        if mention is None or self._same(found, mention):
            return None
        return (
            "mention",
            f"the text at {_shown(spans)} is {found!r}, but the annotation says {mention!r}",
            "does the byte-order mark at its beginning count, as in brat?"
            if self.text.startswith("\ufeff")
            else "are the offsets in characters, with the file's own line ends?",
        )

    def _same(self, found: str, mention: str) -> bool:
        """Compare; a mention that went through tables may have gained or lost quotes and spaces."""
        if self.exact:
            return found == mention
        return found.replace('"', "").split() == mention.replace('"', "").split()

    def _moved(self, label: str, pairs: Pairs, mention: str | None) -> Span | None:
        """Return the one place of the mention's words, if there is just one."""
        words = (mention or "").strip()
        start = self.text.find(words) if words and len(pairs) == 1 else -1
        if start < 0 or self.text.find(words, start + 1) >= 0:
            return None
        return Span(start, start + len(words))

    def _trimmed(self, place: Place, label: str, pairs: Pairs) -> Entity | None:
        spans = tuple(sorted(Span(*pair) for pair in pairs))
        bare = tuple(span for old in spans if (span := _trim(old, self.text)))
        if bare == spans:
            return Entity(label, spans)
        kind: Kind = "edges" if bare else "empty"
        what = f"white space at the edge of {_shown(spans)}" if bare else "white space alone"
        if not self.findings.flaw(kind, place, what, "trimmed" if bare else "left out"):
            return Entity(label, spans)
        return Entity(label, bare) if bare else None


def _trim(span: Span, text: str) -> Span | None:
    words = text[span.start : span.end]
    if not words.strip():
        return None
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))


def _shown(spans: Sequence[Span]) -> str:
    return ";".join(f"{span.start} {span.end}" for span in spans)
