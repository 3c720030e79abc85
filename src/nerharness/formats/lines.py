"""The `lines` format: one `label: mention` per line, in text order; `none` if there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from nerharness.align import Aligner
from nerharness.formats.answers import legible
from nerharness.formats.entities import asked
from nerharness.formats.room import room
from nerharness.grammar import VISIBLE_TEXT, Level, choice, copied, listed, nameable
from nerharness.templates import builtin, tag_name
from nerharness.types import Constraint, Example, LabelSet, Mention, Reading, Span, Unit
from nerharness.white_space import on_a_line

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:(?:[-*•]|\d{1,3}[.)])\s+)?")
_NONE = re.compile(r"[\W_]*none[\W_]*", re.IGNORECASE)
_ANY = r"TEXT: /[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?/"
_ALIGNER = Aligner()


class LabelledLines:
    """Asks for one line per mention; reads bullets, bold labels and lines among prose, too."""

    template = builtin("formats/lines")
    one_label = False

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the text as it is."""
        return unit.text

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return a line per entity, white space inside as one space.

        A discontinuous entity is shown by its fragments joined by one space.
        """
        text = example.document.text
        found = asked(example, labels)
        lines = (f"{tag_name(e.label)}: {on_a_line(e.surface(text))}" for e in found)
        return "\n".join(lines) or "none"

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for lines that name every third token, or the whole text once."""
        longest = max((room(tag_name(name)) for name in labels.names), default=0)
        return 32 + max((4 + longest) * (len(unit.tokens) // 3), room(unit.text))

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Allow `none`, or lines of a label and a mention, no more than the text has tokens.

        Only visible ones count. At the level "grounded" a mention is a piece of the text with one
        space for white space.
        """
        if level == "free":
            return None
        most = nameable(unit)
        if not most:
            return Constraint('start: "none"')
        lines = listed("line", "\n", most)
        rules = [
            f'start: "none" | {lines}',
            'line: LABEL ": " TEXT',
            f"LABEL: {choice(map(tag_name, labels.names))}",
        ]
        if level == "grounded":
            rules += [f"TEXT: COPY & {VISIBLE_TEXT}", f"COPY: {copied(unit, on_a_line)}"]
        else:
            rules.append(_ANY)
        return Constraint("\n".join(rules))

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read each line that has a label and a mention.

        Problems: `bad_line` (no `label: mention`), `unknown_label`, `empty_mention` (a label with
        nothing or "none" behind it), `cut` (a last line that ends within a label or behind it),
        `no_lines` (no line that names a label, nor `none`: status "failed").
        """
        problems: Counter[str] = Counter()
        answer = legible(answer)
        lines = [*_lines(answer)]
        others = [line for line in lines if not _NONE.fullmatch(answer, line.start, line.end)]
        mentions = [
            mention for line in others for mention in _read(answer, line, unit, labels, problems)
        ]
        nones = len(lines) - len(others)
        if nones and mentions:
            problems["bad_line"] += nones
        if not (mentions or nones or problems["empty_mention"]):
            return Reading((), "failed", {**problems, "no_lines": 1})
        return Reading(tuple(mentions), "repaired" if problems else "clean", dict(problems))


def _lines(answer: str) -> Iterator[Span]:
    """Yield the place of each line with something on it, without bullets and white space."""
    for line in _LINE.finditer(answer):
        start = _BULLET.match(answer, line.start(), line.end()).end()  # type: ignore[union-attr]
        end = start + len(answer[start : line.end()].rstrip())
        if start < end and not answer.startswith("```", start):
            yield Span(start, end)


def _read(
    answer: str, line: Span, unit: Unit, labels: LabelSet, problems: Counter[str]
) -> Iterator[Mention]:
    """Yield the mention of a line, if it has one."""
    label, start = _label(answer, line, labels)
    text = answer[start : line.end]
    last = not answer[line.end :]
    if label is None:
        problems[_fault(answer[line.start : line.end], labels, last=last)] += 1
    elif not text and last:
        problems["cut"] += 1
    elif not text or (_NONE.fullmatch(text) and "none" not in unit.text.casefold()):
        problems["empty_mention"] += 1
    else:
        yield Mention(_as_it_stands(text, unit.text), label, source=Span(start, line.end))


def _as_it_stands(mention: str, text: str) -> str:
    """Return the mention with the white space of the text where it is not found without it.

    That is so for mentions of few letters, which are aligned letter by letter.
    """
    words = mention.split()
    odd = len(words) > 1 and on_a_line(text) != text
    if not odd or _ALIGNER.candidates(text, mention):
        return mention
    written = re.compile(r"\s+".join(map(re.escape, words)))
    places = dict.fromkeys(found[0] for found in written.finditer(text))
    return next((one for one in places if _ALIGNER.candidates(text, one)), mention)


def _label(answer: str, line: Span, labels: LabelSet) -> tuple[str | None, int]:
    """Return the label of a line and where the mention behind it begins."""
    colon = line.start - 1
    for _ in range(3):  # a label may have colons itself
        colon = answer.find(":", colon + 1, line.end)
        if colon < 0:
            break
        if label := labels.resolve(answer[line.start : colon]):
            bold = r"[\s*]*" if answer[line.start] == "*" else r"\s*"
            behind = re.compile(bold).match(answer, colon + 1, line.end)
            return label, behind.end()  # type: ignore[union-attr]
    return None, line.end


def _fault(line: str, labels: LabelSet, *, last: bool) -> str:
    left, colon, right = line.partition(":")
    if colon and left.strip() and right.strip():
        return "unknown_label"
    if last and any(tag_name(name).startswith(line) for name in labels.names):
        return "cut"
    return "bad_line"
