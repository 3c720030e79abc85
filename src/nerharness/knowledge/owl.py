"""Reader `owl`: ontologies in RDF/XML, with pronto."""

from __future__ import annotations

import io
import warnings
import xml.parsers.expat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pronto

from nerharness.errors import CorpusError
from nerharness.knowledge.files import has_suffix, need_path, read_bytes
from nerharness.knowledge.terms import Term, gather
from nerharness.types import Knowledge

_LONGEST_ENTITY = 1000


class OwlReader:
    """Classes with label, definition, synonyms, superclasses and deprecation; imports stay out."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix."""
        return has_suffix(path, ".owl", ".rdf")

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the file; `CorpusError` for one that pronto cannot read, or that could be a bomb."""
        path = need_path(path, "owl")
        data = read_bytes(path)
        _check_entities(data, path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what pronto passes over
            try:
                ontology = pronto.Ontology(io.BytesIO(data), import_depth=0, threads=1)
                terms = list(_terms(ontology))
            except Exception as error:  # a parser's
                reason = f"{type(error).__name__}: {error}"
                raise CorpusError.at(
                    path, None, f"no OWL in RDF/XML: {reason}", hint="convert with robot to OBO"
                ) from error
        return gather(terms, path)


def _terms(ontology: Any) -> Iterator[Term]:
    for term in ontology.terms():
        yield Term(
            term.id,
            term.name or "",
            str(term.definition or ""),
            sorted(synonym.description for synonym in term.synonyms),
            [parent.id for parent in term.superclasses(distance=1, with_self=False)],
            term.obsolete,
        )


def _check_entities(data: bytes, path: Path) -> None:
    """Refuse entities that name others or another file; the usual short ones for IRIs are fine."""
    parser = xml.parsers.expat.ParserCreate()

    def declared(name: str, parameter: bool, value: str | None, *_: str | None) -> None:
        if parameter or value is None or "&" in value or len(value) > _LONGEST_ENTITY:
            raise CorpusError.at(
                path,
                parser.CurrentLineNumber,
                f"entity {name!r} is refused: it may grow without bounds or read another file",
                hint="write out the entities",
            )

    def started(*_: object) -> None:
        raise _DoneError

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = started
    try:
        parser.Parse(data, True)
    except _DoneError:
        return
    except xml.parsers.expat.ExpatError as error:
        raise CorpusError.at(path, error.lineno, f"no XML: {error}") from None


class _DoneError(Exception):
    """The first element begins: no entity can be declared any more."""
