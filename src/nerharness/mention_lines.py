"""A model's mentions as JSON lines, aligned: the same lines with the place of each mention.

A line is an object `{"text": …, "mentions": [{"text": …}, …]}`. Each mention is given `start` and
`end` (code points of the text), `tier` and `score`, as `nerharness.align` defines them; one without
a place has the tier "none", and null for the others. With an aligner of discontinuous mentions one
that stands in several fragments is given `fragments` too. Everything else in a line is kept.

Of mentions with the same words the n-th takes the n-th occurrence. One for which none is left takes
the first that does not have its `label` yet (the same words under two labels); otherwise it is a
*repeat*. A mention that is not in the text at all is *ungrounded*.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from nerharness.align import Aligner, Match
from nerharness.errors import CorpusError
from nerharness.fields import typed

BATCH = 256
SCHEMA = 1

EXPECTED = 'expected {"text": "…", "mentions": [{"text": "…"}]}'
_BOM = b"\xef\xbb\xbf"

_Claim: TypeAlias = tuple[str, int, int]
"""A label and the place that a mention with it takes."""


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a line: the object to write, why it was not aligned, what there is to count.

    An object that was not aligned is what was read (nothing, if that was no object) and an `error`.
    """

    content: Mapping[str, Any]
    error: str | None = None
    counts: Mapping[str, int] = field(default_factory=Counter)

    def encode(self) -> bytes:
        """Return the line as it is written; a lone surrogate stays the escape that it was."""
        line = json.dumps(self.content, ensure_ascii=False) + "\n"
        return line.encode("utf-8", "backslashreplace")


@dataclass(slots=True)
class Summary:
    """What became of all lines; `to_json` says how it is counted."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, line: Line) -> None:
        """Count one more line."""
        self.counts.update(documents=1, failed=int(line.error is not None))
        self.counts.update(line.counts)

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape.

        `offsets` is about mentions that came with offsets: how many those are, and for how many the
        place that was found, if any, is another one.
        """
        kinds = ("exact", "folded", "fuzzy", "repeat", "ungrounded")
        mentions = {kind: self.counts[kind] for kind in kinds}
        return {
            "schema": SCHEMA,
            "documents": {"total": self.counts["documents"], "failed": self.counts["failed"]},
            "mentions": {"total": sum(mentions.values()), **mentions},
            "offsets": {"given": self.counts["given"], "differing": self.counts["differing"]},
            "seconds": round(self.seconds, 3),
        }


def align_lines(
    lines: Iterable[bytes], source: Path, aligner: Aligner, *, threads: int = 1
) -> Iterator[list[Line]]:
    """Yield the lines, in their order, in batches; only one batch at a time is in memory.

    Blank lines are left out. A line that cannot be used is one with an `error` that says where in
    `source` it is. The answers do not depend on `threads`; fewer than one is a `ValueError`.
    """
    read = (
        _read(line, source, number)
        for number, line in enumerate(lines, start=1)
        if line.removeprefix(_BOM).strip()
    )
    while batch := list(islice(read, BATCH)):
        yield _aligned(batch, aligner, threads)


def _read(line: bytes, source: Path, number: int) -> Line:
    content: dict[str, Any] = {}
    try:
        content = _parse(line)
        _check(content)
    except ValueError as error:
        fault = str(CorpusError.at(source, number, str(error), hint=EXPECTED))
        return Line({**content, "error": fault}, fault)
    return Line(content)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(line.decode("utf-8-sig").strip())
    except UnicodeDecodeError as error:
        raise ValueError(f"byte 0x{error.object[error.start]:02x} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _no_number(constant: str) -> float:
    raise ValueError(f"not JSON: {constant} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    return _no_number(digits) if value in (float("inf"), -float("inf")) else value


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number)


def _check(content: Mapping[str, Any]) -> None:
    typed(content, "text", str)
    for index, mention in enumerate(typed(content, "mentions", list)):
        if not isinstance(mention, dict):
            raise ValueError(f"mentions[{index}] is not an object")
        try:
            typed(mention, "text", str)
        except ValueError as error:
            raise ValueError(f"mentions[{index}]: {error}") from None


def _aligned(batch: Sequence[Line], aligner: Aligner, threads: int) -> list[Line]:
    good = [line.content for line in batch if line.error is None]
    mentions = [[mention["text"] for mention in content["mentions"]] for content in good]
    found = iter(aligner.align_batch([content["text"] for content in good], mentions, threads))
    return [line if line.error else _placed(line.content, next(found), aligner) for line in batch]


def _placed(content: Mapping[str, Any], matches: Sequence[Match | None], aligner: Aligner) -> Line:
    pairs = list(zip(content["mentions"], matches, strict=True))
    taken = {_claim(mention, match) for mention, match in pairs if match}
    counts: Counter[str] = Counter()
    mentions = []
    for mention, match in pairs:
        kind: str
        if match:
            kind = match.tier
        else:
            match, kind = _surplus(content["text"], mention, taken, aligner)
        counts[kind] += 1
        counts.update(_compare_offsets(mention, match))
        mentions.append(_with_place(mention, match, aligner))
    return Line({**content, "mentions": mentions}, counts=counts)


def _surplus(
    text: str, mention: Mapping[str, Any], taken: set[_Claim], aligner: Aligner
) -> tuple[Match | None, str]:
    """Find a place for a mention that had no occurrence left, and tell what kind it is."""
    candidates = sorted(aligner.candidates(text, mention["text"]), key=lambda match: match.start)
    for match in candidates:
        if (claim := _claim(mention, match)) not in taken:
            taken.add(claim)
            return match, match.tier
    return None, "repeat" if candidates else "ungrounded"


def _claim(mention: Mapping[str, Any], match: Match) -> _Claim:
    return repr(mention.get("label")), match.start, match.end


def _compare_offsets(mention: Mapping[str, Any], match: Match | None) -> dict[str, int]:
    given = (mention.get("start"), mention.get("end"))
    if given == (None, None):
        return {}
    differing = match is None or given != (match.start, match.end)
    return {"given": 1, "differing": int(differing)}


def _with_place(
    mention: Mapping[str, Any], match: Match | None, aligner: Aligner
) -> dict[str, Any]:
    placed = {**mention, **_place(match)}
    if aligner.discontinuous:
        if match and len(match.fragments) > 1:
            placed["fragments"] = [list(fragment) for fragment in match.fragments]
        else:
            placed.pop("fragments", None)
    return placed


def _place(match: Match | None) -> dict[str, Any]:
    if match is None:
        return {"start": None, "end": None, "tier": "none", "score": None}
    return {"start": match.start, "end": match.end, "tier": match.tier, "score": match.score}
