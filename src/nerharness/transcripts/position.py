"""Lines paired with words by position, as the RareDis study (arXiv:2407.00731) is scored.

Its steps, for each block: brackets are taken out of a line wherever they stand; a line that `: `
parts in two has the second part as its tag, whatever that is; any other line has O; the n-th line
is the n-th word's; words without a line have O, lines without a word are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from nerharness.types import LabelSet

_NO_BRACKETS = str.maketrans("", "", "[]")
_KNOWN = re.compile(r"O|[BIES]-.+", re.DOTALL)


def tags_by_position(
    lines: Sequence[str], words: Sequence[str], labels: LabelSet, problems: Counter[str]
) -> list[str]:
    """Return the tags as they were written, one for each word.

    Problems: `bad_line`, `missing_token`, `extra_line`; `shifted_line` (its token is not the word
    that it is paired with); `bad_tag` (not O, or B, I, E or S with a hyphen and a label; kept, but
    an empty one, at which seqeval stops, is O); `unknown_label` (kept).
    """
    tags: list[str] = []
    for line, word in zip(lines, words, strict=False):
        parts = line.translate(_NO_BRACKETS).split(": ")
        if len(parts) == 2:
            problems["shifted_line"] += parts[0].strip() != word.translate(_NO_BRACKETS)
            tags.append(parts[1].strip())
        else:
            problems["bad_line"] += 1
            tags.append("O")
    _count_tags(tags, labels, problems)
    problems["missing_token"] += len(words) - len(tags)
    problems["extra_line"] += max(0, len(lines) - len(words))
    return [tag or "O" for tag in tags] + ["O"] * (len(words) - len(tags))


def _count_tags(tags: Iterable[str], labels: LabelSet, problems: Counter[str]) -> None:
    for tag in tags:
        if not _KNOWN.fullmatch(tag):
            problems["bad_tag"] += 1
        elif tag != "O" and tag[2:] not in labels:
            problems["unknown_label"] += 1
