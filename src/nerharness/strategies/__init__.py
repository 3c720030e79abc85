"""Built-in strategies: how a unit is put to a model."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_strategies() -> Mapping[str, Provider]:
    """Offer the built-in strategies."""
    return {
        "zero-shot": Provider(
            "nerharness.strategies.zero_shot:ZeroShot",
            "the label definitions alone",
        ),
        "few-shot": Provider(
            "nerharness.strategies.few_shot:FewShot",
            "solved examples from the train split, chosen by the retriever",
            options=(Option("shots", int, 4, "demonstrations per prompt"),),
        ),
        "rag": Provider(
            "nerharness.strategies.rag:Rag",
            "passages from the knowledge and solved examples, chosen by the retriever",
            options=(
                Option("shots", int, 4, "demonstrations per prompt"),
                Option("passages", int, 2, "knowledge passages per prompt"),
            ),
        ),
    }
