"""The `jsonl` reader: one object per line.

`{"id", "text", "entities": [{"label", "start", "end"} or {"label", "fragments": [[s, e]]}]}` with
offsets in code points; `"text"` of an entity, when there, is checked. `"tokens"` and
`"sentences"`, lists of `[start, end]`, replace the default segmentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nerharness.corpora.files import candidates, need_path, numbered_lines, split_files
from nerharness.corpora.labels import assemble, check_label, declared_labels
from nerharness.errors import CorpusError
from nerharness.fields import typed
from nerharness.segment import split_sentences, tokenize
from nerharness.types import Corpus, Document, Entity, Example, LabelSet, Span

_SUFFIXES = (".jsonl", ".ndjson")


class JsonlReader:
    """Reads a file, or a folder with train, dev and test files."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or by a first line that is a JSON object."""
        suffixes = _SUFFIXES if path.is_dir() else ("",)
        return any(
            file.suffix in _SUFFIXES or _starts_json(file) for file in candidates(path, suffixes)
        )

    def read(self, path: Path | None, labels: LabelSet | None, /) -> Corpus:
        """Read every split."""
        path = need_path(path, "jsonl")
        declared = declared_labels(path, labels)
        splits = {
            split: tuple(_examples(file, declared))
            for split, file in split_files(path, _SUFFIXES).items()
        }
        return assemble(path, splits, declared)


def _starts_json(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _examples(file: Path, declared: LabelSet | None) -> Iterator[Example]:
    seen: set[str] = set()
    for number, line in numbered_lines(file):
        if not line.strip():
            continue
        try:
            example = _example(json.loads(line), f"{file.stem}-{number}")
        except json.JSONDecodeError as error:
            raise CorpusError.at(file, number, f"not JSON: {error}") from None
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise CorpusError.at(
                file, number, _explain(error), hint="see docs/corpora.md"
            ) from None
        if example.document.id in seen:
            raise CorpusError.at(file, number, f"id {example.document.id!r} stands twice")
        seen.add(example.document.id)
        for entity in example.entities:
            check_label(entity.label, declared, file, number)
        yield example


def _explain(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)


def _example(record: dict[str, Any], default_id: str) -> Example:
    if not isinstance(record, dict):
        raise ValueError("not an object")
    text = typed(record, "text", str)
    tokens = _spans(typed(record, "tokens", list)) if "tokens" in record else tokenize(text)
    given = "sentences" in record
    sentences = _spans(typed(record, "sentences", list)) if given else split_sentences(text)
    if given and (lost := _uncovered(text, sentences)):
        raise ValueError(f"the sentences leave out {lost[:40]!r}")
    document = Document(_id(record.get("id", default_id)), text, tokens, sentences)
    entries = typed(record, "entities", list) if "entities" in record else []
    return Example(document, tuple(_entity(entry, text) for entry in entries))


def _uncovered(text: str, sentences: tuple[Span, ...]) -> str:
    """Return the visible text outside of all sentences."""
    ends = [0, *(sentence.end for sentence in sentences)]
    starts = [*(sentence.start for sentence in sentences), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True)).strip()


def _id(value: object) -> str:
    if type(value) not in (str, int):
        raise ValueError(f"field 'id' must be a string or a whole number, got {value!r}")
    return str(value)


def _spans(pairs: list[Any]) -> tuple[Span, ...]:
    for pair in pairs:
        if type(pair) is not list or [type(bound) for bound in pair] != [int, int]:
            raise ValueError(f"a span must be [start, end] in whole numbers, got {pair!r}")
    return tuple(Span(start, end) for start, end in pairs)


def _entity(entry: dict[str, Any], text: str) -> Entity:
    if not isinstance(entry, dict):
        raise ValueError(f"an entity must be an object, got {entry!r}")
    flat = "fragments" not in entry
    pairs = [[entry["start"], entry["end"]]] if flat else typed(entry, "fragments", list)
    entity = Entity(typed(entry, "label", str), _spans(pairs))
    if entity.span.end > len(text):
        raise ValueError(
            f"offsets {entity.span.start} {entity.span.end} lie outside the text of "
            f"{len(text)} characters"
        )
    if "text" in entry and entity.surface(text) != entry["text"]:
        raise ValueError(
            f"the text at {entity.span.start} {entity.span.end} is {entity.surface(text)!r}, "
            f"but the entity says {entry['text']!r}"
        )
    return entity
