"""Grammars of token-per-line answers in which only tags follow each other that may.

They consist of few, large terminals: rules for each line would be walked through one by one, and
llguidance bears no more than 2,000 of them behind each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nerharness.grammar import literal

BLOCK = 100
"""Lines in a terminal; llguidance reads nested terminals with as many calls on its stack."""


def any_lines(words: Sequence[str], labels: Sequence[str]) -> str:
    """Return the grammar of one or more lines with any word and a tag.

    A word has spaces only if one of `words` has.
    """
    begun = [
        f'WORD {literal(f" : B-{label}")} ("\\n" WORD {literal(f" : I-{label}")})*'
        for label in labels
    ]
    rules = [
        "start: LINES",
        'LINES: GROUP ("\\n" GROUP)*',
        "GROUP: " + " | ".join(['WORD " : O"', *begun]),
        r"WORD: /\S+( \S+)*/" if any(" " in word for word in words) else r"WORD: /\S+/",
    ]
    return "\n".join(rules)


def lines_of(words: Sequence[str], labels: Sequence[str]) -> str:
    """Return the grammar of a line for each of the words, in order.

    No entity reaches from a block of lines into the next; where it can, a block ends as a sentence
    does.
    """
    rules: list[str] = []
    blocks = [*_blocks(words)]
    for first, last in blocks:
        for at in reversed(range(first, last)):
            end = '"\\n"' if at + 1 < len(words) else literal("")
            rules += _line(at, words[at], labels, end, inside=at + 1 < last)
    names = " ".join(f"OUT{first}" for first, _ in blocks)
    return "\n".join([f"start: {names or literal('')}", *rules])


def _blocks(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of each block of lines."""
    first = 0
    while first < len(words):
        last = min(first + BLOCK, len(words))
        if last < len(words):
            ends = (
                at + 1 for at in range(first + BLOCK // 2, last) if words[at] in (".", "!", "?")
            )
            last = max(ends, default=last)
        yield first, last
        first = last


def _line(at: int, word: str, labels: Sequence[str], end: str, *, inside: bool) -> list[str]:
    """Return the terminals of a line and all after it in its block, for each label that may go on.

    NEW is what follows the word if no label goes on.
    """
    out = f"{end} OUT{at + 1}" if inside else end
    follow = [f"{end} IN{at + 1}_{kind}" if inside else end for kind in range(len(labels))]
    begins = [f"{literal(f'B-{name}')} {rest}" for name, rest in zip(labels, follow, strict=True)]
    start = literal(f"{word} : ")
    rules = [f"NEW{at}: " + " | ".join([f'"O" {out}', *begins]), f"OUT{at}: {start} NEW{at}"]
    for kind, (name, rest) in enumerate(zip(labels, follow, strict=True)):
        rules.append(f"IN{at}_{kind}: {start} (NEW{at} | {literal(f'I-{name}')} {rest})")
    return rules
