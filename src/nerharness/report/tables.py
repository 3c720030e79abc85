"""Scores as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.report.agreement import agreement_tables, new_table
from nerharness.runs.lookup import Retrieval
from nerharness.runs.scores import Scores
from nerharness.types import Usage


def score_tables(scores: Scores, protocol: str = "strict", *, whole: bool = True) -> RenderableType:
    """Return the tables of `agreement_tables`, and what is known of documents and answers."""
    tables = agreement_tables(scores.agreement, protocol, whole=whole)
    found = (retrieval_table(scores.retrieval),) if scores.retrieval.units else ()
    lines = (Text(f"{about:<10} {line}") for about, line in accounts(scores))
    return Group(*tables, *found, *lines)


def retrieval_table(retrieval: Retrieval) -> Table:
    """Return how many gold mentions stood in what was looked up."""
    title = f"gold mentions in what was retrieved ({retrieval.mentions})"
    table = new_table(title, "retrieved", "number", "surface", "label", "either")
    numbers = {"examples": retrieval.examples, "passages": retrieval.passages}
    numbers["any"] = sum(numbers.values())
    for source, number in numbers.items():
        if number:
            shares = retrieval.shares(source).values()
            table.add_row(source, str(number), *(f"{share:.1%}" for share in shares))
    return table


def accounts(scores: Scores) -> Iterator[tuple[str, str]]:
    """Yield what is known of documents and answers, each with what it is about."""
    documents, mentions, outputs = scores.documents, scores.mentions, scores.outputs
    cuts = scores.cuts
    yield "documents", f"{documents['total']}, failed {documents['failed']}"
    if cuts.cut:
        yield (
            "units",
            f"cut {cuts.cut:,} of {cuts.gold:,} gold entities: recall is at most {cuts.recall:.3f}",
        )
    if mentions["total"]:
        yield (
            "mentions",
            f"{mentions['total']}: exact {mentions['exact']}, folded "
            f"{mentions['folded']}, fuzzy {mentions['fuzzy']}, ungrounded "
            f"{_share(mentions['ungrounded'], mentions['total'])}",
        )
    if outputs.total:
        counts = (outputs.parse_failed, outputs.repaired, outputs.truncated)
        failed, repaired, truncated = (_share(count, outputs.total) for count in counts)
        yield (
            "outputs",
            f"{outputs.total}: parse failed {failed}, repaired {repaired}, truncated {truncated}",
        )
    if outputs.reasoning:
        yield "reasoning", f"{outputs.reasoning} answers begin with it; it is not read"
    if outputs.problems:
        yield "problems", _listed(outputs.problems)
    yield from _usage(scores.usage)
    yield "time", f"{scores.seconds:.1f} s"


def _usage(usage: Usage) -> Iterator[tuple[str, str]]:
    if usage.prompt_tokens:
        yield (
            "tokens",
            f"{usage.prompt_tokens:,} read, {usage.completion_tokens:,} written{_thoughts(usage)}",
        )
    if usage.cached:
        yield "cache", f"{usage.cached:,} answers; their tokens are not counted"
    if cost := cost_text(usage):
        yield "cost", cost


def _thoughts(usage: Usage) -> str:
    return f", {usage.reasoning_tokens:,} of them reasoning" if usage.reasoning_tokens else ""


def cost_text(usage: Usage) -> str:
    """Return what answers cost as far as it is known; empty where nothing has a price."""
    if usage.cost is None:
        return "unknown" if usage.unpriced else ""
    rest = f", and {usage.unpriced:,} answers whose cost is unknown" if usage.unpriced else ""
    return f"${usage.cost:.4f}{rest}"


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})"


def _listed(problems: Mapping[str, int]) -> str:
    ordered = sorted(problems.items(), key=lambda item: -item[1])
    return ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in ordered)
