"""`score` and `compare` for Python: typed results that print as tables, also in notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from io import StringIO
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from rich.console import Group, RenderableType

from nerharness.metrics import Counts
from nerharness.report.agreement import agreement_tables, note_lines
from nerharness.report.comparison import comparison_tables
from nerharness.report.screen import Screen
from nerharness.runs.comparison import run_of
from nerharness.runs.given import (
    AnyEntity,
    Given,
    check_unused,
    given_run,
    naming_arguments,
)
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.calibration import Calibration
from nerharness.scoring.comparison import Change, Comparison, Contrast, Run
from nerharness.scoring.errors import Errors
from nerharness.scoring.intervals import Intervals, Resampling
from nerharness.scoring.protocols import ProtocolScores
from nerharness.scoring.strata import Strata
from nerharness.tags import Scheme

__all__ = ["AnyEntity", "ComparisonReport", "Given", "ScoreReport", "compare", "score"]

_WIDTH = 100


class _Shown(ABC):
    """What prints as tables: in a terminal, as text, and in a notebook."""

    @abstractmethod
    def __rich__(self) -> RenderableType: ...

    def __str__(self) -> str:
        screen = Screen(file=StringIO(), width=_WIDTH)
        with screen.capture() as text:
            screen.print(self)
        return "\n".join(line.rstrip() for line in text.get().splitlines())

    def _repr_html_(self) -> str:
        screen = Screen(file=StringIO(), width=_WIDTH, record=True)
        screen.print(self)
        inside = screen.export_html(inline_styles=True, code_format="{code}")
        title = escape(type(self).__name__)
        return f'<pre aria-label="{title}" style="line-height: 1.25">{inside}</pre>'


@dataclass(frozen=True, slots=True)
class ScoreReport(_Shown):
    """How well predictions agree with gold; docs/scoring.md defines every figure."""

    agreement: Agreement
    notes: Mapping[str, int] = field(default_factory=dict)
    """What was left out, or is unusual, and how often."""

    @property
    def protocols(self) -> Mapping[str, ProtocolScores]:
        """Scores by protocol: `report.protocols["strict"].micro.f1`."""
        return self.agreement.protocols

    @property
    def intervals(self) -> Mapping[str, Intervals]:
        """Intervals by protocol, row and figure: `report.intervals["strict"]["drug", "f1"].bca`.

        A row is a label or an `Averaging`: `[Averaging.MICRO, "f1"]`.
        """
        return self.agreement.intervals

    @property
    def errors(self) -> Errors:
        """Why strict match fails."""
        return self.agreement.errors

    @property
    def oracles(self) -> Mapping[str, Counts]:
        """What strict match would be with one kind of error put right."""
        return self.agreement.oracles

    @property
    def strata(self) -> Strata:
        """Strict match by kinds of entities."""
        return self.agreement.strata

    @property
    def calibration(self) -> Calibration | None:
        """How far confidences can be trusted; `None` without any."""
        return self.agreement.calibration

    def to_json(self) -> dict[str, Any]:
        """Return the scores as JSON values."""
        return {**self.agreement.to_json(), "notes": dict(self.notes)}

    def __rich__(self) -> RenderableType:
        return Group(*agreement_tables(self.agreement), *note_lines(self.notes))


@dataclass(frozen=True, slots=True)
class ComparisonReport(_Shown):
    """Runs beside each other; docs/scoring.md defines every figure."""

    comparison: Comparison

    @property
    def runs(self) -> Mapping[str, ScoreReport]:
        """The scores of each run by its name."""
        runs = self.comparison
        rows = zip(runs.names, runs.agreements, runs.notes, strict=True)
        return {name: ScoreReport(agreement, notes) for name, agreement, notes in rows}

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Each later run minus each earlier one, or the first alone."""
        return self.comparison.contrasts

    @property
    def changed(self) -> tuple[Change, ...]:
        """The documents about which the runs differ, those that differ most first."""
        return self.comparison.changed

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return self.comparison.to_json()

    def __rich__(self) -> RenderableType:
        return Group(*comparison_tables(self.comparison))


def score(
    gold: Given,
    predicted: Given | None = None,
    *,
    texts: Sequence[str] | None = None,
    labels: Sequence[str] = (),
    split: str | None = None,
    scheme: Scheme | None = None,
    common: bool = False,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> ScoreReport:
    """Score predictions against gold, by all protocols that what is given allows.

    `gold` and `predicted` are both the entities of each document (`Entity`, or tuples of label,
    start and end), or both the tags of each sentence, or both paths as of `nerharness score`; or
    `gold` is the path of a run folder, alone. `split` is that of a gold corpus; with
    `common`, documents of corpora that only one side has are left out. For
    annotation `labels` is the label set, by default gold's (a report warns of others that are
    predicted), `texts` are the documents' of entities, for protocols that need words or tokens, and
    `scheme` is that of the tags, by default IOB2.
    Documents are what is drawn for intervals; for tags these are the sentences; with `draws` 0
    there are none.

    Raises `ValueError` for annotation that does not fit together and for an argument that is about
    something else than what is given, and the errors of `nerharness.errors` for what cannot be
    read.
    """
    if predicted is None:
        if not isinstance(gold, (str, Path)):
            raise ValueError("only a run folder has its predictions with it")
        about = {"texts": texts, "labels": labels, "split": split, "scheme": scheme}
        check_unused("a run folder alone", **about, common=common or None)
        run = run_of(gold)
    else:
        with naming_arguments():
            run = given_run(
                "",
                gold,
                predicted,
                texts=texts,
                labels=labels,
                split=split,
                scheme=scheme,
                common=common,
            )
    resampling = Resampling(draws, seed, level) if draws else None
    return ScoreReport(Agreement.of(run.documents.values(), run.labels, resampling), run.notes)


def compare(
    *runs: Given,
    gold: Given | None = None,
    names: Sequence[str] | None = None,
    texts: Sequence[str] | None = None,
    labels: Sequence[str] = (),
    split: str | None = None,
    scheme: Scheme | None = None,
    common: bool = False,
    with_first: bool = False,
    draws: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> ComparisonReport:
    """Compare runs over the same documents, with paired tests of their differences.

    Without `gold`, `runs` are paths of run folders; with it, predictions as of `score`. Those that
    are not paths are called A, B … Z, AA … or by `names`. Each is compared with each earlier one,
    or `with_first` with the first alone. Raises what `score` does, and `RunError` for runs over
    different documents or label sets, unless `common`: then what not all have is left out.
    """
    called = list(names) if names is not None else [_name(one, n) for n, one in enumerate(runs)]
    if len(called) != len(runs) or len(set(called)) != len(called):
        raise ValueError(f"{len(runs)} runs need as many names, all different, not {called}")
    pairs = zip(called, runs, strict=True)
    if gold is None:
        read = [_alone(name, run) for name, run in pairs]
        what = "run folders without gold"
        check_unused(what, texts=texts, labels=labels, split=split, scheme=scheme)
    else:
        beside = partial(
            given_run, texts=texts, labels=labels, split=split, scheme=scheme, common=common
        )
        with naming_arguments():
            read = [beside(name, gold, run) for name, run in pairs]
    with naming_arguments():
        found = Comparison.of(
            read, Resampling(draws, seed, level), common=common, with_first=with_first
        )
    return ComparisonReport(found)


def _alone(name: str, run: Given) -> Run:
    if not isinstance(run, (str, Path)):
        raise ValueError("annotation cannot be compared without gold")
    return run_of(run)._replace(name=name)


def _name(run: Given, place: int) -> str:
    return str(run) if isinstance(run, (str, Path)) else _letters(place)


def _letters(place: int) -> str:
    """Return A, B … Z, AA, AB …, no two alike."""
    before, last = divmod(place, len(ascii_uppercase))
    return (_letters(before - 1) if before else "") + ascii_uppercase[last]
