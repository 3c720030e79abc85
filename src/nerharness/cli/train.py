"""`nerharness train`: a model of one's own, from a corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.training.settings import Progress

_PATH = click.Path(path_type=Path)
_DATA = "What to learn from"
_HOW = "How to learn"
_OUTPUT = "Output"


def command() -> click.Command:
    """Build the command."""
    return SectionedCommand(
        "train",
        params=[*_data_flags(), *_how_flags(), *_output_flags()],
        callback=_train,
        help="Fine-tune a token classifier on the train split of a corpus, keep the epoch with the "
        "best F1 on dev, and score it there. Then: nerharness eval --tagger encoder --model OUT.",
        context_settings={"max_content_width": 100},
    )


def _flag(section: str, name: str, help: str, **rest: Any) -> Flag:
    return Flag([f"--{name}"], section=section, help=help, show_default="default" in rest, **rest)


def _data_flags() -> list[click.Parameter]:
    return [
        _flag(_DATA, "corpus", "corpus", metavar="NAME|PATH[:READER]", default="sample"),
        _flag(_DATA, "labels", "label set with definitions (TOML)", type=_PATH, metavar="FILE"),
        _flag(
            _DATA,
            "tokens",
            "tokens and sentences: default, raredis, spacy[:MODEL], model:NAME  "
            "[default: those of the corpus]",
            metavar="NAME",
        ),
        _flag(
            _DATA,
            "policy",
            "which of overlapping entities is learned: longest, outermost, first-fragment, "
            "priority:LABEL,…",
            metavar="NAME",
            default="longest",
        ),
        _flag(
            _DATA,
            "dev-share",
            "share of train's documents to hold out as dev, where the corpus has none",
            type=click.FloatRange(0, 0.9),
            metavar="X",
            default=0.0,
        ),
        _flag(
            _DATA,
            "limit",
            "only the first N documents of train",
            type=click.IntRange(min=1),
            metavar="N",
        ),
    ]


_NUMBERS: dict[str, tuple[str, click.ParamType[Any]]] = {
    "epochs": ("times that train is gone through", click.FloatRange(0, min_open=True)),
    "learning-rate": ("highest learning rate", click.FloatRange(0, min_open=True)),
    "batch-size": ("sentences in a step", click.IntRange(min=1)),
    "warmup": ("share of the steps in which the learning rate rises", click.FloatRange(0, 1)),
    "weight-decay": ("weight decay", click.FloatRange(0)),
    "negatives": (
        "share of the sentences without an entity that are kept",
        click.FloatRange(0, 1),
    ),
    "patience": (
        "stop after N epochs without a better F1 on dev; 0: never",
        click.IntRange(min=0),
    ),
    "seed": ("seed of everything random", click.INT),
}
"""Help and type of each number among the settings, which have the defaults."""


def _how_flags() -> list[click.Parameter]:
    from nerharness.training.settings import Settings

    usual = Settings()
    return [
        _flag(_HOW, "method", "what is trained", type=click.Choice(["encoder"]), default="encoder"),
        _flag(
            _HOW,
            "model",
            "base model: packaged one, folder, or hub id",
            metavar="TEXT",
            default="all-minilm-l6-v2",
        ),
        *(
            _flag(
                _HOW,
                name,
                help,
                type=kind,
                metavar="N" if isinstance(kind, type(click.INT) | click.IntRange) else "X",
                default=getattr(usual, name.replace("-", "_")),
            )
            for name, (help, kind) in _NUMBERS.items()
        ),
        _flag(_HOW, "class-weights", "let rare tags count for more", is_flag=True),
    ]


def _output_flags() -> list[click.Parameter]:
    return [
        _flag(_OUTPUT, "out", "folder of the model", type=_PATH, metavar="DIR", required=True),
        _flag(_OUTPUT, "resume", "go on with the training of that folder", is_flag=True),
        Flag(
            ["--json", "as_json"],
            section=_OUTPUT,
            is_flag=True,
            help="print the scores on dev as JSON on stdout, all else on stderr",
        ),
    ]


def _train(
    out: Path, resume: bool, as_json: bool, method: str, model: str, corpus: str,
    labels: Path | None, tokens: str | None, policy: str, dev_share: float, limit: int | None,
    **settings: Any,
) -> int:  # fmt: skip
    from rich.console import Console

    from nerharness.flatten import Policy
    from nerharness.plugin.host import load_host
    from nerharness.runs.training import TrainSpec, train
    from nerharness.training.settings import Settings

    host = load_host()
    host.find("taggers", method).need(f"--method {method}")
    spec = TrainSpec(
        model, corpus, labels, tokens, Policy.parse(policy), dev_share, limit, Settings(**settings)
    )
    notes = Console(stderr=True, highlight=False)
    with _progress(notes) as note:
        done = train(spec, host, out, resume=resume, note=note)
    if as_json:
        value = {"out": str(out), "steps": done.trained.steps, "dev": done.dev.to_json()}
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        from rich.console import Group

        from nerharness.report.agreement import agreement_tables

        Console(highlight=False).print("dev", Group(*agreement_tables(done.dev, whole=False)))
    notes.print(f"model  {out}", soft_wrap=True, markup=False)
    return 0


@contextmanager
def _progress(notes: Console) -> Iterator[Callable[[Progress], None]]:
    with progress_bar(notes, "loss") as bar:
        task = bar.add_task("steps", total=None, loss="")

        def note(now: Progress) -> None:
            bar.update(task, completed=now.step, total=now.steps)
            if now.loss is not None:
                bar.update(task, loss=f"loss {now.loss:.3f}")
            if now.f1 is not None:
                scores = f"F1 on dev {now.f1:.3f}, macro {now.macro_f1:.3f}"
                bar.console.print(f"epoch {now.epoch:g}: {scores}")

        yield note
