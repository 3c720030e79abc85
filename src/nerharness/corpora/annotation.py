"""Entities out of the offsets and words that a file gives: one set of checks for all formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nerharness.corpora.counting import Counting, Pairs, countings
from nerharness.corpora.labels import check_label
from nerharness.findings import Findings, Kind, Place
from nerharness.types import Entity, LabelSet, Span


class Claim(NamedTuple):
    """An annotation as a file has it: `words` are those that it says stand there, if it does."""

    label: str
    pairs: Pairs
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Annotator:
    """Makes the entities of one text.

    Where reading is lenient, white space at an entity's edges is trimmed, and an entity whose
    offsets cannot be, or whose words stand elsewhere, is moved to where its words stand if that is
    one place only, and left out otherwise; with a `counting` all are where that has them. No repair
    makes an entity that another annotation, of those that it stands `beside`, makes already.
    """

    text: str
    labels: LabelSet | None
    findings: Findings
    exact: bool = False
    """Whether words must equal the text to the last space, and fragments stand in its order."""
    counting: Counting | None = None
    standing: set[Entity] = field(default_factory=set)
    """Where reading is lenient: what needs no repair, and what repairs have made so far."""

    def recounted(self, claims: Iterable[Claim]) -> Annotator:
        """Return one that reads all offsets otherwise, if some are wrong and then none is.

        `claims` are all annotations. Ways of counting that do not agree about them are none.
        """
        claims = list(claims) if self.findings.lenient else []
        if not any(self._wrong(claim.pairs, claim.words) for claim in claims):
            return self
        found: dict[str, Counting] = {}
        for counting in countings(self.text):
            moved = [(counting.moved(claim.pairs), claim.words) for claim in claims]
            if not any(pairs is None or self._wrong(pairs, words) for pairs, words in moved):
                found.setdefault(repr(moved), counting)
        return replace(self, counting=found.popitem()[1]) if len(found) == 1 else self

    def beside(self, claims: Iterable[Claim]) -> Annotator:
        """Return one that knows all annotations of its text; `claims` are looked at if lenient."""
        claims = claims if self.findings.lenient else ()
        return replace(self, standing={one for claim in claims if (one := self._right(claim))})

    def _right(self, claim: Claim) -> Entity | None:
        """Return the entity of an annotation that needs no repair."""
        pairs = (self.counting and self.counting.moved(claim.pairs)) or claim.pairs
        if self._wrong(pairs, claim.words):
            return None
        spans = tuple(sorted(Span(*pair) for pair in pairs))
        return Entity(claim.label, spans) if self._bare(spans) == spans else None

    def entity(
        self, place: Place, label: str, pairs: Pairs, mention: str | None = None
    ) -> Entity | None:
        """Return the entity; `mention` is what the file says stands there, fragments in its order.

        Raises what is wrong as `CorpusError`, or returns `None` where reading is lenient and there
        is no repair.
        """
        check_label(label, self.labels, place, self.findings)
        if self.counting and (there := self.counting.moved(pairs)) and list(there) != list(pairs):
            at, to = ([Span(*pair) for pair in side] for side in (pairs, there))
            chance = f"the text at {_shown(at)} is {mention!r}, too, but the file counts otherwise"
            kind, what, hint = self._wrong(pairs, mention) or ("mention", chance, "")
            repair = f"moved to {_shown(to)}, counted {self.counting.name}"
            self.findings.fault(kind, place, what, hint, repair)
            return self._trimmed(place, label, there)
        if wrong := self._wrong(pairs, mention):
            kind, what, hint = wrong
            moved = self._moved(pairs, mention)
            entity, repair = self._repaired(label, moved, f"moved to {_shown(moved)}")
            self.findings.fault(kind, place, what, hint, repair)
            return entity
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

    def _moved(self, pairs: Pairs, mention: str | None) -> tuple[Span, ...]:
        """Return the one place of the mention's words, if there is just one."""
        words = (mention or "").strip()
        start = self.text.find(words) if words and len(pairs) == 1 else -1
        if start < 0 or self.text.find(words, start + 1) >= 0:
            return ()
        return (Span(start, start + len(words)),)

    def _repaired(self, label: str, spans: tuple[Span, ...], how: str) -> tuple[Entity | None, str]:
        """Return the entity, none where it stands already or has no place, and what was done."""
        if not spans:
            return None, "left out"
        if (entity := Entity(label, spans)) in self.standing:
            return None, f"kept once, at {_shown(spans)}"
        self.standing.add(entity)
        return entity, how

    def _trimmed(self, place: Place, label: str, pairs: Pairs) -> Entity | None:
        spans = tuple(sorted(Span(*pair) for pair in pairs))
        bare = self._bare(spans)
        if bare == spans or not self.findings.lenient:
            return Entity(label, spans)
        kind: Kind = "edges" if bare else "empty"
        what = f"white space at the edge of {_shown(spans)}" if bare else "white space alone"
        entity, repair = self._repaired(label, bare, "trimmed")
        self.findings.flaw(kind, place, what, repair)
        return entity

    def _bare(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(span for old in spans if (span := _trim(old, self.text)))


def _trim(span: Span, text: str) -> Span | None:
    words = text[span.start : span.end]
    if not words.strip():
        return None
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))


def _shown(spans: Sequence[Span]) -> str:
    return ";".join(f"{span.start} {span.end}" for span in spans)
