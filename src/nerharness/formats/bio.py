"""The `bio` format: every token of the text on its own line, as `token : TAG`.

The answer's shape is that of the RareDis study (arXiv:2407.00731), whose models also wrote the
lines in square brackets; both are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nerharness.align import align_tokens
from nerharness.flatten import flat_token_spans
from nerharness.formats.answers import legible
from nerharness.formats.bio_grammar import any_lines, lines_of
from nerharness.formats.entities import asked
from nerharness.formats.room import room
from nerharness.grammar import Level
from nerharness.tags import decode, encode
from nerharness.templates import builtin, tag_name
from nerharness.types import Constraint, Example, LabelSet, Mention, Reading, Span, Unit
from nerharness.white_space import on_a_line, trimmed

_LINE = re.compile(r"^(?P<token>.*\S)\s*:\s*(?P<tag>[^:]*)$")
_TAG = re.compile(r"^(?P<prefix>[BIESLU])[-_ ](?P<label>.+)$", re.IGNORECASE)

_BARE = re.compile(r"^[\w -]+$")
_PREFIX = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S"}


class _Line(NamedTuple):
    token: str
    tag: str
    place: Span


class TokenPerLine:
    """Asks for one tag per token; lines up the answer with the source by sequence alignment."""

    template = builtin("formats/bio")
    one_label = False

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the unit's tokens, parted by spaces, as of `_words`."""
        return " ".join(_words(unit.text, _tokens(unit)))

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return one line per token; nested and discontinuous entities by the rule of `flatten`."""
        text = example.document.text
        tokens = [*trimmed(text, example.document.tokens)]
        spans = flat_token_spans(asked(example, labels), tokens)
        named = [(tag_name(label), start, end) for label, start, end in spans]
        tags = encode(named, len(tokens))
        words = _words(text, tokens)
        return "\n".join(f"{word} : {tag}" for word, tag in zip(words, tags, strict=True))

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Allow for every token, its tag and some slack; long words take several tokens."""
        longest = max((len(name) for name in labels.names), default=0)
        words = max(len(unit.text) // 2, room(unit.text) - len(unit.tokens))
        return 32 + words + len(unit.tokens) * (5 + longest // 8)

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Allow only lines with a token and a tag that may follow the one before.

        At the level "grounded" the tokens are those of the text, each once and in order.
        """
        if level == "free":
            return None
        names = [tag_name(name) for name in labels.names]
        words = _words(unit.text, _tokens(unit))
        return Constraint(any_lines(words, names) if level == "schema" else lines_of(words, names))

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read the lines and carry their tags over to the unit's tokens.

        Problems: `bad_line` (no `token : TAG`), `bad_tag` (no tag of the scheme), `bare_label` (a
        label without prefix; taken), `unknown_label`,
        `unaligned_token` (a token of an entity of which no token retypes one of the source: a
        mention without position), `missing_token` (a source token that no line retypes),
        `no_lines` (no line with a tag: status "failed").
        """
        problems: Counter[str] = Counter()
        lines = _read_lines(legible(answer), labels, problems)
        if problems["bad_tag"] >= len(lines):
            return Reading((), "failed", {"no_lines": 1})
        mentions = _carry_over(lines, unit, problems)
        return Reading(tuple(mentions), "repaired" if problems else "clean", dict(problems))


def _tokens(unit: Unit) -> list[Span]:
    """Return the tokens that have a line: a token of white space alone has none."""
    return [*trimmed(unit.text, unit.tokens)]


def _words(text: str, tokens: Iterable[Span]) -> list[str]:
    """Return the tokens as they stand in a line, with one space for white space inside."""
    return [on_a_line(text[token.start : token.end]) for token in tokens]


def _read_lines(answer: str, labels: LabelSet, problems: Counter[str]) -> list[_Line]:
    lines: list[_Line] = []
    start = end = 0
    for raw in answer.splitlines(keepends=True):
        start, end = end, end + len(raw)
        bare = raw.strip()
        if not bare:
            continue
        place = Span(start, end - len(raw) + len(raw.rstrip()))
        if bare.startswith("[") and bare.endswith("]"):
            bare = bare[1:-1].strip()
        if found := _LINE.match(bare):
            tag = _read_tag(found["tag"].strip("[] `"), labels, problems)
            lines.append(_Line(found["token"], tag, place))
        elif not bare.startswith("```"):
            problems["bad_line"] += 1
    return lines


def _read_tag(written: str, labels: LabelSet, problems: Counter[str]) -> str:
    """Return the tag in the scheme and label names of the task; `O` for what is neither."""
    if written.upper() == "O":
        return "O"
    if found := _TAG.match(written):
        if label := labels.resolve(found["label"]):
            return f"{_PREFIX[found['prefix'].upper()]}-{label}"
        problems["unknown_label"] += 1
    elif _BARE.match(written) and (label := labels.resolve(written)):
        problems["bare_label"] += 1
        return f"I-{label}"
    else:
        problems["bad_tag"] += 1
    return "O"


def _carry_over(lines: list[_Line], unit: Unit, problems: Counter[str]) -> list[Mention]:
    """Return a mention per entity of the lines, or more where it skips words of the source."""
    tokens = _tokens(unit)
    words = _words(unit.text, tokens)
    origin = align_tokens(words, [line.token for line in lines])
    if missing := sum(output is None for output in origin):
        problems["missing_token"] += missing
    mentions: list[Mention] = []
    for label, start, end in decode([line.tag for line in lines]):
        typed = [line.token for line in lines[start:end]]
        place = Span(lines[start].place.start, lines[end - 1].place.end)
        sources = [i for i, output in enumerate(origin) if output in range(start, end)]
        if not sources:
            problems["unaligned_token"] += len(typed)
            mentions.append(Mention(" ".join(typed), label, source=place))
        for first, last in _runs(sources, words):
            span = Span(tokens[first].start, tokens[last].end)
            retyped = set(words[first : last + 1]) <= set(typed)
            surface = unit.text[span.start : span.end] if retyped else " ".join(typed)
            mentions.append(Mention(surface, label, span, source=place))
    return mentions


def _runs(sources: list[int], words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of source tokens; only punctuation may be skipped."""
    start = 0
    for place in range(1, len(sources) + 1):
        last = place == len(sources)
        skipped = [] if last else words[sources[place - 1] + 1 : sources[place]]
        if last or any(char.isalnum() for word in skipped for char in word):
            yield sources[start], sources[place - 1]
            start = place
