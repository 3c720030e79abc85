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
    found = (_retrieval(scores.retrieval),) if scores.retrieval.units else ()
    return Group(*tables, *found, *(Text(line) for line in _accounts(scores)))


def _retrieval(retrieval: Retrieval) -> Table:
    title = f"gold mentions in what was retrieved ({retrieval.mentions})"
    table = new_table(title, "retrieved", "number", "surface", "label", "either")
    numbers = {"examples": retrieval.examples, "passages": retrieval.passages}
    numbers["any"] = sum(numbers.values())
    for source, number in numbers.items():
        if number:
            shares = retrieval.shares(source).values()
            table.add_row(source, str(number), *(f"{share:.1%}" for share in shares))
    return table


def _accounts(scores: Scores) -> Iterator[str]:
    documents, mentions, outputs = scores.documents, scores.mentions, scores.outputs
    cuts = scores.cuts
    yield f"documents  {documents['total']}, failed {documents['failed']}"
    if cuts.cut:
        yield (
            f"units      cut {cuts.cut:,} of {cuts.gold:,} gold entities: "
            f"recall is at most {cuts.recall:.3f}"
        )
    if mentions["total"]:
        yield (
            f"mentions   {mentions['total']}: exact {mentions['exact']}, folded "
            f"{mentions['folded']}, fuzzy {mentions['fuzzy']}, ungrounded "
            f"{_share(mentions['ungrounded'], mentions['total'])}"
        )
    if outputs.total:
        counts = (outputs.parse_failed, outputs.repaired, outputs.truncated)
        failed, repaired, truncated = (_share(count, outputs.total) for count in counts)
        yield (
            f"outputs    {outputs.total}: parse failed {failed}, repaired {repaired}, "
            f"truncated {truncated}"
        )
    if outputs.reasoning:
        yield f"reasoning  {outputs.reasoning} answers begin with it; it is not read"
    if outputs.problems:
        yield f"problems   {_listed(outputs.problems)}"
    if scores.usage.prompt_tokens:
        yield (
            f"tokens     {scores.usage.prompt_tokens:,} read, "
            f"{scores.usage.completion_tokens:,} written{_thoughts(scores.usage)}"
        )
    if scores.usage.cached:
        yield f"cache      {scores.usage.cached:,} answers; their tokens are not counted"
    if cost := cost_text(scores.usage):
        yield f"cost       {cost}"
    yield f"time       {scores.seconds:.1f} s"


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
