"""Gold and predictions given in Python: entities or tags of documents, or paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set, Sized
from contextlib import contextmanager
from functools import partial
from operator import index
from pathlib import Path
from reprlib import repr as shortened
from sys import maxsize
from typing import TypeAlias

from nerharness.errors import NerharnessError
from nerharness.plugin.host import load_host
from nerharness.runs.predictions import read_gold, read_predictions
from nerharness.scoring.comparison import Run
from nerharness.scoring.pair import Pair, TagRows
from nerharness.segment import segment
from nerharness.tags import Scheme, decode
from nerharness.types import Document, Entity, Span

AnyEntity: TypeAlias = Entity | tuple[str, int, int]
"""An entity, or its label, start and end."""
Annotation: TypeAlias = Sequence[Sequence[AnyEntity]] | Sequence[Sequence[str]]
"""The entities of each document, or the tags of each sentence."""
Given: TypeAlias = Annotation | str | Path
_Row: TypeAlias = Sequence[AnyEntity | str]


def given_run(
    name: str,
    gold: Given,
    predicted: Given,
    *,
    texts: Sequence[str] | None = None,
    labels: Sequence[str] = (),
    split: str | None = None,
    scheme: Scheme | None = None,
    common: bool = False,
) -> Run:
    """Return gold and predictions as one run, whatever they are given as.

    Both are paths, or both entities of documents, or both tags of sentences. `ValueError` for a
    mixture, for what is no list of lists, for different numbers of documents, sentences or tags,
    and for an argument that says nothing about what is given.
    """
    if isinstance(gold, (str, Path)) and isinstance(predicted, (str, Path)):
        check_unused("paths", texts=texts, labels=labels, scheme=scheme)
        host = load_host()
        read = read_gold(host, str(gold), split)
        return read_predictions(host, read, str(predicted), common=common).run(name)
    if isinstance(gold, (str, Path)) or isinstance(predicted, (str, Path)):
        raise ValueError("gold and predictions must both be paths, or both be annotation")
    check_unused("annotation", split=split, common=common or None)
    for side, called in ((gold, "gold"), (predicted, "predictions")):
        _check_rows(side, called)
    _check_list(() if texts is None else texts, "texts")
    _check_list(labels, "labels")
    if len(gold) != len(predicted):
        raise ValueError(f"gold has {len(gold)} documents, the predictions {len(predicted)}")
    if texts is not None and len(texts) != len(gold):
        raise ValueError(f"gold has {len(gold)} documents, there are {len(texts)} texts")
    tags = _are_tags((gold, predicted))
    if not tags and any(map(len, (*gold, *predicted))):
        check_unused("entities", scheme=scheme)
    make = partial(_tagged, scheme or "IOB2") if tags else _marked
    documents = {
        str(place): make(one, other, texts[place] if texts is not None else None, str(place))
        for place, (one, other) in enumerate(zip(gold, predicted, strict=True))
    }
    gold_labels = {entity.label for pair in documents.values() for entity in pair.gold}
    return Run(name, documents, tuple(labels) or tuple(sorted(gold_labels)))


_ARGUMENTS = {"--common": "common=True", "--split": "split"}
"""What stands in Python for a flag of the commands."""


@contextmanager
def naming_arguments() -> Iterator[None]:
    """Have errors that name a flag of the commands name the argument of Python instead."""
    try:
        yield
    except NerharnessError as error:
        for flag, argument in _ARGUMENTS.items():
            error.hint = re.sub(rf"(?<!\S){flag}\b", argument, error.hint)
            error.where = argument if error.where == flag else error.where
        raise


def check_unused(what: str, **arguments: object) -> None:
    """Raise `ValueError` if an argument is given, neither `None` nor empty, that is not for it."""
    for name, value in arguments.items():
        if value is not None and not (isinstance(value, Sized) and not len(value)):
            raise ValueError(f"{name} cannot be given with {what}")


def _check_rows(side: Annotation, called: str) -> None:
    _check_list(side, called)
    for place, row in enumerate(side):
        _check_list(row, f"document or sentence {place} of {called}")


def _check_list(given: object, called: str) -> None:
    """Raise `ValueError` unless it has a length and an order; a string would be its letters."""
    apart = isinstance(given, (str, bytes, Mapping, Set))
    if apart or not isinstance(given, Collection):
        raise ValueError(f"{called}: a list is needed, not {shortened(given)}")


def _are_tags(sides: Iterable[Annotation]) -> bool:
    return any(isinstance(one, str) for side in sides for row in side for one in row)


def _marked(gold: _Row, predicted: _Row, text: str | None, id: str) -> Pair:
    document = None if text is None else segment(id, text)
    pair = Pair(tuple(map(_entity, gold)), tuple(map(_entity, predicted)), document)
    if text is not None:
        for entity in (*pair.gold, *pair.predicted):
            if entity.span.end > len(text):
                raise ValueError(f"document {id}: {entity} lies outside the {len(text)} characters")
    return pair


def _entity(given: AnyEntity | str) -> Entity:
    if isinstance(given, str):
        raise ValueError(f"{given!r} is a tag, and not an entity as others are")
    entity = given if isinstance(given, Entity) else _unpacked(given)
    if entity.span.end > maxsize:
        raise ValueError(f"{shortened(given)} lies outside any text")
    return entity


def _unpacked(given: tuple[str, int, int]) -> Entity:
    try:
        label, start, end = given
        start, end = index(start), index(end)
    except (TypeError, ValueError):
        raise _no_entity(given) from None
    if not isinstance(label, str):
        raise _no_entity(given)
    return Entity.at(label, start, end)


def _no_entity(given: object) -> ValueError:
    return ValueError(f"{shortened(given)} is no entity: give a label, start and end, or an Entity")


def _tag(given: AnyEntity | str) -> str:
    if not isinstance(given, str):
        what = "give a list of tags for each sentence, or of entities for each document"
        raise ValueError(f"{shortened(given)} is no tag, but stands beside tags: {what}")
    return given


def _tagged(scheme: Scheme, gold: _Row, predicted: _Row, text: str | None, id: str) -> Pair:
    """Return the pair of a sentence whose tokens are its places: `0 1 2 …`."""
    if text is not None:
        raise ValueError("texts cannot be given with tags")
    if len(gold) != len(predicted):
        raise ValueError(f"sentence {id}: {len(gold)} gold tags, {len(predicted)} predicted ones")
    tokens = tuple(Span(2 * place, 2 * place + 1) for place in range(len(gold)))
    document = Document(id, "x " * len(gold), tokens, (Span(0, 2 * len(gold)),) if tokens else ())
    golden, given = list(map(_tag, gold)), list(map(_tag, predicted))
    rows = TagRows([golden], [given], scheme) if golden else TagRows([], [], scheme)
    sides = [tuple(_decoded(tags, scheme)) for tags in (golden, given)]
    return Pair(sides[0], sides[1], document, tags=rows, words=False)


def _decoded(tags: Sequence[str], scheme: Scheme) -> Iterable[Entity]:
    for label, start, end in decode(tags, scheme):
        yield Entity.at(label, 2 * start, 2 * end - 1)
