"""The `dense` retriever: nearest sentence embeddings, the indexes cached on disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from nerharness.cache_folder import cache_folder
from nerharness.plugin import Hit, Indexed
from nerharness.retrievers import stored, vectors
from nerharness.retrievers.embedding import Embedder
from nerharness.retrievers.vectors import IndexKind


class Dense:
    """Ranks by the cosine of an item's embedding and the query's.

    All its indexes share one encoder, and a query's embedding.
    """

    def __init__(
        self, *, embedding_model: str, embedding_revision: str | None = None, index: IndexKind
    ) -> None:
        self._queries = Queries(Embedder(embedding_model, revision=embedding_revision))
        self._kind = index

    @property
    def identity(self) -> Mapping[str, str]:
        """Which encoder is used."""
        return self._queries.embedder.identity

    def index(self, items: Sequence[Indexed], /) -> DenseIndex:
        """Return an index of the items, from the cache if the same one was made before."""
        texts = [item.text for item in items]
        kind = vectors.kind_for(len(texts), self._kind)
        embedder = self._queries.embedder
        name = stored.digest([embedder.digest, kind, *texts])
        file = cache_folder("index") / f"{name}.faiss"
        index = stored.read(file, len(texts))
        if index is None:
            index = vectors.build(embedder.embed(texts), kind)
            stored.write(index, file)
        return DenseIndex(self._queries, index)


class DenseIndex:
    """Vectors to be found."""

    def __init__(self, queries: Queries, index: faiss.Index) -> None:
        self._queries = queries
        self._index = index

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return the `k` nearest items each; scores are cosines, but for rounding."""
        scores, found = vectors.search(self._index, self._queries.embed(queries), k)
        return [
            [Hit(i, s) for i, s in zip(*row, strict=True) if i >= 0]
            for row in zip(found.tolist(), scores.tolist(), strict=True)
        ]

    def rows(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return the vectors of some items, which have length 1, but for rounding."""
        return vectors.rows(self._index, np.array(numbers, np.int64))


class Queries:
    """Embeddings of queries; the last ones are kept, as each is asked of several indexes."""

    KEPT = 4096

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._rows: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self.embedder.embed(new, "query"), strict=True))
        rows = np.stack([self._rows[text] for text in texts])
        while len(self._rows) > self.KEPT:
            self._rows.popitem(last=False)
        return rows
