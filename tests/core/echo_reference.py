"""A slow and obviously right twin of `echo`, written from its documentation, for comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from core.reference import (
    UNSEEN,
    edits,
    is_accent,
    is_mark,
    is_space,
    is_unspaced,
    is_word,
    spelling,
)

Span = tuple[int, int]
# Source tokens and output tokens, as half-open ranges.
Link = tuple[Span, Span]


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    kind: str
    # Each folded character with the position of the one that it comes from.
    folded: tuple[tuple[str, int], ...]

    @property
    def spelling(self) -> str:
        return "".join(char for char, _ in self.folded)


def kind(char: str) -> str:
    if char == "\u200b" or is_space(char):
        return "gap"
    if char in UNSEEN:
        return "unseen"
    if is_mark(char):
        return "mark"
    if is_unspaced(char):
        return "letter"
    return "word" if is_word(char) else "sign"


def cut(text: str) -> list[Token]:
    found: list[list[int]] = []
    kinds: list[str] = []
    joined = False
    for position, char in enumerate(text):
        role = kind(char)
        if role == "gap" or (role == "unseen" and not joined):
            joined = joined and role != "gap"
            continue
        goes_on = role in ("unseen", "mark") or (role == "word" and kinds[-1:] == ["word"])
        if joined and goes_on:
            found[-1][1] = position + 1
        else:
            found.append([position, position + 1])
            kinds.append("word" if role == "mark" else role)
        joined = True
    return [
        Token(start, end, name, fold(text, start, end))
        for (start, end), name in zip(found, kinds, strict=True)
    ]


def fold(text: str, start: int, end: int) -> tuple[tuple[str, int], ...]:
    seen = [p for p in range(start, end) if not is_accent(text[p]) and text[p] not in UNSEEN]
    folded = [(part, p) for p in seen for part in spelling(text[p])]
    return tuple(folded or [(text[p], p) for p in range(start, end)])


def common(left: list[str], right: list[str]) -> list[tuple[int, int]] | None:
    """The pairs of the longest common subsequence, or ``None`` if there are several."""

    @cache
    def longest(i: int, j: int) -> tuple[int, int, tuple[int, int] | None]:
        """Its length from here on, the number of such subsequences, and the first pair of one."""
        best, ways, first = 0, 1, None
        for a in range(i, len(left)):
            for b in range(j, len(right)):
                if left[a] == right[b]:
                    length, count, _ = longest(a + 1, b + 1)
                    if length + 1 > best:
                        best, ways, first = length + 1, count, (a, b)
                    elif length + 1 == best:
                        ways += count
        return best, ways, first

    if longest(0, 0)[1] > 1:
        return None
    pairs = []
    pair = longest(0, 0)[2]
    while pair is not None:
        pairs.append(pair)
        pair = longest(pair[0] + 1, pair[1] + 1)[2]
    return pairs


def similar(
    source: list[Token], output: list[Token], first: tuple[int, int], marked: list[Span]
) -> list[Link]:
    """The links in a stretch of tokens that begins at ``first``, by plain recursion."""

    def touched(start: int, end: int) -> int:
        start, end = start + first[1], end + first[1]
        return sum(a < end and start < b for a, b in marked if a < b)

    @cache
    def best(i: int, j: int) -> tuple[tuple[int, int], tuple[int, int] | None]:
        if i == len(source) and j == len(output):
            return (0, 0), None
        found = []
        for a, b in sorted(steps(len(source) - i, len(output) - j)):
            worth = link_worth(source[i : i + a], output[j : j + b]) if a and b else 0
            harm = 0 if a and b else touched(j, j + b)
            if worth or not a or not b:
                rest = best(i + a, j + b)[0]
                found.append(((rest[0] + worth, rest[1] - harm), (a, b)))
        found.sort(key=lambda one: order(one[1]))
        return max(found, key=lambda one: one[0])

    links: list[Link] = []
    i = j = 0
    while (step := best(i, j)[1]) is not None:
        if all(step):
            links.append(((i, i + step[0]), (j, j + step[1])))
        i, j = i + step[0], j + step[1]
    return links + alone(source, output, links)


def steps(sources: int, outputs: int) -> list[tuple[int, int]]:
    sizes = [(1, 0), (0, 1), *[(n, 1) for n in range(1, 9)], *[(1, n) for n in range(2, 9)]]
    return [(a, b) for a, b in sizes if a <= sources and b <= outputs]


def order(step: tuple[int, int]) -> tuple[bool, int, bool]:
    """Links before what is left out, few tokens before many, the source before the output."""
    return (not all(step), sum(step), step[0] < step[1])


def link_worth(run: list[Token], pieces: list[Token]) -> int:
    for side in (run, pieces):
        if len(side) > 1 and "sign" in (side[0].kind, side[-1].kind):
            return 0
    left, right = ("".join(token.spelling for token in side) for side in (run, pieces))
    return max(0, max(len(left), len(right)) - 2 * edits(left, right))


def alone(source: list[Token], output: list[Token], links: list[Link]) -> list[Link]:
    """The links between tokens that stand alone in the same place."""
    ends = [((0, 0), (0, 0)), *links, ((len(source),) * 2, (len(output),) * 2)]
    found = []
    for ((_, a), (_, b)), ((c, _), (d, _)) in zip(ends, ends[1:], strict=False):
        if c - a == d - b == 1 and source[a].kind == output[b].kind:
            found.append(((a, c), (b, d)))
    return found


def align(source: list[Token], output: list[Token], marked: list[Span]) -> list[Link] | None:
    """All links in order, or ``None`` if there are several ways to begin."""
    pairs = common([t.spelling for t in source], [t.spelling for t in output])
    if pairs is None:
        return None
    links: list[Link] = []
    i = j = 0
    for a, b in [*pairs, (len(source), len(output))]:
        for (c, d), (e, f) in similar(source[i:a], output[j:b], (i, j), marked):
            links.append(((c + i, d + i), (e + j, f + j)))
        if a < len(source):
            links.append(((a, a + 1), (b, b + 1)))
        i, j = a + 1, b + 1
    return sorted(links)


def place(text: str, echo: str, sides: list[list[Token]], link: Link, span: Span) -> set[int]:
    """The characters of the text that stand for what of a link lies in the span."""
    run, pieces = sides[0][slice(*link[0])], sides[1][slice(*link[1])]
    whole = range(run[0].start, run[-1].end)
    typed = range(pieces[0].start, pieces[-1].end)
    covered = [position for position in typed if span[0] <= position < span[1]]
    if len(covered) == len(typed):
        return set(whole)
    if text[whole.start : whole.stop] == echo[typed.start : typed.stop]:
        return {position - typed.start + whole.start for position in covered}
    left = [one for token in run for one in token.folded]
    right = [one for token in pieces for one in token.folded]
    hits = [index for index, (_, position) in enumerate(right) if position in covered]
    if not hits:
        return set()
    if [char for char, _ in left] != [char for char, _ in right]:
        return set(whole)
    return {position for index in hits for position in owned(run, left[index][1])}


def owned(run: list[Token], position: int) -> range:
    """The character there, with what follows it, or begins its word, and folds to nothing."""
    token = next(token for token in run if token.start <= position < token.end)
    folds = sorted({p for _, p in token.folded})
    start = token.start if position == folds[0] else position
    return range(start, min([p for p in folds if p > position], default=token.end))


def echo(text: str, output: str, spans: Sequence[Span]) -> list[Span | None] | None:
    """The documented answer, or ``None`` if the diff could be one of several."""
    sides = [cut(text), cut(output)]
    marked = [
        (
            sum(token.end <= start for token in sides[1]),
            sum(token.start < end for token in sides[1]),
        )
        for start, end in spans
    ]
    links = align(*sides, marked)
    if links is None:
        return None
    answers: list[Span | None] = []
    for span in spans:
        found: set[int] = set()
        for link in links:
            pieces = sides[1][slice(*link[1])]
            if pieces[0].start < span[1] and span[0] < pieces[-1].end:
                found |= place(text, output, sides, link, span)
        answers.append((min(found), max(found) + 1) if found else None)
    return answers
