"""All protocols at once: counts per document and label, and their averages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from nerharness.errors import UsageError
from nerharness.metrics import Average, Counts, macro, micro, weighted
from nerharness.scoring import spans, tokens
from nerharness.scoring.counting import LabelCounts
from nerharness.scoring.pair import Pair

Protocol = Callable[[Pair], LabelCounts]

_ON_SPANS: Mapping[str, Protocol] = {
    "strict": spans.strict,
    "exact": spans.exact,
    "partial": spans.partial,
    "partial-chars": spans.partial_chars,
    "type": spans.type_,
}
_ON_TOKENS: Mapping[str, Protocol] = {
    "token-label": tokens.token_label,
    "token-bio": tokens.token_bio,
    "seqeval-default": tokens.seqeval_default,
    "seqeval-strict": tokens.seqeval_strict,
}
_ON_WORDS: Mapping[str, Protocol] = {"document": spans.document}
PROTOCOLS: Mapping[str, Protocol] = {**_ON_SPANS, **_ON_WORDS, **_ON_TOKENS}
"""By name, in the order in which they are shown."""


def check_protocol(name: str) -> None:
    """Raise `UsageError` for a protocol that there is not."""
    if name not in PROTOCOLS:
        near = get_close_matches(name, PROTOCOLS, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"unknown protocol {name!r}",
            where="--protocol",
            hint=f"{meant}choose from {', '.join(PROTOCOLS)}",
        )


@dataclass(frozen=True)
class ProtocolScores:
    """Counts per label of each document under one protocol, and their sums.

    `labels` has a row for each label, also for those that never occur.
    """

    documents: tuple[LabelCounts, ...]
    names: tuple[str, ...]

    @cached_property
    def labels(self) -> Mapping[str, Counts]:
        """The counts of each label, all documents together."""
        totals = dict.fromkeys(self.names, Counts())
        for document in self.documents:
            for label, counts in document.items():
                totals[label] += counts
        return totals

    @property
    def micro(self) -> Counts:
        """All labels' counts together."""
        return micro(self.labels)

    @property
    def macro(self) -> Average:
        """The unweighted mean over labels that occur in gold or predictions, as seqeval's."""
        return macro(self.labels)

    @property
    def weighted(self) -> Average:
        """The mean over labels, weighted by how often they occur in gold."""
        return weighted(self.labels)


def score_pairs(pairs: Sequence[Pair], labels: Sequence[str] = ()) -> dict[str, ProtocolScores]:
    """Score documents by every protocol; each of `labels` gets a row even if it never occurs.

    Protocols that need words or tokens are left out if any pair has none.
    """
    chosen = dict(PROTOCOLS)
    if any(pair.document is None or not pair.words for pair in pairs):
        chosen = {name: one for name, one in chosen.items() if name not in _ON_WORDS}
    if any(pair.document is None for pair in pairs):
        chosen = {name: one for name, one in chosen.items() if name not in _ON_TOKENS}
    return {name: _scores(protocol, pairs, labels) for name, protocol in chosen.items()}


def _scores(protocol: Protocol, pairs: Sequence[Pair], labels: Sequence[str]) -> ProtocolScores:
    documents = tuple(protocol(pair) for pair in pairs)
    occurring = {label for document in documents for label in document}
    return ProtocolScores(documents, (*labels, *sorted(occurring - set(labels))))
