"""The concepts of an ontology, as passages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nerharness.errors import CorpusError
from nerharness.types import Knowledge, Passage

_IRI = re.compile(r"^https?://.*[/#]([A-Za-z][A-Za-z0-9.]*)_([A-Za-z0-9]+)$")


@dataclass(slots=True)
class Term:
    """A concept as a file has it; `parents` are ids."""

    id: str
    name: str = ""
    definition: str = ""
    synonyms: list[str] | tuple[str, ...] = ()
    parents: list[str] | tuple[str, ...] = ()
    obsolete: bool = False


def gather(terms: Iterable[Term], path: Path) -> Knowledge:
    """Return a passage per concept; those that are obsolete or have no name are counted only.

    The same id again adds to what was said of it. Raises `CorpusError` when nothing is left.
    """
    by_id: dict[str, Term] = {}
    for term in terms:
        _add(by_id, term)
    skipped: Counter[str] = Counter()
    passages: list[Passage] = []
    for term in by_id.values():
        if term.obsolete or not term.name:
            skipped["obsolete" if term.obsolete else "without a name"] += 1
            continue
        names = (by_id[parent].name for parent in term.parents if parent in by_id)
        passages.append(_passage(term, tuple(dict.fromkeys(filter(None, names)))))
    if not passages:
        left_out = ", ".join(f"{count} {kind}" for kind, count in skipped.items()) or "none at all"
        raise CorpusError.at(path, None, f"no concept to be used: {left_out}")
    return Knowledge(tuple(passages), dict(skipped))


def _add(by_id: dict[str, Term], term: Term) -> None:
    known = by_id.setdefault(term.id, term)
    if known is not term:
        known.name = known.name or term.name
        known.definition = known.definition or term.definition
        also = [term.name] if term.name not in ("", known.name) else []
        known.synonyms = [*known.synonyms, *also, *term.synonyms]
        known.parents = [*known.parents, *term.parents]
        known.obsolete = known.obsolete or term.obsolete


def _passage(term: Term, parents: tuple[str, ...]) -> Passage:
    title = tidy(term.name)
    kept: dict[str, str] = {}
    for synonym in term.synonyms:
        if (name := tidy(synonym)) and name.casefold() != title.casefold():
            kept.setdefault(name.casefold(), name)
    return Passage(title, tidy(term.definition), tuple(kept.values()), curie(term.id), parents)


def curie(id: str) -> str:
    """Return `DOID:4` for `http://purl.obolibrary.org/obo/DOID_4`, any other id as it is."""
    found = _IRI.match(id)
    return f"{found[1]}:{found[2]}" if found else id


def tidy(text: str) -> str:
    """Return the text with single spaces."""
    return " ".join(text.split())
