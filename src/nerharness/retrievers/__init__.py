"""Built-in retrievers: what ranks train examples and knowledge passages for a unit."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_retrievers() -> Mapping[str, Provider]:
    """Offer the built-in retrievers."""
    return {
        "dense": Provider(
            "nerharness.retrievers.dense:Dense",
            "cosine similarity of sentence embeddings, indexed with faiss",
            options=(
                Option(
                    "embedding_model",
                    str,
                    "all-minilm-l6-v2",
                    "packaged model, local folder, or hub id of a sentence encoder",
                ),
            ),
            requires=("faiss", "torch", "transformers"),
            extra="nerharness[hf]",
        ),
        "bm25": Provider(
            "nerharness.retrievers.bm25:Bm25",
            "BM25 over words, with bm25s",
            requires=("bm25s",),
            extra="nerharness[hf]",
        ),
        "random": Provider(
            "nerharness.retrievers.random:Random",
            "a shuffle that depends on the seed and the query alone",
            options=(Option("seed", int, 0, "seed of everything random"),),
        ),
    }
