"""The few-shot curve: the same training on more and more documents of train, by several seeds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.errors import RunError, UsageError
from nerharness.pages import html_page, html_table, shown
from nerharness.plugin.host import Host
from nerharness.runs.curve import Size, curve_json, lacking_lines, sizes_picture, tabled
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.folder import write_json
from nerharness.runs.learned import FILE, read_description
from nerharness.runs.train_data import Data, TrainSpec, read_data
from nerharness.runs.training import Expected, check_same, train
from nerharness.training.checkpoints import saving
from nerharness.training.processes import first_alone
from nerharness.training.settings import Progress

ALL = "all"
PICTURE, PAGE, TABLE = "sizes.svg", "sizes.html", "sizes.json"


def train_sizes(
    spec: TrainSpec,
    host: Host,
    out: Path,
    sizes: Sequence[str],
    seeds: Sequence[int] = (),
    *,
    resume: bool = False,
    note: Callable[[str, Progress], None] = lambda *_: None,
    tell: Callable[[UnitCuts], None] = lambda _: None,
) -> list[Size]:
    """Train and score each size in a folder of `out`; raises the errors of `nerharness.errors`.

    Of several `seeds` each has a folder in that of the size; without `sizes` all of train is
    learned from, in folders of the seeds alone. Each size's documents are among those of the larger
    ones, with the same seed. With `resume` trainings that are finished are read, and the one that
    was under way is gone on with; more may be asked for than before, but not fewer. `note` is told
    which training it is, `tell` called before the first.
    """
    data = read_data(spec, host)
    _check(sizes, data)
    steps = list(_steps(spec, sizes, seeds))
    _check_folder(out, [step.folder for step in steps], resume=resume)
    tell(data.cuts(spec))
    found = []
    for step in steps:
        place = out / step.folder
        if not (resume and (done := _finished(place, step.spec, host))):
            begun = resume and place.exists()
            noting = partial(note, step.title)
            done = train(step.spec, host, place, resume=begun, note=noting).description
        found.append(Size.of(step.size, done))
        with first_alone() as first:
            if first:
                _write(out, found)
    return found


class _Step(NamedTuple):
    size: str
    folder: Path
    title: str
    spec: TrainSpec


def _steps(spec: TrainSpec, sizes: Sequence[str], seeds: Sequence[int]) -> Iterator[_Step]:
    """Yield the trainings, size by size."""
    for size in sizes or (ALL,):
        limit = spec.limit if size == ALL else int(size)
        sized = replace(spec, limit=limit, lacking=spec.lacking or bool(sizes))
        for seed in seeds or (spec.settings.seed,):
            named = [(size, f"size {size}")] if sizes else []
            named += [(f"seed-{seed}", f"seed {seed}")] if seeds else []
            folder = Path(*(folder for folder, _ in named))
            title = ", ".join(title for _, title in named)
            settings = replace(spec.settings, seed=seed)
            yield _Step(size, folder, title, replace(sized, settings=settings))


def _check(sizes: Sequence[str], data: Data) -> None:
    """Raise `UsageError` for a size that train does not have."""
    for size in sizes:
        if size != ALL and int(size) > len(data.train):
            raise UsageError(
                f"{int(size):,} documents, but there are {len(data.train):,} to learn from",
                where="--sizes",
                hint=f"{ALL} are all that there are",
            )


def _check_folder(out: Path, folders: Collection[Path], *, resume: bool) -> None:
    """Raise `RunError` unless `out` is free, or to be gone on with and of these trainings alone.

    `folders` are theirs in `out`; the table of others would be overwritten.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not resume:
        hint = "choose another --out, or go on with that training by --resume"
        raise RunError("not an empty folder", where=str(out), hint=hint)
    hint = "give all --sizes and --seeds that it was begun with, or choose another --out"
    found = [file.parent for above in ("", "*/", "*/*/") for file in out.glob(f"{above}{FILE}")]
    if strange := sorted(place for place in found if place.relative_to(out) not in folders):
        raise RunError("a training that is not asked for", where=str(strange[0]), hint=hint)
    if not any((out / folder).exists() for folder in folders):
        raise RunError("holds none of these trainings", where=str(out), hint=hint)


def _finished(place: Path, spec: TrainSpec, host: Host) -> Mapping[str, Any] | None:
    """Return what a finished training says; `RunError` if it is another than this one."""
    if not (place / FILE).is_file():
        return None
    before = read_description(place / FILE)
    if "steps" not in before:
        return None
    check_same(before, Expected.of(spec, host).description, place)
    return before


def _write(out: Path, sizes: Sequence[Size]) -> None:
    """Write the table and the picture of the trainings that are finished."""
    with saving(out):
        write_json(out / TABLE, curve_json(sizes))
        picture = sizes_picture(sizes)
        (out / PICTURE).write_text(picture, encoding="utf-8")
        tables = [html_table(names, iter(rows)) for names, rows in tabled(sizes)]
        notes = [f"<p>{shown(line)}</p>" for line in lacking_lines(sizes)]
        page = html_page("F1 on dev by documents of train", [picture, *tables, *notes])
        (out / PAGE).write_text(page, encoding="utf-8")
