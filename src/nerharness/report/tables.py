"""Scores as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.metrics import Average, Counts
from nerharness.runs.lookup import Retrieval
from nerharness.runs.scores import Scores
from nerharness.scoring.protocols import ProtocolScores


def score_tables(scores: Scores) -> RenderableType:
    """Return the tables of all protocols, and the lines about documents, mentions and outputs."""
    tables = (_protocol(name, protocol) for name, protocol in scores.protocols.items())
    found = (_retrieval(scores.retrieval),) if scores.retrieval.units else ()
    return Group(*tables, *found, *(Text(line) for line in _accounts(scores)))


def _protocol(name: str, scores: ProtocolScores) -> Table:
    table = Table(title=f"{name} match", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("label", no_wrap=True)
    for column in ("precision", "recall", "F1", "tp", "fp", "fn"):
        table.add_column(column, justify="right")
    for label, counts in scores.labels.items():
        table.add_row(Text(label), *_rates(counts), *_tally(counts))
    table.add_section()
    table.add_row("micro", *_rates(scores.micro), *_tally(scores.micro), style="bold")
    table.add_row("macro", *_rates(scores.macro), "", "", "", style="bold")
    return table


def _retrieval(retrieval: Retrieval) -> Table:
    title = f"gold mentions in what was retrieved ({retrieval.mentions})"
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("retrieved", no_wrap=True)
    for column in ("number", "surface", "label", "either"):
        table.add_column(column, justify="right")
    numbers = {"examples": retrieval.examples, "passages": retrieval.passages}
    numbers["any"] = sum(numbers.values())
    for source, number in numbers.items():
        if number:
            shares = retrieval.shares(source).values()
            table.add_row(source, str(number), *(f"{share:.1%}" for share in shares))
    return table


def _rates(scores: Counts | Average) -> tuple[str, str, str]:
    return tuple(f"{x:.3f}" for x in (scores.precision, scores.recall, scores.f1))  # type: ignore[return-value]


def _tally(counts: Counts) -> tuple[str, str, str]:
    return str(counts.tp), str(counts.fp), str(counts.fn)


def _accounts(scores: Scores) -> Iterator[str]:
    documents, mentions, outputs = scores.documents, scores.mentions, scores.outputs
    yield f"documents  {documents['total']}, failed {documents['failed']}"
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
    if outputs.problems:
        yield f"problems   {_listed(outputs.problems)}"
    if scores.usage.prompt_tokens:
        yield (
            f"tokens     {scores.usage.prompt_tokens:,} read, "
            f"{scores.usage.completion_tokens:,} written"
        )
    yield f"time       {scores.seconds:.1f} s"


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})"


def _listed(problems: Mapping[str, int]) -> str:
    ordered = sorted(problems.items(), key=lambda item: -item[1])
    return ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in ordered)
