"""Transcripts and gold sentences to try things with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nerharness.transcripts import Align, Gold, TaggedTranscript, read_transcript, tag_sentences
from nerharness.types import Document, Label, LabelSet, Span

LABELS = LabelSet(tuple(Label(name) for name in ("DISEASE", "RAREDISEASE", "SIGN")))


def written(folder: Path, text: str | bytes, name: str = "answers.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def tagged(
    folder: Path, text: str, sentences: Sequence[str], align: Align = "position"
) -> TaggedTranscript:
    """Tag sentences given as words parted by spaces."""
    path = written(folder, text)
    gold = Gold(tuple(tuple(sentence.split()) for sentence in sentences))
    return tag_sentences(read_transcript(path), gold, align, labels=LABELS, where=path)


def document(id: str, *sentences: str, gap: str = "  ") -> Document:
    """Make a document of words parted by spaces."""
    tokens, bounds, offset = [], [], 0
    for sentence in sentences:
        start = offset
        for word in sentence.split(" "):
            tokens.append(Span(offset, offset + len(word)))
            offset += len(word) + 1
        bounds.append(Span(start, offset - 1))
        offset += len(gap) - 1
    return Document(id, gap.join(sentences), tuple(tokens), tuple(bounds))
