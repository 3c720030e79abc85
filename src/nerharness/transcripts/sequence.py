"""Lines paired with words by aligning what the lines retype with the words.

A line that is left out, repeated, split or merged costs only itself. Tags are read as they were
meant: any case, `B_RARE DISEASE` for `B-RAREDISEASE`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nerharness.align import align_tokens
from nerharness.tags import decode, encode
from nerharness.types import LabelSet

_TAG = re.compile(r"(?P<prefix>[BIESLU])(?P<gap>[-_ ])(?P<label>.+)", re.IGNORECASE | re.DOTALL)
_PREFIX = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S"}
_AROUND = "[] \t`*\"'.,;"
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Line(NamedTuple):
    token: str
    tag: str


def tags_by_sequence(
    lines: Sequence[str], words: Sequence[str], labels: LabelSet, problems: Counter[str]
) -> list[str]:
    """Return IOB2 tags, one for each word.

    Problems: `bad_line` (no token or no tag: passed over), `bad_tag` (no tag: O), `bare_label` (a
    label without prefix: taken), `unknown_label` (kept), `missing_token` (a word that no line
    retypes: O unless only punctuation in an entity), `extra_line` (it retypes no word: passed
    over), `unaligned_token` (a line with a tag other than O that is given to no word). More than
    2**29 pairs of a word and a line are a `ValueError`.
    """
    read = list(_read(lines, labels, problems))
    typed = [line.token for line in read]
    legible = [_SURROGATE.sub("\ufffd", word) for word in words]
    origin = align_tokens(legible, typed)
    extra = _extra(typed, legible, origin)
    problems["missing_token"] += origin.count(None)
    problems["extra_line"] += len(extra)
    problems["unaligned_token"] += sum(read[place].tag != "O" for place in extra)
    # Left in, a repeated line or one that was put in would cut the entity that it stands in.
    kept = [place for place in range(len(read)) if place not in extra]
    number = {place: index for index, place in enumerate(kept)}
    places = [None if place is None else number[place] for place in origin]
    tags = [read[place].tag for place in kept]
    return encode(list(_carried(tags, words, places, problems)), len(words))


def _extra(typed: list[str], words: list[str], origin: Sequence[int | None]) -> set[int]:
    """Return the lines that retype no word; all lines of a word that was split retype it."""
    unused = set(range(len(typed))).difference(place for place in origin if place is not None)
    if not unused:
        return unused
    back = align_tokens(typed, words)
    return {place for place in unused if back[place] is None}


def _read(lines: Iterable[str], labels: LabelSet, problems: Counter[str]) -> Iterator[_Line]:
    for raw in lines:
        line = raw.strip()
        if not line or line.startswith("```"):
            continue
        token, _, tag = line.rpartition(":")
        token, tag = token.strip(), tag.strip(_AROUND)
        if token.startswith("[") and line.endswith("]"):
            token = token[1:].strip() or token
        if token and tag:
            yield _Line(token, _tag(tag, labels, problems))
        else:
            problems["bad_line"] += 1


def _tag(written: str, labels: LabelSet, problems: Counter[str]) -> str:
    if written.upper() == "O":
        return "O"
    found = _TAG.fullmatch(written)
    if found and (label := labels.resolve(found["label"])):
        return f"{_PREFIX[found['prefix'].upper()]}-{label}"
    if label := labels.resolve(written):
        problems["bare_label"] += 1
        return f"I-{label}"
    if found and found["gap"] != " " and (unknown := " ".join(found["label"].split())):
        problems["unknown_label"] += 1
        return f"{_PREFIX[found['prefix'].upper()]}-{unknown}"
    problems["bad_tag"] += 1
    return "O"


def _carried(
    tags: Sequence[str],
    words: Sequence[str],
    origin: Sequence[int | None],
    problems: Counter[str],
) -> Iterator[tuple[str, int, int]]:
    """Yield the entities of the tags as label, first word and end; one for each run of words."""
    retyped = [(line, word) for word, line in enumerate(origin) if line is not None]
    for label, start, end in decode(tags):
        low, high = (bisect_left(retyped, (place, -1)) for place in (start, end))
        if low == high:
            problems["unaligned_token"] += end - start
        for first, last in _runs([word for _, word in retyped[low:high]], words):
            yield label, first, last + 1


def _runs(places: Sequence[int], words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of words; only punctuation may be skipped in one."""
    first = last = -1
    for place in places:
        if last >= 0 and any(char.isalnum() for word in words[last + 1 : place] for char in word):
            yield first, last
            first = place
        elif last < 0:
            first = place
        last = place
    if last >= 0:
        yield first, last
