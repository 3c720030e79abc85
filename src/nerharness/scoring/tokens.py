"""Protocols that compare tokens, and tags of tokens."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.align import to_tokens
from nerharness.flatten import flat_token_spans
from nerharness.scoring.counting import LabelCounts, count_sets
from nerharness.scoring.pair import Pair, TagRows
from nerharness.tags import Mode, Scheme, encode, score_tags
from nerharness.types import Document, Entity

Tagged = tuple[int, str, str]
"""A token, by its index, with the prefix and the label of a tag that it bears."""


def token_label(pair: Pair) -> LabelCounts:
    """Count the tokens under each label; one that several entities cover bears all their labels."""
    gold, given = ({(one[0], one[2]) for one in _tagged(pair, side)} for side in _sides(pair))
    return count_sets(gold, given, lambda one: one[1])


def token_bio(pair: Pair) -> LabelCounts:
    """Count the tokens whose label and place agree: first of its entity (B) or not (I).

    A label's counts are those of its B and I tags together; O is no label.
    """
    gold, given = (_tagged(pair, side) for side in _sides(pair))
    return count_sets(gold, given, lambda one: one[2])


def seqeval_default(pair: Pair) -> LabelCounts:
    """Count as seqeval 1.2.2 does by default, on the tags of each sentence.

    Of BILOU, whose L and U seqeval then does not know, they count as E and S.
    """
    return _seqeval(pair, "lenient")


def seqeval_strict(pair: Pair) -> LabelCounts:
    """Count as seqeval 1.2.2 does with `mode="strict"`, on the tags of each sentence.

    What breaks the scheme (IOB2, or that of the tags that were given) is dropped, such as the rest
    of an entity in a further sentence. A tag whose prefix is not of the scheme, at which seqeval
    stops, is O.
    """
    return _seqeval(pair, "strict")


def _sides(pair: Pair) -> tuple[tuple[Entity, ...], tuple[Entity, ...]]:
    return pair.gold, pair.predicted


def _document(pair: Pair) -> Document:
    if pair.document is None:
        raise ValueError("entities without a document have no tokens")
    return pair.document


def _tagged(pair: Pair, entities: Sequence[Entity]) -> set[Tagged]:
    tokens = [(token.start, token.end) for token in _document(pair).tokens]
    parts = [(entity, part) for entity in set(entities) for part in entity.fragments]
    ranges = to_tokens(tokens, [(part.start, part.end) for _, part in parts])
    covered: dict[Entity, dict[int, None]] = {}
    for (entity, _), found in zip(parts, ranges, strict=True):
        covered.setdefault(entity, {}).update(dict.fromkeys(range(*found) if found else ()))
    return {
        (index, "I" if place else "B", entity.label)
        for entity, indexes in covered.items()
        for place, index in enumerate(indexes)
    }


def _seqeval(pair: Pair, mode: Mode) -> LabelCounts:
    gold, predicted, scheme = pair.tags or tag_rows(pair)
    if not gold:
        return {}
    if mode == "strict" and pair.tags:
        gold, predicted = (_regular(rows, scheme) for rows in (gold, predicted))
    return dict(score_tags(gold, predicted, scheme, mode).labels)


def _regular(rows: Sequence[Sequence[str]], scheme: Scheme) -> list[list[str]]:
    return [["O" if not tag or tag[0] not in scheme else tag for tag in row] for row in rows]


def tag_rows(pair: Pair) -> TagRows:
    """Return the IOB2 tags of each sentence; of entities that overlap one is tagged, by policy."""
    document = _document(pair)
    gold, predicted = (
        encode(flat_token_spans(side, document.tokens, pair.policy), len(document.tokens))
        for side in _sides(pair)
    )
    ranges = document.sentence_tokens()
    return TagRows([gold[a:b] for a, b in ranges], [predicted[a:b] for a, b in ranges])
