"""Writers for annotation tools: `label-studio`, `prodigy`, `doccano`. Offsets are code points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from nerharness.align import to_tokens
from nerharness.corpora.output import write_files
from nerharness.losses import Losses, lost
from nerharness.segment import segment
from nerharness.types import Entity, Example, Source, Span

Record = dict[str, Any]


class LabelStudioWriter:
    """Writes a JSON list of tasks with annotations, for a `<Labels name="label" toName="text">`."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".json", partial(_write_list, _label_studio_task))


class ProdigyWriter:
    """Writes JSONL tasks for `spans_manual`: spans are whole tokens and may overlap."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".jsonl", partial(_write_lines, _prodigy_task))


class DoccanoWriter:
    """Writes JSONL for sequence labelling: `{"text", "label": [[start, end, label]], "doc_id"}`."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".jsonl", partial(_write_lines, _doccano_record))


def _write_list(
    make: Callable[[Example, Losses], Record], file: Path, examples: Iterable[Example]
) -> Losses:
    losses: Losses = Counter()
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("[")
        for number, example in enumerate(examples):
            stream.write("\n" if number == 0 else ",\n")
            stream.write(json.dumps(make(example, losses), ensure_ascii=False))
        stream.write("\n]\n")
    return +losses


def _write_lines(
    make: Callable[[Example, Losses], Record], file: Path, examples: Iterable[Example]
) -> Losses:
    losses: Losses = Counter()
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for example in examples:
            stream.write(json.dumps(make(example, losses), ensure_ascii=False) + "\n")
    return +losses


def _first_fragments(example: Example, losses: Losses) -> Iterator[tuple[Entity, Span]]:
    for entity in example.entities:
        losses["discontinuous"] += len(entity.fragments) > 1
        yield entity, entity.fragments[0]


def _label_studio_task(example: Example, losses: Losses) -> Record:
    document = example.document
    losses.update(lost(example, segment(document.id, document.text)))
    result = [
        {
            "id": f"e{number}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": span.start,
                "end": span.end,
                "text": document.text[span.start : span.end],
                "labels": [entity.label],
            },
        }
        for number, (entity, span) in enumerate(_first_fragments(example, losses))
    ]
    return {
        "data": {"text": document.text, "doc_id": document.id},
        "annotations": [{"result": result}],
    }


def _prodigy_task(example: Example, losses: Losses) -> Record:
    document = example.document
    if document.sentences != segment(document.id, document.text).sentences:
        losses["sentences"] += 1
    losses["notes"] += len(example.notes)
    tokens = [
        {
            "text": document.text[token.start : token.end],
            "start": token.start,
            "end": token.end,
            "id": number,
            "ws": document.text[token.end : token.end + 1] == " ",
        }
        for number, token in enumerate(document.tokens)
    ]
    return {
        "text": document.text,
        "tokens": tokens,
        "spans": list(_prodigy_spans(example, losses)),
        "meta": {"doc_id": document.id},
        "answer": "accept",
    }


def _prodigy_spans(example: Example, losses: Losses) -> Iterator[Record]:
    tokens = example.document.tokens
    first = list(_first_fragments(example, losses))
    bounds = [(token.start, token.end) for token in tokens]
    ranges = to_tokens(bounds, [(span.start, span.end) for _, span in first])
    for (entity, span), found in zip(first, ranges, strict=True):
        if found is None:
            losses["outside tokens"] += 1
            continue
        start, end = tokens[found[0]].start, tokens[found[1] - 1].end
        losses["cut tokens"] += (start, end) != (span.start, span.end)
        yield {
            "start": start,
            "end": end,
            "token_start": found[0],
            "token_end": found[1] - 1,
            "label": entity.label,
        }


def _doccano_record(example: Example, losses: Losses) -> Record:
    document = example.document
    losses.update(lost(example, segment(document.id, document.text)))
    spans = [[s.start, s.end, e.label] for e, s in _first_fragments(example, losses)]
    return {"text": document.text, "label": spans, "doc_id": document.id}
