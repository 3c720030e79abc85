"""Built-in taggers: baselines that label without prompting."""

from collections.abc import Mapping

from nerharness.plugin import Provider, hookimpl


@hookimpl
def nerharness_taggers() -> Mapping[str, Provider]:
    """Offer the built-in taggers."""
    return {
        "gazetteer": Provider(
            "nerharness.taggers.gazetteer:Gazetteer",
            "a dictionary of the train mentions, each with its most frequent label",
        ),
    }
