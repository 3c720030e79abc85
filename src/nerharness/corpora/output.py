"""Writing corpus files: whole or not at all, one file for each split."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nerharness.errors import CorpusError, UsageError
from nerharness.flatten import Policy, TokenFlattening, flatten_to_tokens
from nerharness.losses import Losses
from nerharness.types import Example, Source


@contextmanager
def taking_place(path: Path) -> Iterator[Path]:
    """Yield a name in a new folder beside `path`; what is made there takes its place at the end.

    After an error nothing is left. Raises `UsageError` where something is there already.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError("is there already", where=str(path), hint="choose another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
    try:
        yield folder / path.name
        if path.is_dir():
            path.rmdir()
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_files(
    source: Source,
    path: Path,
    suffix: str,
    write: Callable[[Path, Iterable[Example]], Losses],
) -> Losses:
    """Write one split as the file `path`, if that has a suffix; else a folder of SPLIT + suffix."""
    losses: Losses = Counter()
    with taking_place(path) as target:
        if len(source.splits) == 1 and path.suffix and not path.is_dir():
            (examples,) = source.splits.values()
            return write(target, examples)
        target.mkdir()
        for split, examples in source.splits.items():
            losses += write(target / f"{_file_name(split)}{suffix}", examples)
    return losses


def _file_name(split: str) -> str:
    if split in ("", ".", "..") or {"/", "\\", "\0"} & set(split):
        raise CorpusError(f"split {split!r} cannot be the name of a file")
    return split


def flat_spans(example: Example, policy: Policy) -> tuple[TokenFlattening, Losses]:
    """Return the entities that one tag per token can hold, sentence by sentence, and the losses."""
    document = example.document
    flat = flatten_to_tokens(example.entities, document.tokens, policy)
    losses: Losses = Counter(
        {
            "nested": flat.flat.nested,
            "crossing": flat.flat.crossing,
            "discontinuous": flat.flat.cut,
            "cut tokens": flat.widened,
            "outside tokens": flat.outside,
        }
    )
    return flat, +losses
