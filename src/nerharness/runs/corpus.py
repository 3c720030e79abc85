"""Finding the corpus that `--corpus` names, and the split to evaluate on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError, UsageError
from nerharness.plugin import CorpusReader
from nerharness.plugin.host import Host
from nerharness.runs.reading import find_name, find_reader
from nerharness.segmenters import Segmenter, resegment
from nerharness.types import Corpus, Example, LabelSet, Source


class Selection(NamedTuple):
    """A split's name and those of its examples that are evaluated."""

    split: str
    examples: tuple[Example, ...]


def load_corpus(host: Host, wanted: str, labels: LabelSet | None, flag: str = "--corpus") -> Corpus:
    """Read the whole of `NAME` of a built-in corpus, `PATH`, or `PATH:READER:OPTION=VALUE`… .

    Raises `CorpusError` or `UsageError` for a path that is not there, that no reader recognises, or
    that is malformed, and as of `open_gold`; `flag` is where `wanted` was written.
    """
    reader, path = open_gold(host, wanted, flag)
    return read_corpus(reader, path, labels)


def open_gold(host: Host, wanted: str, flag: str = "--corpus") -> tuple[CorpusReader, Path | None]:
    """Return what `open_reader` does of a corpus whose entities are taken for right.

    Raises `UsageError` for a run of which it is not said that these are the predicted ones.
    """
    name, options, path = find_name(host, "corpora", wanted, flag=flag, built_in="sample")
    if name == "run-folder" and "entities" not in options:
        raise UsageError(
            "a run has gold entities and predicted ones",
            where=f"{flag} {wanted}",
            hint="say which: RUN:run-folder:entities=gold, or entities=predicted",
        )
    reader: CorpusReader = host.make("corpora", name, options=options)
    return reader, path


def open_reader(
    host: Host, wanted: str, flag: str = "--corpus"
) -> tuple[CorpusReader, Path | None]:
    """Return the reader that `wanted` means, as in `load_corpus`, and the path it is to read."""
    reader: CorpusReader
    reader, path = find_reader(host, "corpora", wanted, flag=flag, built_in="sample")
    return reader, path


def resegmented(corpus: Corpus, segmenter: Segmenter) -> Corpus:
    """Return the corpus with the segmenter's tokens and sentences."""
    splits = {
        split: tuple(resegment(example, segmenter) for example in examples)
        for split, examples in corpus.splits.items()
    }
    return replace(corpus, splits=splits)


def choose_split(source: Source | Corpus, split: str | None) -> str:
    """Return the name of the split to evaluate: by default "test", or the only one there is.

    Raises `UsageError` for a split the corpus lacks.
    """
    name = split or ("test" if "test" in source.splits else next(iter(source.splits), "test"))
    if name not in source.splits or (split is None and name != "test" and len(source.splits) > 1):
        raise UsageError(
            f"corpus {source.name!r} has no split {name if split else 'test'!r}",
            where="--split",
            hint=f"it has: {', '.join(source.splits)}",
        )
    return name


def select(corpus: Corpus, split: str, limit: int | None) -> Selection:
    """Return the first `limit` examples of a split; raises `CorpusError` where there is none."""
    examples = corpus.splits[split][:limit]
    if not examples:
        raise CorpusError(f"split {split!r} of corpus {corpus.name!r} is empty", where="--split")
    return Selection(split, examples)


def digest(examples: Sequence[Example]) -> str:
    """Return a SHA-256 over ids, texts, segmentation and entities, in order."""
    total = hashlib.sha256()
    for example in examples:
        document = example.document
        value = [
            document.id,
            document.text,
            [[token.start, token.end] for token in document.tokens],
            [[sentence.start, sentence.end] for sentence in document.sentences],
            [[e.label, [[p.start, p.end] for p in e.fragments]] for e in example.entities],
        ]
        total.update(json.dumps(value).encode() + b"\n")
    return total.hexdigest()
