"""Checking a writer of corpora."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from nerharness.errors import UsageError
from nerharness.findings import Findings
from nerharness.losses import Loss, Losses
from nerharness.plugin import CorpusReader, CorpusWriter
from nerharness.segment import segment
from nerharness.testing.reader import read_all
from nerharness.testing.rules import require, shown, verify
from nerharness.testing.samples import EXAMPLES, ODD_TEXTS
from nerharness.types import Entity, Example, Note, Source, Span

_HARD = (
    Example(
        segment("hard", "breast and ovarian cancer"),
        (Entity("disease", (Span(0, 6), Span(19, 25))), Entity.at("disease", 11, 25)),
        (Note("remark", "two of them", 1),),
    ),
)


@dataclass(frozen=True)
class _Subject:
    writer: CorpusWriter
    reader: CorpusReader | None
    suffix: str

    @contextmanager
    def target(self) -> Iterator[Path]:
        with TemporaryDirectory() as folder:
            yield Path(folder) / f"train{self.suffix}"

    def write(self, examples: tuple[Example, ...], path: Path) -> Losses:
        losses = self.writer.write(Source("tried", None, {"train": examples}), path)
        require(isinstance(losses, dict), f"return Losses, a Counter, not {shown(losses)}")
        unknown = set(losses) - set(get_args(Loss))
        require(not unknown, f"losses are named as in nerharness.losses.Loss, not {unknown}")
        return losses


def check_writer(
    writer: CorpusWriter, *, reader: CorpusReader | None = None, suffix: str = ""
) -> None:
    """Raise `AssertionError` unless the writer keeps the contract of `CorpusWriter`.

    It writes a target whose name ends in `suffix`. With the `reader` of the same format, what is
    written is read back: equal, where no loss is reported.
    """
    verify(writer, "CorpusWriter", _RULES, _Subject(writer, reader, suffix))


def _writes(subject: _Subject) -> None:
    """The target is there when it is written, and nothing else is left beside it."""
    for examples in (EXAMPLES, _HARD):
        with subject.target() as path:
            subject.write(examples, path)
            beside = [one.name for one in path.parent.iterdir()]
            require(beside == [path.name], f"only {path.name} should be there: {beside}")


def _overwrites_nothing(subject: _Subject) -> None:
    """A target that is there already is a `UsageError`, and stays as it is."""
    with subject.target() as path:
        path.write_bytes(b"precious")
        try:
            subject.write(EXAMPLES, path)
        except UsageError:
            pass
        else:
            raise AssertionError("raise UsageError, and let the user choose another name")
        require(path.read_bytes() == b"precious", "it was changed")


def _writes_whole_or_not_at_all(subject: _Subject) -> None:
    """After an error in the middle there is neither the target nor anything beside it."""

    class Torn:
        def __iter__(self) -> Iterator[Example]:
            yield from EXAMPLES[:3]
            raise RuntimeError("the source broke off")

    with subject.target() as path:
        try:
            subject.writer.write(Source("torn", None, {"train": Torn()}), path)
        except RuntimeError:
            left = [one.name for one in path.parent.iterdir()]
            require(not left, f"write beside the target and rename at the end; left was {left}")
            return
        raise AssertionError("the source's error must come through")


def _counts_its_losses(subject: _Subject) -> None:
    """What comes back differs only where a loss was reported."""
    if subject.reader is None:
        return
    odd = tuple(_named(number, text) for number, text in enumerate(ODD_TEXTS[:3]))
    for examples in (EXAMPLES, _HARD, *((one,) for one in odd)):
        with subject.target() as path:
            losses = subject.write(examples, path)
            found = read_all(subject.reader.open(path, None, Findings()))
            back = tuple(example for split in found.values() for example in split)
            require(
                +losses or back == examples,
                f"no loss was reported, but {shown(examples)} came back as {shown(back)}",
            )


def _named(number: int, text: str) -> Example:
    """Return an example with the text and one plain entity."""
    document = segment(f"odd-{number}", text)
    first = document.tokens[0]
    return Example(document, (Entity.at("sign", first.start, first.end),))


_RULES = (_writes, _overwrites_nothing, _writes_whole_or_not_at_all, _counts_its_losses)
