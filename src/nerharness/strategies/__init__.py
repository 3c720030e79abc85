"""Built-in strategies: how a unit is put to a model."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl

_JUDGE = (
    Option("judge_shots", int, 0, "train examples judged before each question"),
    Option("judge_threshold", float, 0.85, "least probability of the label"),
    Option(
        "judge_also",
        str,
        "both",
        "candidates besides what was named: the run's hints, phrases of the text",
        choices=("none", "hints", "phrases", "both"),
    ),
)


@hookimpl
def nerharness_strategies() -> Mapping[str, Provider]:
    """Offer the built-in strategies."""
    return {
        "zero-shot": Provider(
            "nerharness.strategies.zero_shot:ZeroShot",
            "the label definitions alone",
            remote=False,
        ),
        "few-shot": Provider(
            "nerharness.strategies.few_shot:FewShot",
            "solved examples from the train split, chosen by the retriever",
            remote=False,
            options=(Option("shots", int, 4, "demonstrations per prompt"),),
        ),
        "rag": Provider(
            "nerharness.strategies.rag:Rag",
            "passages from the knowledge and solved examples, chosen by the retriever",
            remote=False,
            options=(
                Option("shots", int, 4, "demonstrations per prompt"),
                Option("passages", int, 2, "knowledge passages per prompt"),
            ),
        ),
        "candidates": Provider(
            "nerharness.strategies.candidates:Candidates",
            "the run's hints as they are, without a question",
            remote=False,
        ),
        "paper": Provider(
            "nerharness.strategies.paper:Paper",
            "the prompt of the RareDis study (arXiv:2407.00731), for --format bio",
            remote=False,
            options=(Option("paper_shots", int, 5, "solved examples, in the retriever's order"),),
        ),
        **_around(),
    }


def _around() -> Mapping[str, Provider]:
    """Return those that are put around another strategy."""
    return {
        "per-label": Provider(
            "nerharness.strategies.per_label:PerLabel",
            "one question per label, put together",
            remote=False,
            wraps=True,
        ),
        "verify": Provider(
            "nerharness.strategies.verify:Verify",
            "a second turn that keeps or drops each mention",
            remote=False,
            options=(Option("verify_shots", int, 2, "judged demonstrations before the question"),),
            wraps=True,
        ),
        "judge": Provider(
            "nerharness.strategies.judge:Judge",
            "a question about each candidate, kept if its label is likely enough",
            remote=False,
            options=_JUDGE,
            wraps=True,
            needs=frozenset({"prefix", "logprobs"}),
        ),
        "sure": Provider(
            "nerharness.strategies.sure:Sure",
            "what the model wrote with enough confidence, the rest dropped",
            remote=False,
            options=(
                Option("least_confidence", float, 0.5, "least probability of a mention's tokens"),
            ),
            wraps=True,
            needs=frozenset({"logprobs"}),
        ),
        "vote": Provider(
            "nerharness.strategies.vote:Vote",
            "what enough of several answers say, drawn or in several formats",
            remote=False,
            options=(
                Option("samples", int, 5, "answers drawn for each question"),
                Option("temperature", float, 0.7, "how freely answers are drawn"),
                Option("agreement", float, 0.5, "share of the answers that a mention must reach"),
                Option("vote_formats", str, None, "one greedy answer in each of these (a,b,…)"),
                Option("seed", int, 0, "seed of everything random"),
            ),
            wraps=True,
        ),
    }
