"""Reading a copy of a text with marks: where its marks stand in the text that was to be copied."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nerharness.align import echo as places_in
from nerharness.formats.answers import legible
from nerharness.formats.marks import Mark, Syntax
from nerharness.types import LabelSet, Mention, Reading, Span, Unit


class _Pair(NamedTuple):
    label: str | None
    open: Mark
    close: Mark


class _Echo(NamedTuple):
    """The answer without its marks and escapes, and the places of its positions there."""

    text: str
    places: Sequence[int]


def read_copy(answer: str, unit: Unit, labels: LabelSet, syntax: Syntax) -> Reading:
    """Read the marks of a copy; `MarkedCopy.parse` says which problems there are."""
    problems: Counter[str] = Counter()
    answer = legible(answer)
    marks = [*syntax.marks(answer, syntax.escape(unit.text, labels).text, labels)]
    pairs, unpaired = _paired(marks, problems)
    text = _kept(unpaired, syntax.loose(unit.text))
    problems["unclosed_tag"] += sum(mark.role == "open" for mark in unpaired) - len(text)
    echo = _echo(answer, [mark for mark in marks if mark not in text], labels, syntax)
    if not pairs and _is_strange(echo.text, unit.text):
        return Reading((), "failed", {**+problems, "no_copy": 1})
    mentions = tuple(_mentions(pairs, echo, unit.text, problems))
    problems.update(_changes(echo.text, unit.text))
    problems = +problems
    return Reading(mentions, "repaired" if problems else "clean", dict(problems))


def _paired(marks: Sequence[Mark], problems: Counter[str]) -> tuple[list[_Pair], list[Mark]]:
    """Join each closing mark with the nearest opening one of its key; return what is left, too."""
    waiting: defaultdict[str, list[Mark]] = defaultdict(list)
    pairs: list[_Pair] = []
    for mark in marks:
        if mark.role == "empty":
            problems["empty_tag"] += 1
        elif mark.role == "open":
            waiting[mark.key].append(mark)
        elif waiting[mark.key]:
            opening = waiting[mark.key].pop()
            pairs.append(_Pair(opening.label or mark.label, opening, mark))
        else:
            problems["stray_close"] += 1
    pairs.sort(key=lambda pair: pair.open.place)
    problems["crossing"] += _crossings(pairs)
    unpaired = (mark for each in waiting.values() for mark in each)
    return pairs, sorted(unpaired, key=lambda mark: mark.place)


def _crossings(pairs: Sequence[_Pair]) -> int:
    """Return how many pairs, in order, begin inside of one before and end outside of it."""
    ends: list[int] = []
    crossings = 0
    for pair in pairs:
        while ends and ends[-1] <= pair.open.place.start:
            ends.pop()
        if ends and ends[-1] < pair.close.place.start:
            crossings += 1
        else:
            ends.append(pair.close.place.start)
    return crossings


def _kept(unpaired: Sequence[Mark], loose: int) -> set[Mark]:
    """Return the opening marks without label that are text: as many as the text has itself."""
    nameless = [mark for mark in unpaired if mark.label is None]
    return set(nameless[:loose])


def _echo(answer: str, marks: Sequence[Mark], labels: LabelSet, syntax: Syntax) -> _Echo:
    parts: list[str] = []
    places: list[int] = []
    done = size = 0
    for start, end in [*((mark.place.start, mark.place.end) for mark in marks), (len(answer),) * 2]:
        parts.append(answer[done:start])
        places += range(size, size + start - done)
        size += start - done
        places += [size] * (end - start)
        done = end
    places.append(size)
    respelled = syntax.unescape("".join(parts), labels)
    return _Echo(respelled.text, [respelled.places[place] for place in places])


def _mentions(
    pairs: Sequence[_Pair], echo: _Echo, text: str, problems: Counter[str]
) -> Iterator[Mention]:
    marked: list[tuple[str, Span, Span]] = []
    for pair in pairs:
        inside = _trimmed(
            echo.text, echo.places[pair.open.place.end], echo.places[pair.close.place.start]
        )
        if pair.label is None:
            problems["unknown_label"] += 1
        elif inside is None:
            problems["empty_tag"] += 1
        else:
            place = Span(pair.open.place.start, pair.close.place.end)
            marked.append((pair.label, inside, place))
    spans = _placed(text, echo.text, [inside for _, inside, _ in marked])
    for (label, inside, place), span in zip(marked, spans, strict=True):
        problems["unaligned"] += span is None
        yield Mention(echo.text[inside.start : inside.end], label, span, place)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the range without white space at its edges; `None` if nothing is left."""
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip())
    inside = inside.strip()
    return Span(start, start + len(inside)) if inside else None


def _placed(text: str, echo: str, spans: list[Span]) -> list[Span | None]:
    """Return the places of the echo's spans in the text; all of them, if the echo is the text."""
    if echo == text:
        return [*spans]
    found = places_in(text, echo, [(span.start, span.end) for span in spans])
    return [None if place is None else Span(*place) for place in found]


def _is_strange(echo: str, text: str) -> bool:
    """Tell whether the echo neither begins as the text nor has half of its words."""
    words, copied = text.split(), echo.split()
    shared = (Counter(words) & Counter(copied)).total()
    return shared * 2 < len(words) and not _begins(words, copied)


def _changes(echo: str, text: str) -> dict[str, int]:
    """Return what the copy has otherwise than the text, white space aside, as problems."""
    words, copied = text.split(), echo.split()
    if words == copied:
        return {}
    if _begins(words, copied):
        return {"cut": 1}
    ours, theirs = Counter(words), Counter(copied)
    return {"text_changed": max(1, (ours - theirs).total(), (theirs - ours).total())}


def _begins(words: Sequence[str], copied: Sequence[str]) -> bool:
    """Tell whether `copied` is the beginning of `words`; its last word may be, too."""
    last = len(copied) - 1
    return (
        0 <= last < len(words)
        and copied[:last] == words[:last]
        and words[last].startswith(copied[last])
    )
