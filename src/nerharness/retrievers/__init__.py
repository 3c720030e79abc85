"""Built-in retrievers: what ranks train examples and knowledge passages for a unit."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl

_ENCODER = (
    Option(
        "embedding_model",
        str,
        "all-minilm-l6-v2",
        "packaged model, folder of sentence-transformers, or hub id",
    ),
    Option("embedding_revision", str, None, "hub revision of that: branch, tag or commit"),
    Option(
        "index",
        str,
        "auto",
        "how vectors are searched; auto: flat, from 50,000 on hnsw, from 1,000,000 on ivf",
        choices=("auto", "flat", "hnsw", "ivf"),
    ),
)
_LIBRARIES = ("faiss", "torch", "transformers")


@hookimpl
def nerharness_retrievers() -> Mapping[str, Provider]:
    """Offer the built-in retrievers."""
    return {
        "dense": Provider(
            "nerharness.retrievers.dense:Dense",
            "cosine similarity of sentence embeddings, indexed with faiss",
            remote=False,
            options=_ENCODER,
            requires=_LIBRARIES,
            extra="nerharness[hf]",
        ),
        "bm25": Provider(
            "nerharness.retrievers.bm25:Bm25",
            "BM25 over words, with bm25s",
            remote=False,
            requires=("bm25s",),
            extra="nerharness[hf]",
        ),
        "hybrid": Provider(
            "nerharness.retrievers.hybrid:Hybrid",
            "dense and bm25 together, by reciprocal rank fusion",
            remote=False,
            options=_ENCODER,
            requires=(*_LIBRARIES, "bm25s"),
            extra="nerharness[hf]",
        ),
        "diverse": Provider(
            "nerharness.retrievers.diverse:Diverse",
            "near the unit, unlike each other, and of all labels (maximal marginal relevance)",
            remote=False,
            options=(
                *_ENCODER,
                Option("relevance", float, 0.7, "weight of nearness against variety, from 0 to 1"),
            ),
            requires=_LIBRARIES,
            extra="nerharness[hf]",
        ),
        "fixed": Provider(
            "nerharness.retrievers.fixed:Fixed",
            "the same examples for every unit",
            remote=False,
            options=(
                Option(
                    "fixed",
                    str,
                    None,
                    "positions (from 0) or ids of train examples, as in 3,17; "
                    "the rest follow, those with an entity first",
                ),
            ),
        ),
        "random": Provider(
            "nerharness.retrievers.random:Random",
            "a shuffle that depends on the seed and the query alone",
            remote=False,
            options=(Option("seed", int, 0, "seed of everything random"),),
        ),
    }
