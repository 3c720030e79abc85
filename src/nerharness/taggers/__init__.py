"""Built-in taggers: baselines that label without prompting."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_taggers() -> Mapping[str, Provider]:
    """Offer the built-in taggers."""
    return {
        "gazetteer": Provider(
            "nerharness.taggers.gazetteer:Gazetteer",
            "a dictionary of the train mentions that are annotated often enough",
            remote=False,
            options=(
                Option(
                    "least_share",
                    float,
                    None,
                    "least share of a name's places in train that are annotated; "
                    "unset: tuned by cross-validation on train",
                ),
            ),
        ),
        "encoder": Provider(
            "nerharness.taggers.encoder:load_encoder",
            "a fine-tuned token classifier, as nerharness train makes it",
            remote=False,
            learns=False,
            options=(
                Option("model", str, None, "folder of nerharness train, or hub id"),
                Option("viterbi", bool, True, "only sequences of tags that the scheme allows"),
            ),
            requires=("torch", "transformers"),
            extra="nerharness[hf]",
        ),
    }
