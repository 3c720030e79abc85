"""Entity tags of token sequences: decode, encode, score and choose them in six schemes.

``lenient`` reads tags exactly as seqeval 1.2.2 does by default (the way of the ``conlleval``
script), whatever they are, unknown prefixes and missing hyphens included. It pays no heed to the
scheme, except that BILOU's L counts as E and its U as S. ``strict`` reads them exactly as seqeval's
``mode="strict"`` with that scheme: entities that break it are dropped. BIOES and IOBES are one.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from nerharness import _core
from nerharness.metrics import Average, Counts, macro, micro, weighted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Mode",
    "Scheme",
    "TagScores",
    "best_tags",
    "best_tags_batch",
    "decode",
    "encode",
    "score_tags",
]

Scheme: TypeAlias = Literal["IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "IOBES", "BILOU"]
Mode: TypeAlias = Literal["lenient", "strict"]


@dataclass(frozen=True, slots=True)
class TagScores:
    """The counts of each label in gold or predicted tags, and their averages."""

    labels: Mapping[str, Counts]
    micro: Counts
    macro: Average
    weighted: Average


def decode(
    tags: Sequence[str], scheme: Scheme = "IOB2", mode: Mode = "lenient"
) -> list[tuple[str, int, int]]:
    """The entities of one sentence as ``(label, start, end)``, token indices, end exclusive.

    A tag without a label has the label ``_``. An empty tag is a ``ValueError``; in strict mode so
    is a tag whose prefix is not of the scheme.
    """
    return _core.decode(tags, scheme, mode)


def encode(
    spans: Sequence[tuple[str, int, int]], length: int, scheme: Scheme = "IOB2"
) -> list[str]:
    """One tag for each of ``length`` tokens, from ``(label, start, end)`` in any order.

    `decode` gives the same spans back: in lenient mode always, in strict mode except for IOE1
    (whose one-token entities seqeval loses) and for labels with a hyphen at either end. Spans that
    overlap, are empty, have no label or leave the tokens are a ``ValueError`` that names them.
    """
    return _core.encode(spans, length, scheme)


def blank(tags: Sequence[str], labels: Container[str]) -> tuple[str, ...]:
    """The tags, O for each that has one of the labels."""
    return tuple("O" if tag[1:2] == "-" and tag[2:] in labels else tag for tag in tags)


def score_tags(
    gold: Sequence[Sequence[str]],
    pred: Sequence[Sequence[str]],
    scheme: Scheme = "IOB2",
    mode: Mode = "lenient",
) -> TagScores:
    """Predicted against gold tags, one list for each sentence; equal to seqeval's report.

    A different number of sentences or tags, no sentence at all, and tags that `decode` refuses
    are a ``ValueError`` that says where.
    """
    counts = _core.score(gold, pred, scheme, mode)
    labels = {label: Counts(tp, fp, fn) for label, tp, fp, fn in counts}
    return TagScores(labels, micro(labels), macro(labels), weighted(labels))


def best_tags(scores: ArrayLike, labels: Sequence[str], scheme: Scheme = "IOB2") -> list[str]:
    """The tags with the highest sum of scores of which strict reading loses none; one per token.

    `scores` has shape ``(tokens, len(labels))`` and is read as float32: log-probabilities or
    logits, -inf for what must not be. `labels` are the tags of its columns ("O", "B-GENE", ...), in
    any order; not all that the scheme has must be there. Of several sequences with one sum it is
    the one whose last tag stands first in `labels`; if that is equal, the last but one, and so on.
    Where the best tags of all tokens break no rule, they are the answer.

    The sequence is found as by Viterbi (1967, IEEE Transactions on Information Theory 13, 260-269),
    in time that grows with the size of `scores`. A tag that is not of the scheme or stands in
    `labels` twice, another shape, NaN, infinity, and scores that leave no sequence are a
    `ValueError`.
    """
    return _core.best_tags(_float32(scores), labels, scheme)


def best_tags_batch(
    scores: Sequence[ArrayLike], labels: Sequence[str], scheme: Scheme = "IOB2"
) -> list[list[str]]:
    """Several sentences, each as `best_tags`; a `ValueError` says which one is wrong."""
    return _core.best_tags_batch([_float32(one) for one in scores], labels, scheme)


def _float32(scores: ArrayLike) -> NDArray[np.float32]:
    # Imported here because numpy is slow to import, and this module is not.
    import numpy as np

    return np.ascontiguousarray(scores, dtype=np.float32)
