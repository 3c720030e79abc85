"""Documents of corpora that come as tokens: their text is the tokens, joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import NamedTuple

from nerharness.corpora.output import flat_spans
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.flatten import Policy
from nerharness.losses import Losses, lost
from nerharness.tags import Scheme, decode, encode
from nerharness.types import Document, Entity, Example, Span


def join(id: str, sentences: Sequence[Sequence[str]], gap: str) -> Document:
    """Return the document of the tokens: joined by spaces, and sentences by `gap` (one character).

    A sentence has at least one token.
    """
    tokens: list[Span] = []
    bounds: list[Span] = []
    offset = 0
    for sentence in sentences:
        start = offset
        for token in sentence:
            tokens.append(Span(offset, offset + len(token)))
            offset += len(token) + 1
        bounds.append(Span(start, offset - 1))
    text = gap.join(" ".join(sentence) for sentence in sentences)
    return Document(id, text, tuple(tokens), tuple(bounds))


def tagged(
    tags: Sequence[str],
    tokens: Sequence[Span],
    places: Sequence[Place],
    findings: Findings,
    scheme: Scheme | None,
) -> Iterator[Entity]:
    """Yield the entities of one sentence's tags, which are decoded leniently.

    Tags that are not what `scheme` writes for these entities are a fault each, unless it is `None`.
    """
    bilou = any(tag[0] in "LU" for tag in tags)
    spans = decode(tags, "BILOU" if bilou else "IOB2")
    if scheme:
        regular = encode(spans, len(tags), scheme)
        for index, (tag, right) in enumerate(zip(tags, regular, strict=True)):
            if tag != right:
                before = f" after {tags[index - 1]!r}" if index else " at the start of a sentence"
                what = f"{tag!r}{before} is not {scheme}"
                findings.fault("tag", places[index], what, f"{right!r} is", f"tagged {right!r}")
    for label, start, end in spans:
        yield Entity.at(label, tokens[start].start, tokens[end - 1].end)


def kept_tags(sentences: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the tags of a document as an example holds them; equal ones are one object."""
    return tuple(tuple(map(intern, tags)) for tags in sentences)


class Row(NamedTuple):
    """A token as it is written, and its tag."""

    token: str
    tag: str


def rows_of(
    example: Example, policy: Policy, scheme: Scheme, gap: str, id: str | None = None
) -> tuple[list[list[Row]], Losses]:
    """Return the rows of each sentence to write, and all that they cannot hold.

    `gap` is what a reader puts between sentences, `id` what it takes as the document's id.
    """
    document = example.document
    flat, losses = flat_spans(example, policy)
    ranges = document.sentence_tokens()
    words = [_writable(document.text[token.start : token.end]) for token in document.tokens]
    held = join(document.id if id is None else id, [words[a:b] for a, b in ranges], gap)
    sentences: list[list[Row]] = []
    spans = flat.spans
    for first, end in ranges:
        inside = [(label, a, b) for label, a, b in spans if first <= a < end]
        losses["sentence ends"] += sum(b > end for _, _, b in inside)
        cut = [(_label(label), a - first, min(b, end) - first) for label, a, b in inside]
        tags = encode(cut, end - first, scheme)
        sentences.append([Row(*row) for row in zip(words[first:end], tags, strict=True)])
    return sentences, +(losses + lost(example, held))


def _writable(token: str) -> str:
    """Return the token as one cell of a row: no line end or tab, no spaces at its edges."""
    if token.strip() and token.strip(" ") == token and not {"\t", "\n", "\r"} & set(token):
        return token
    return " ".join(token.split()) or "_"


def _label(label: str) -> str:
    if " ".join(label.split()) != label:
        raise CorpusError(f"label {label!r} cannot be part of a tag", hint="rename it first")
    return label
