"""Built-in corpus readers, and the sample corpus."""

from collections.abc import Mapping

from nerharness.plugin import Provider, hookimpl


@hookimpl
def nerharness_corpora() -> Mapping[str, Provider]:
    """Offer the built-in readers."""
    return {
        "sample": Provider(
            "nerharness.corpora.sample:Sample",
            "the built-in corpus about rare diseases, for trying things",
        ),
        "conll": Provider(
            "nerharness.corpora.conll:ConllReader",
            "one token and its BIO tag per line, columns parted by tabs or spaces",
        ),
        "brat": Provider(
            "nerharness.corpora.brat:BratReader",
            "folders of .txt with brat stand-off .ann",
        ),
        "jsonl": Provider(
            "nerharness.corpora.jsonl:JsonlReader",
            "one JSON object per document, entities with offsets",
        ),
    }
