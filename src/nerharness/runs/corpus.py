"""Finding the corpus that `--corpus` names, and the split to evaluate on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nerharness.corpora.labels import read_corpus
from nerharness.errors import CorpusError, UsageError
from nerharness.plugin import CorpusReader
from nerharness.plugin.host import Host
from nerharness.plugin.provider import OptionValue
from nerharness.types import Corpus, Example, LabelSet


class Selection(NamedTuple):
    """A split's name and those of its examples that are evaluated."""

    split: str
    examples: tuple[Example, ...]


def load_corpus(host: Host, wanted: str, labels: LabelSet | None) -> Corpus:
    """Read `NAME` of a built-in corpus, `PATH`, or `PATH:READER` with maybe `:OPTION=VALUE` … .

    Raises `CorpusError` or `UsageError` for a path that is not there, that no reader recognises, or
    that is malformed.
    """
    reader, path = find_reader(host, wanted)
    return read_corpus(reader, path, labels)


def find_reader(
    host: Host, wanted: str, flag: str = "--corpus"
) -> tuple[CorpusReader, Path | None]:
    """Return the reader that `wanted` means, as in `load_corpus`, and the path it is to read."""
    name, options, path = _find(host, wanted, flag)
    reader: CorpusReader = host.make("corpora", name, options=options)
    return reader, path


def reader_name(host: Host, wanted: str, flag: str = "--corpus") -> str:
    """Return the name of the reader that `wanted` means, as in `load_corpus`."""
    return _find(host, wanted, flag)[0]


def _find(host: Host, wanted: str, flag: str) -> tuple[str, dict[str, OptionValue], Path | None]:
    readers = host.offers("corpora")
    if wanted in readers:
        return wanted, {}, None
    place, name, options = _split_name(wanted)
    if name:
        host.find("corpora", name)
        return name, options, _existing(place, flag)
    path = _existing(wanted, flag)
    for name, offer in readers.items():
        if not offer.provider.missing and host.make("corpora", name).detect(path):
            return name, {}, path
    lacking = [name for name, offer in readers.items() if offer.provider.missing]
    advice = f"; not installed here: {', '.join(lacking)}" if lacking else ""
    raise CorpusError.at(
        path,
        None,
        "no reader recognises this corpus",
        hint=f"name one, as in PATH:READER; known: {', '.join(readers)}{advice}",
    )


def _split_name(wanted: str) -> tuple[str, str, dict[str, OptionValue]]:
    """Split `PATH:READER:OPTION=VALUE…`; no reader for the name of something that is there."""
    if _there(wanted):
        return wanted, "", {}
    place, name, options = named_options(wanted)
    return (place, name, options) if place and not {"/", "\\"} & set(name) else (wanted, "", {})


def named_options(text: str) -> tuple[str, str, dict[str, OptionValue]]:
    """Split `REST:NAME:OPTION=VALUE…` from its end; the rest is empty where there is no colon."""
    parts = text.split(":")
    options: dict[str, OptionValue] = {}
    tail: list[str] = []
    while len(parts) > 1:
        part = parts.pop()
        option, equals, value = part.partition("=")
        if equals and option.isidentifier():
            options[option] = ":".join([value, *tail])
            tail = []
        elif "=" in ":".join(parts[1:]):  # the value of an option that stands before it
            tail.insert(0, part)
        else:
            return ":".join(parts), part, options
    return "", parts[0], options


def _existing(place: str, flag: str) -> Path:
    if not _there(place):
        hint = "give a file, a folder, or 'sample'"
        raise CorpusError("no such file or folder", where=f"{flag} {place}", hint=hint)
    return Path(place).expanduser()


def _there(place: str) -> bool:
    try:
        path = Path(place).expanduser()
        return path.is_file() or path.is_dir()
    except (OSError, RuntimeError):  # a name that is too long; a home folder that is not there
        return False


def choose_split(corpus: Corpus, split: str | None, limit: int | None) -> Selection:
    """Return the first `limit` examples of the split; by default "test", or the only one there is.

    Raises `UsageError` for a split the corpus lacks, and `CorpusError` for an empty one.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"must be at least 1, got {limit}", where="--limit")
    name = split or ("test" if "test" in corpus.splits else next(iter(corpus.splits)))
    if name not in corpus.splits or (split is None and name != "test" and len(corpus.splits) > 1):
        raise UsageError(
            f"corpus {corpus.name!r} has no split {name if split else 'test'!r}",
            where="--split",
            hint=f"it has: {', '.join(corpus.splits)}",
        )
    examples = corpus.splits[name][:limit]
    if not examples:
        raise CorpusError(f"split {name!r} of corpus {corpus.name!r} is empty", where="--split")
    return Selection(name, examples)


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
