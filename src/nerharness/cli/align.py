"""`nerharness align`: the places of mentions that some other program extracted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from nerharness.align import Aligner
from nerharness.cli.main import FAILED_DOCUMENTS
from nerharness.cli.output import say_json
from nerharness.corpora.mark import is_marked, need_mark
from nerharness.errors import CorpusError, UsageError
from nerharness.mention_lines import EXPECTED, Line, Summary, align_lines
from nerharness.whole_files import PRIVATE

if TYPE_CHECKING:
    from rich.console import Console

_FILE = click.Path(path_type=Path, allow_dash=True)
_SHOWN = 20


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "align",
        params=[
            click.Argument(["file"], type=_FILE),
            click.Option(
                ["--out"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="write the lines to a file, whole or not at all  [default: stdout]",
            ),
            click.Option(
                ["--threshold"],
                type=float,
                metavar="X",
                default=0.8,
                show_default=True,
                help="least similarity for a fuzzy match",
            ),
            click.Option(
                ["--discontinuous"],
                is_flag=True,
                help='look for mentions in several fragments too, which are given in "fragments"',
            ),
            click.Option(
                ["--threads"],
                type=click.IntRange(min=1),
                metavar="N",
                default=1,
                show_default=True,
                help="threads to align with",
            ),
            click.Option(
                ["--json", "as_json"],
                is_flag=True,
                help="print the summary as JSON: on stdout with --out, else as the last line "
                "of stderr",
            ),
        ],
        callback=_align,
        help='Find the places of mentions in texts. FILE (- for stdin) holds lines of {"text": …, '
        '"mentions": [{"text": …, "label": …}, …]}; the same lines come out, in order, each '
        'mention with "start", "end", "tier" and "score". A line that cannot be used is reported, '
        'and comes out with an "error".',
        context_settings={"max_content_width": 100},
    )


def _align(
    file: Path,
    out: Path | None,
    threshold: float,
    discontinuous: bool,
    threads: int,
    as_json: bool,
) -> int:
    from nerharness.report.alignment import summary_table
    from nerharness.report.screen import Screen

    try:
        aligner = Aligner(threshold, discontinuous=discontinuous)
    except ValueError as error:
        raise UsageError(str(error).removeprefix("threshold "), where="--threshold") from None
    notes = Screen(stderr=True)
    source = Path("<stdin>") if str(file) == "-" else file
    with click.open_file(str(file), "rb") as lines, _output(out, file) as stream:
        batches = align_lines(lines, source, aligner, threads=threads)
        summary = _copy(batches, stream, notes, live=out is not None)
        if not summary.counts["documents"]:
            raise CorpusError.at(source, None, "no line in it", hint=f"{EXPECTED} on each")
    if as_json:
        say_json(summary.to_json(), err=out is None)
    else:
        notes.print(summary_table(summary))
    return FAILED_DOCUMENTS if summary.counts["failed"] else 0


def _copy(
    batches: Iterable[Sequence[Line]], stream: IO[bytes], notes: Console, *, live: bool
) -> Summary:
    """Write all lines; report those that failed, and, if `live`, how many are done."""
    summary = Summary()
    started = time.perf_counter()
    status = notes.status("aligning …")
    shown: AbstractContextManager[object] = status if live else nullcontext()
    with shown:
        for batch in batches:
            stream.write(b"".join(line.encode() for line in batch))
            stream.flush()
            for line in batch:
                summary.add(line)
                if line.error and summary.counts["failed"] <= _SHOWN:
                    _report(notes, line.error)
            status.update(f"aligning … {summary.counts['documents']:,} documents")
    if (more := summary.counts["failed"] - _SHOWN) > 0:
        _report(notes, f'{more} more lines failed; each comes out with its "error"')
    summary.seconds = time.perf_counter() - started
    return summary


def _report(notes: Console, message: str) -> None:
    notes.print(f"nerharness: {message}", soft_wrap=True)


def _output(out: Path | None, file: Path) -> AbstractContextManager[IO[bytes]]:
    """Return a stream to `out`, or to stdout; `UsageError` if `out` must not be written.

    What is written of protected texts is held to the rules of copies.
    """
    if out is None:
        return click.open_file("-", "wb")
    where = f"--out {out}"
    if out.exists() and not out.is_file():
        raise UsageError("not a file", where=where, hint="choose another, or leave it out")
    target = out.resolve()
    if file.exists() and target.exists() and target.samefile(file):
        raise UsageError("is the input", where=where, hint="choose another file")
    if protected := file.exists() and is_marked(file):
        need_mark(out)
    try:
        stream = _new_beside(target)
        if protected:
            Path(stream.name).chmod(PRIVATE)
        return _renamed(stream, target)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=where) from None


def _new_beside(target: Path) -> IO[bytes]:
    """Open a file that was not there before."""
    for number in count(1):
        with suppress(FileExistsError):
            return target.with_name(f"{target.name}.{number}.part").open("xb")
    raise AssertionError("numbers do not end")


@contextmanager
def _renamed(stream: IO[bytes], target: Path) -> Iterator[IO[bytes]]:
    """Write to a file that becomes `target` when all went well, and goes away otherwise."""
    part = Path(stream.name)
    try:
        with stream:
            yield stream
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
