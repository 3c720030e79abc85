"""`nerharness guidelines`: a draft of annotation guidelines from train data."""

from __future__ import annotations

from pathlib import Path

import click

from nerharness.cli.output import say
from nerharness.errors import UsageError
from nerharness.plugin.host import load_host

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "guidelines",
        params=[
            click.Argument(["corpus"]),
            click.Option(
                ["--split"],
                default="train",
                show_default=True,
                help="split to learn from; never the one that is tested on",
            ),
            click.Option(
                ["-o", "--out"],
                type=_PATH,
                metavar="FILE",
                help="write the draft to a new file  [default: stdout]",
            ),
            click.Option(
                ["--labels"],
                type=_PATH,
                metavar="FILE",
                help="label set with definitions (TOML)",
            ),
            click.Option(
                ["--examples"],
                type=click.IntRange(min=0),
                metavar="N",
                default=2,
                show_default=True,
                help="examples per label, and up to 2 of each way to annotate",
            ),
        ],
        callback=_draft,
        help="Draft annotation guidelines (Markdown) from the train split of CORPUS, given as to "
        "--corpus of eval: labels with examples, boundaries and confusions, by counting and "
        "without a model. Edit the draft, then give it to eval with --guidelines.",
        context_settings={"max_content_width": 100},
    )


def _draft(corpus: str, split: str, out: Path | None, labels: Path | None, examples: int) -> None:
    from nerharness.corpora.labels import read_labels
    from nerharness.corpora.mark import need_mark
    from nerharness.guidance.draft import write_draft
    from nerharness.runs.corpus import load_corpus
    from nerharness.runs.protection import is_any_marked
    from nerharness.whole_files import PRIVATE

    if out is not None and out.exists():
        raise UsageError("the file is there already", where=f"--out {out}")
    host = load_host()
    found = load_corpus(host, corpus, read_labels(labels) if labels else None, "CORPUS")
    protected = is_any_marked([corpus], labels, host)
    if out is not None and protected:
        need_mark(out)
    if not found.splits.get(split):
        raise UsageError(
            f"corpus {found.name!r} has no split {split!r} to learn from",
            where="--split",
            hint=f"it has: {', '.join(name for name, some in found.splits.items() if some)}",
        )
    source = f"split {split!r} of corpus {found.name!r}"
    draft = write_draft(found.splits[split], found.labels, source=source, shown=examples)
    if out is None:
        say(draft, end=False)
    else:
        out.touch(PRIVATE if protected else 0o666)
        out.write_text(draft, encoding="utf-8")
