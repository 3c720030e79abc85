"""Entity tags of token sequences: decode, encode and score them in six schemes.

``lenient`` reads tags exactly as seqeval 1.2.2 does by default (the way of the ``conlleval``
script), whatever they are, unknown prefixes and missing hyphens included. It pays no heed to the
scheme, except that BILOU's L counts as E and its U as S. ``strict`` reads them exactly as seqeval's
``mode="strict"`` with that scheme: entities that break it are dropped. BIOES and IOBES are one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nerharness import _core
from nerharness.metrics import Average, Counts, macro, micro, weighted

__all__ = ["Mode", "Scheme", "TagScores", "decode", "encode", "score_tags"]

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
