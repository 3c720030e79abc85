"""Which scheme a corpus tags in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from nerharness.tags import Scheme


def detect_scheme(sentences: Iterable[Sequence[str]]) -> Scheme:
    """Return the scheme by the prefixes that occur and by where B and E stand; IOB2 when in doubt.

    L or U means BILOU; S, or B and E together, BIOES; E without B, IOE2 if every entity has one,
    else IOE1; B only between two entities of one label, and entities that begin without it, IOB1.
    """
    prefixes: set[str] = set()
    first_inside = first_b = bare_end = False
    for tags in sentences:
        prefixes.update(tag[0] for tag in tags)
        for before, tag in pairwise(["O", *tags, "O"]):
            same = before[2:] == tag[2:] and before != "O"
            first_inside |= tag[0] == "I" and not same
            first_b |= tag[0] == "B" and not same
            bare_end |= before[0] == "I" and not same
    if prefixes & {"L", "U"}:
        return "BILOU"
    if "S" in prefixes or {"B", "E"} <= prefixes:
        return "BIOES"
    if "E" in prefixes:
        return "IOE1" if bare_end else "IOE2"
    return "IOB1" if first_inside and not first_b else "IOB2"
