"""Speed of retrieval: 20,000 terms indexed, read from the cache, and searched.

First a part of the index is compared with what transformers and numpy give by plain means.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from transformers import AutoModel, AutoTokenizer

from benchmarks.terms import SIZE, sentences, terms
from benchmarks.timing import repeat
from nerharness.models import PACKAGED, locate
from nerharness.plugin import Index, Indexed
from nerharness.retrievers.bm25 import Bm25
from nerharness.retrievers.dense import Dense

MODEL: Final = "all-minilm-l6-v2"
PART: Final = 2_000  # terms that the peer indexes
COMPARED: Final = 500  # terms of which the answers are compared
BATCH: Final = 64
NEAREST: Final = 5
ROUNDS: Final = 50
ROUNDING: Final = 0.01  # of a cosine, in bfloat16


@pytest.fixture(autouse=True)
def group(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "retrieval"
    if PACKAGED[MODEL].find() is None:
        pytest.skip(f"{PACKAGED[MODEL].package} is not installed")


@pytest.fixture(autouse=True, scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of our own, which is empty at first."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NERHARNESS_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def queries() -> Iterator[str]:
    """Ever new ones: those that were embedded are kept."""
    return sentences()


def test_dense_index(benchmark: BenchmarkFixture) -> None:
    assert_near(_dense(_items(COMPARED)), _items(COMPARED))
    facts = _facts(f"dense: index {SIZE:,} terms ({terms()[0]})", SIZE)
    benchmark.extra_info |= facts
    pedantic: Any = benchmark.pedantic  # it has no types
    pedantic(_dense, args=(_items(SIZE),), rounds=1)


def test_dense_from_the_cache(benchmark: BenchmarkFixture) -> None:
    _dense(_items(SIZE))  # if only this test is run
    facts = _facts(f"dense: {SIZE:,} terms from the cache", SIZE)
    repeat(benchmark, _dense, _items(SIZE), rounds=5, facts=facts)


def test_dense_from_the_cache_and_asked(
    benchmark: BenchmarkFixture, queries: Iterator[str]
) -> None:
    def ask() -> object:
        return _dense(_items(SIZE)).search([next(queries)], NEAREST)

    facts = _facts("dense: the same, and a first query", 1)
    repeat(benchmark, ask, rounds=3, facts=facts)


@pytest.mark.parametrize("size", [1, BATCH])
@pytest.mark.parametrize("kind", ["dense", "bm25"])
def test_query(benchmark: BenchmarkFixture, queries: Iterator[str], kind: str, size: int) -> None:
    index: Index = (_dense if kind == "dense" else Bm25().index)(_items(SIZE))
    run = partial(_search, index, queries, size)
    assert all(len(hits) == NEAREST for hits in run())
    name = f"{kind}: a query alone" if size == 1 else f"{kind}: {size} queries at once"
    repeat(benchmark, run, rounds=ROUNDS if size == 1 else 5, facts=_facts(name, size))


def test_bm25_index(benchmark: BenchmarkFixture) -> None:
    facts = _facts(f"bm25: index {SIZE:,} terms", SIZE)
    repeat(benchmark, Bm25().index, _items(SIZE), rounds=3, facts=facts)


@pytest.mark.parametrize("size", [1, BATCH])
def test_faiss_alone(benchmark: BenchmarkFixture, size: int) -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((SIZE, 384), np.float32)
    index = faiss.IndexFlatIP(384)
    index.add(rows)
    name = "a query" if size == 1 else f"{size} queries"
    facts = _facts(f"faiss alone: {name}, vectors given", size)
    repeat(benchmark, index.search, rows[:size], NEAREST, rounds=ROUNDS, facts=facts)


def test_peer_index(benchmark: BenchmarkFixture) -> None:
    texts = terms()[1][:PART]
    encode = _peer()
    assert encode(texts[:2]).shape == (2, 384)
    facts = _facts(f"sentence-transformers and faiss: index {PART:,} terms", PART)
    benchmark.extra_info |= facts
    pedantic: Any = benchmark.pedantic
    pedantic(_peer_index, args=(encode, texts), rounds=1)


@pytest.mark.parametrize("size", [1, BATCH])
def test_peer_query(benchmark: BenchmarkFixture, queries: Iterator[str], size: int) -> None:
    encode = _peer()
    index = _peer_index(encode, terms()[1][:COMPARED])

    def ask() -> object:
        return index.search(encode(list(islice(queries, size))), NEAREST)

    name = "a query alone" if size == 1 else f"{size} queries at once"
    facts = _facts(f"sentence-transformers and faiss: {name}, {COMPARED} terms", size)
    repeat(benchmark, ask, rounds=ROUNDS if size == 1 else 5, facts=facts)


def assert_near(index: Index, items: Sequence[Indexed]) -> None:
    """The nearest are those of plain means in float32, but for the rounding of the numbers."""
    asked = list(islice(sentences(), 32))
    cosines = _plain(asked) @ _plain([item.text for item in items]).T
    shared = 0
    for hits, row in zip(index.search(asked, NEAREST), cosines, strict=True):
        best = np.argsort(-row)[:NEAREST]
        shared += len({hit.index for hit in hits} & set(best.tolist()))
        assert all(row[hit.index] >= row[best[-1]] - ROUNDING for hit in hits)
        assert all(abs(row[hit.index] - hit.score) <= ROUNDING for hit in hits)
    assert shared >= 0.95 * NEAREST * len(asked)


def _plain(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embeddings by transformers in float32, one text at a time."""
    path = str(locate(MODEL).path)
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    rows = []
    with torch.inference_mode():
        for text in texts:
            given = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
            mean = model(**given).last_hidden_state[0].mean(0)
            rows.append((mean / mean.norm()).numpy())
    return np.stack(rows)


def _dense(items: Sequence[Indexed]) -> Index:
    return Dense(embedding_model=MODEL, index="auto").index(items)


def _search(index: Index, queries: Iterator[str], size: int) -> Sequence[Sequence[Any]]:
    return index.search(list(islice(queries, size)), NEAREST)


def _peer() -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """The library's own encoder, as its documentation has it."""
    library = pytest.importorskip("sentence_transformers")
    model = library.SentenceTransformer(str(locate(MODEL).path), device="cpu")
    return partial(model.encode, normalize_embeddings=True, show_progress_bar=False)


def _peer_index(
    encode: Callable[[Sequence[str]], NDArray[np.float32]], texts: Sequence[str]
) -> faiss.Index:
    rows = encode(texts)
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return index


def _items(size: int) -> list[Indexed]:
    return [Indexed(text, f"#{number}") for number, text in enumerate(terms()[1][:size])]


def _facts(name: str, items: int) -> dict[str, Any]:
    return {"name": name, "items": items}
