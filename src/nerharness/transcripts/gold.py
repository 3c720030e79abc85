"""What a transcript is about: the sentences of documents, as words; and the way back to entities.

A token belongs to the sentence in which it starts. A sentence without a token has no block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nerharness.tags import decode
from nerharness.types import Document, Entity

_STOPS = {".", "?", "!"}


@dataclass(frozen=True, slots=True)
class Gold:
    """The words of each sentence, and the sentences that may share a block with the one before.

    The tokens of the RareDis release are numbered so that a document that does not end with `.`,
    `?` or `!` runs on: its last sentence and the next document's first have one number, went to
    the models as one, and are scored as one. `run_on` has the places of such first sentences.
    """

    sentences: tuple[tuple[str, ...], ...]
    run_on: frozenset[int] = frozenset()


def gold_sentences(documents: Iterable[Document]) -> Gold:
    """Return the sentences of all documents, in order."""
    sentences: list[tuple[str, ...]] = []
    run_on: set[int] = set()
    for document in documents:
        words = [document.text[token.start : token.end] for token in document.tokens]
        if words and sentences and sentences[-1][-1] not in _STOPS:
            run_on.add(len(sentences))
        sentences += [tuple(words[first:end]) for first, end in document.sentence_tokens()]
    return Gold(tuple(sentences), frozenset(run_on))


def by_document(
    tags: Sequence[Sequence[str]], documents: Iterable[Document]
) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the tags of each document's sentences; `tags` has those of all of them, in order.

    A different number of sentences is a `ValueError`.
    """
    done = 0
    for document in documents:
        count = len(document.sentence_tokens())
        yield tags[done : done + count]
        done += count
    if done != len(tags):
        raise ValueError(f"tags of {len(tags)} sentences for documents of {done}")


def entities_of(tags: Sequence[Sequence[str]], document: Document) -> tuple[Entity, ...]:
    """Return the entities of a document's tags, read leniently, each sentence by itself.

    Tags as `TaggedTranscript` has them, one list for each sentence; a different number of sentences
    or tags is a `ValueError`.
    """
    entities: list[Entity] = []
    tokens = document.tokens
    for (first, end), own in zip(document.sentence_tokens(), tags, strict=True):
        if len(own) != end - first:
            raise ValueError(f"{len(own)} tags for a sentence of {end - first} tokens")
        for label, start, stop in decode(own):
            entities.append(
                Entity.at(label, tokens[first + start].start, tokens[first + stop - 1].end)
            )
    return tuple(entities)
