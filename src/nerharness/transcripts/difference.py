"""Where a transcript and its gold sentences begin to differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nerharness.transcripts.blocks import Block

_WINDOW = 3
_SHOWN = 8


def difference(
    blocks: Sequence[Block], sentences: Sequence[Sequence[str]]
) -> tuple[int | None, str]:
    """Return the line and a description of the first block that is about another sentence.

    That is the first whose tokens resemble the next sentence, or the one before, more than its own,
    if this holds for it and the two blocks after it together, too. If there is none, the surplus at
    the end is described.
    """
    if not blocks:
        return None, "there is no block"
    typed = [Counter(_tokens(block)) for block in blocks]
    words = [Counter(sentence) for sentence in sentences]
    for place, block in enumerate(blocks[: len(sentences)]):
        for step in (1, -1) if len(blocks) < len(sentences) else (-1, 1):
            if _shifted(typed, words, place, step):
                other = "next sentence" if step == 1 else "sentence before"
                own = _quoted(sentences, place)
                what = f"block {place + 1:,} is rather about the {other} than about {own}"
                return block.line, what
    if len(blocks) > len(sentences):
        return blocks[
            len(sentences)
        ].line, f"the first without a sentence may be block {len(sentences) + 1:,}"
    sentence = _quoted(sentences, len(blocks))
    return blocks[-1].line, f"the first without a block may be {sentence}"


def _tokens(block: Block) -> list[str]:
    lines = (line.strip().removeprefix("[") for line in block.lines)
    return [token.strip() for line in lines if (token := line.rpartition(":")[0])]


def _shifted(
    typed: Sequence[Counter[str]], words: Sequence[Counter[str]], place: int, step: int
) -> bool:
    own = _likeness(typed, words, place, 0)
    other = _likeness(typed, words, place, step)
    if other <= own:
        return False
    window = range(place, min(place + _WINDOW, len(typed)))
    return sum(_likeness(typed, words, at, step) for at in window) > sum(
        _likeness(typed, words, at, 0) for at in window
    )


def _likeness(
    typed: Sequence[Counter[str]], words: Sequence[Counter[str]], place: int, step: int
) -> float:
    """Return the share of tokens, of both, that the two have in common; 0 for what is not there."""
    if not 0 <= place + step < len(words):
        return 0.0
    one, other = typed[place], words[place + step]
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _quoted(sentences: Sequence[Sequence[str]], place: int) -> str:
    sentence = sentences[place]
    more = " …" if len(sentence) > _SHOWN else ""
    return f"sentence {place + 1:,}, {' '.join(sentence[:_SHOWN])[:80]!r}{more}"
