"""Nearest vectors with faiss: compared with all if there are few, approximate for many."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import faiss
import numpy as np
from numpy.typing import NDArray

IndexKind = Literal["auto", "flat", "hnsw", "ivf"]
HNSW_FROM = 50_000
"""Vectors from which on a graph is searched instead of all of them."""
IVF_FROM = 1_000_000
"""Vectors from which on a graph would take too long to build, and cells are searched."""

_LINKS = 32
_BREADTH_BUILT = 120
_BREADTH_SEARCHED = 128
_PER_CELL = 39
"""Vectors that faiss wants for each cell to train on."""
_CELLS_PER_SEARCHED = 16
_LEAST_CELLS = 8


def kind_for(size: int, wanted: IndexKind = "auto") -> IndexKind:
    """Return the kind of index for so many vectors."""
    if wanted != "auto":
        return wanted
    if size < HNSW_FROM:
        return "flat"
    return "hnsw" if size < IVF_FROM else "ivf"


def build(rows: NDArray[np.float32], kind: IndexKind) -> faiss.Index:
    """Return an index of vectors by inner product.

    `flat` compares all, which it holds in float16, read in half the time; `hnsw` is the graph of
    Malkov and Yashunin (2018); `ivf` looks into the nearest of some 4·√n cells, which k-means
    finds.
    """
    index: faiss.Index
    size, width = rows.shape
    if kind == "hnsw":
        index = faiss.IndexHNSWFlat(width, _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _BREADTH_BUILT
    elif kind == "ivf":
        cells = max(1, min(int(4 * math.sqrt(size)), size // _PER_CELL))
        quantizer = faiss.IndexFlatIP(width)
        index = faiss.IndexIVFFlat(quantizer, width, cells, faiss.METRIC_INNER_PRODUCT)
        index.train(rows)
    else:
        half = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexScalarQuantizer(width, half, faiss.METRIC_INNER_PRODUCT)
    index.add(rows)
    return index


def search(
    index: faiss.Index, queries: NDArray[np.float32], k: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return scores and numbers of the `k` nearest of each query, best first; -1: no more found."""
    if isinstance(index, faiss.IndexHNSWFlat):
        index.hnsw.efSearch = max(_BREADTH_SEARCHED, 2 * k)
    if isinstance(index, faiss.IndexIVFFlat):
        index.nprobe = max(_LEAST_CELLS, index.nlist // _CELLS_PER_SEARCHED)
    with _threads(len(queries)):
        scores, found = index.search(queries, min(k, index.ntotal))
    return scores, found


@contextmanager
def _threads(most: int) -> Iterator[None]:
    """Have faiss take no more threads, as it does not share one query among several.

    Those without work would wait in a loop, in the way of torch, which embeds the next query.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(max(1, min(before, most)))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def rows(index: faiss.Index, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the vectors with these numbers."""
    if isinstance(index, faiss.IndexIVFFlat):
        index.make_direct_map()
    found: NDArray[np.float32] = index.reconstruct_batch(numbers)
    return found
