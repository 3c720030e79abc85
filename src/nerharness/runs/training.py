"""Training a model on a corpus: what it is made of, what it reached, and its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, Self

from nerharness.errors import NerharnessError, RunError
from nerharness.models import digest as model_digest
from nerharness.models import hub_commit, locate
from nerharness.plugin.host import Host
from nerharness.runs.courses import Course, find_course
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.description import versions
from nerharness.runs.folder import write_json
from nerharness.runs.learned import FILE, SCHEMA, read_description
from nerharness.runs.model_card import model_card
from nerharness.runs.train_data import Data, TrainSpec, read_data
from nerharness.runs.training_page import write_page
from nerharness.scoring.agreement import Agreement
from nerharness.training.checkpoints import CHECKPOINTS, saving
from nerharness.training.processes import first_alone, is_first, join
from nerharness.training.reports import check_reports
from nerharness.training.settings import Progress
from nerharness.training.trainer import Trained
from nerharness.whole_files import part_of


class Expected(NamedTuple):
    """A training before it begins."""

    course: Course
    cuts: UnitCuts
    description: Mapping[str, Any]
    """What decides its result, as `training.json` has it."""

    @classmethod
    def of(cls, spec: TrainSpec, host: Host) -> Self:
        """Read the data and make the prompts; raises the errors of `nerharness.errors`."""
        data = read_data(spec, host)
        course = find_course(spec, data, host)
        cuts = data.cuts(spec)
        return cls(course, cuts, _describe(spec, data, course) | {"cut_by_units": cuts.to_json()})


class Training(NamedTuple):
    """A finished training."""

    trained: Trained
    dev: Agreement
    description: Mapping[str, Any]


def train(
    spec: TrainSpec,
    host: Host,
    out: Path,
    *,
    resume: bool = False,
    note: Callable[[Progress], None] = lambda _: None,
    tell: Callable[[UnitCuts], None] = lambda _: None,
) -> Training:
    """Train, score on dev, and write the folder `out`; raises the errors of `nerharness.errors`.

    `tell` is called before the first step.
    """
    join(str(spec.prompting.options.get("device", "auto")))
    course, cuts, description = Expected.of(spec, host)
    check_reports(spec.report_to)
    tell(cuts)
    with first_alone() as first:
        if first:
            _open(out, description, resume)
    try:
        trained = course.run(out, resume=resume, note=note)
    except NerharnessError:
        if is_first():
            _forget(out)
        raise
    with first_alone():
        pass  # until the first process has written the model, it cannot be loaded
    agreement = course.score(out)
    description = {
        **description,
        "steps": trained.steps,
        "seconds": trained.seconds,
        "history": [one._asdict() for one in trained.history],
        "dev": agreement.to_json()["protocols"],
        "failed": dict(agreement.failures),
    }
    if is_first():
        _finish(out, description, agreement)
    return Training(trained, agreement, description)


def _finish(out: Path, description: Mapping[str, Any], agreement: Agreement) -> None:
    """Write what people read, and then that training is finished."""
    with saving(out):
        write_page(out, description)
        (out / "README.md").write_text(model_card(description, agreement), encoding="utf-8")
        # The trainer's own arguments are a pickle, which nobody should have to load.
        (out / "training_args.bin").unlink(missing_ok=True)
        write_json(out / FILE, description)
    shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)


def _describe(spec: TrainSpec, data: Data, course: Course) -> dict[str, Any]:
    source = locate(spec.model)
    return {
        "schema": SCHEMA,
        "method": spec.method,
        "base": {
            "name": spec.model,
            "sha256": model_digest(source.path) if source.path else None,
            "revision": hub_commit(source, None),
        },
        "corpus": spec.corpus,
        "tokens": spec.tokens,
        **data.describe(spec),
        **course.describe(),
        "settings": asdict(spec.settings),
        "versions": versions(),
    }


def _open(out: Path, description: Mapping[str, Any], resume: bool) -> None:
    """Make the folder, or see that it is one of the same training; `RunError` otherwise."""
    if not resume or (out.exists() and is_free(out)):
        if out.exists() and not is_free(out):
            hint = "choose another --out, or go on with that training by --resume"
            raise RunError("not an empty folder", where=str(out), hint=hint)
        with saving(out):
            write_json(out / FILE, description)
        return
    if not (out / FILE).exists():
        hint = "give the --sizes and --seeds that it was begun with, or leave --resume out"
        raise RunError("holds no training to go on with", where=str(out), hint=hint)
    before = read_description(out / FILE)
    check_same(before, description, out)
    if "steps" in before:
        shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)  # a kill may have come before that
        raise RunError("that training is finished", where=str(out))


def _forget(out: Path) -> None:
    """Leave the folder to another try, if nothing was learned in it: no model could be loaded."""
    with suppress(OSError):
        if [*out.iterdir()] == [out / FILE]:
            (out / FILE).unlink()


def check_same(before: Mapping[str, Any], description: Mapping[str, Any], out: Path) -> None:
    """Raise `RunError` if the training of a folder is another than the one described."""
    for key, value in json.loads(json.dumps(description)).items():
        if key not in ("versions", "cut_by_units") and before.get(key) != value:
            raise RunError(f"{key} is another than that training's", where=str(out / FILE))


def is_free(out: Path) -> bool:
    """Tell whether nothing but what a kill left of a first file lies in a folder."""
    return out.is_dir() and all(path == part_of(out / FILE) for path in out.iterdir())
