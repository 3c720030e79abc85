"""The `bm25` retriever, on bm25s (Lucene's variant, k1 = 1.5, b = 0.75)."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s

from nerharness.plugin import Hit, Indexed
from nerharness.segment import tokenize


class Bm25:
    """Ranks by the tokens shared with the query, case-folded; none is left out."""

    def index(self, items: Sequence[Indexed], /) -> Bm25Index:
        """Return an index of the items."""
        return Bm25Index([item.text for item in items])


class Bm25Index:
    """Texts by the tokens in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._index = bm25s.BM25()
        words = [_words(text) for text in texts]
        self._vocabulary = frozenset(word for text in words for word in text)
        if self._vocabulary:
            self._index.index(words, show_progress=False)

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return the `k` best texts each; those without a common word score 0 and come last."""
        return [self._best(query, min(k, self._size)) for query in queries]

    def _best(self, query: str, k: int) -> list[Hit]:
        known = [word for word in _words(query) if word in self._vocabulary]
        if not known:
            return [Hit(index, 0.0) for index in range(k)]
        found, scores = self._index.retrieve([known], k=k, show_progress=False, n_threads=1)
        return [Hit(int(i), float(s)) for i, s in zip(found[0], scores[0], strict=True)]


def _words(text: str) -> list[str]:
    return [text[span.start : span.end].casefold() for span in tokenize(text)]
