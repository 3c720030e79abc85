"""The tags of a whole transcript, and what was wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

from nerharness.errors import CorpusError
from nerharness.transcripts.blocks import Block
from nerharness.transcripts.difference import difference
from nerharness.transcripts.gold import Gold
from nerharness.transcripts.position import tags_by_position
from nerharness.transcripts.sequence import tags_by_sequence
from nerharness.types import LabelSet

Align: TypeAlias = Literal["sequence", "position"]

_TAGGERS = {"sequence": tags_by_sequence, "position": tags_by_position}


@dataclass(frozen=True, slots=True)
class TaggedTranscript:
    """A tag for each word of each gold sentence; none is empty.

    `lines` counts the lines of all blocks, `problems` what was wrong; docs/transcripts.md has the
    kinds. `joined` has the places of the sentences that share a block with the one before.
    """

    tags: tuple[tuple[str, ...], ...]
    lines: int
    problems: Mapping[str, int]
    joined: frozenset[int] = frozenset()

    def by_block(self, tags: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return tags of all sentences, gold or predicted, one list for each block.

        Scores over these are those of the published scripts: an entity may go on from a sentence
        into the one that is joined to it.
        """
        blocks: list[list[str]] = []
        for place, sentence in enumerate(tags):
            if place in self.joined:
                blocks[-1].extend(sentence)
            else:
                blocks.append(list(sentence))
        return blocks


def tag_sentences(
    blocks: Sequence[Block],
    gold: Gold,
    align: Align = "sequence",
    *,
    labels: LabelSet,
    where: Path,
) -> TaggedTranscript:
    """Give each word of the gold sentences the tag of its line.

    There is a block for each sentence, or for each after those that run on were joined. Raises
    `CorpusError`, for the file `where`, when neither is so, and for a block too large to align.
    """
    joined = _joined(blocks, gold, where)
    problems: Counter[str] = Counter()
    problems["preamble_line"] += sum(block.preamble for block in blocks)
    tags: list[tuple[str, ...]] = []
    lines = 0
    for block, members in zip(blocks, _groups(gold, joined), strict=True):
        words = list(chain.from_iterable(members))
        read = block.lines
        lines += len(read)
        try:
            found = _TAGGERS[align](read, words, labels, problems)
        except ValueError as error:
            raise CorpusError.at(where, block.line, f"cannot be aligned: {error}") from None
        for sentence in members:
            tags.append(tuple(found[: len(sentence)]))
            found = found[len(sentence) :]
    return TaggedTranscript(tuple(tags), lines, dict(+problems), joined)


def _joined(blocks: Sequence[Block], gold: Gold, where: Path) -> frozenset[int]:
    sentences = len(gold.sentences)
    if len(blocks) == sentences:
        return frozenset()
    if gold.run_on and len(blocks) == sentences - len(gold.run_on):
        return gold.run_on
    choices = [frozenset[int](), gold.run_on]
    nearest = min(choices, key=lambda joined: abs(sentences - len(joined) - len(blocks)))
    texts = [list(chain.from_iterable(members)) for members in _groups(gold, nearest)]
    count = f"{sentences:,} sentences"
    if gold.run_on:
        count += f" ({sentences - len(gold.run_on):,} with those that run on joined)"
    line, what = difference(blocks, texts)
    hint = "a transcript has a block for each sentence of the corpus, in its order"
    if blocks and blocks[0].preamble:
        what += f"; the lines before line {blocks[0].line} are in no block"
    raise CorpusError.at(where, line, f"{len(blocks):,} blocks for {count}; {what}", hint=hint)


def _groups(gold: Gold, joined: frozenset[int]) -> list[list[tuple[str, ...]]]:
    groups: list[list[tuple[str, ...]]] = []
    for place, sentence in enumerate(gold.sentences):
        if place in joined:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return groups
