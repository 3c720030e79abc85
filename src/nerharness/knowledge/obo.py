"""Reader `obo`: ontologies in the OBO flat file format 1.2 and 1.4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nerharness.errors import CorpusError
from nerharness.knowledge.files import has_suffix, head, need_path, numbered_lines
from nerharness.knowledge.terms import Term, gather
from nerharness.types import Knowledge

_STANZA = re.compile(r"\[(\w+)\]\s*(?:!.*)?$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_COMMENT = re.compile(r"\s+!.*$")
_MODIFIERS = re.compile(r"\s*\{[^{}]*\}$")


class OboReader:
    """The `[Term]` stanzas: id, name, def, synonym, is_a, is_obsolete; the rest is passed over."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or by the first line."""
        return has_suffix(path, ".obo") or (
            path.is_file() and head(path).lstrip(b"\xef\xbb\xbf").startswith(b"format-version:")
        )

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the file; `CorpusError` with file and line for what is no OBO."""
        path = need_path(path, "obo")
        return gather(_terms(path), path)


def _terms(path: Path) -> Iterator[Term]:
    term: Term | None = None
    opened = 0
    for number, line in numbered_lines(path):
        line = line.strip()
        if not line or line.startswith("!"):
            continue
        if line.startswith("["):
            if term is not None:
                yield _whole(term, path, opened)
            term, opened = _open(line, path, number), number
            continue
        tag, colon, value = line.partition(":")
        if not colon:
            raise CorpusError.at(path, number, f"{line[:40]!r} is no OBO line", hint="TAG: VALUE")
        if term is not None:
            _fill(term, tag, value.strip(), path, number)
    if term is not None:
        yield _whole(term, path, opened)


def _open(line: str, path: Path, number: int) -> Term | None:
    stanza = _STANZA.match(line)
    if stanza is None:
        raise CorpusError.at(path, number, f"{line[:40]!r} opens no stanza", hint="[Term]")
    return Term("") if stanza[1] == "Term" else None


def _whole(term: Term, path: Path, number: int) -> Term:
    if not term.id:
        raise CorpusError.at(path, number, "the term that begins here has no id")
    return term


def _fill(term: Term, tag: str, value: str, path: Path, number: int) -> None:
    match tag:
        case "id":
            term.id = _bare(value)
        case "name":
            term.name = _unescaped(_bare(value))
        case "def":
            term.definition = _quoted(value, path, number)
        case "synonym" | "exact_synonym" | "related_synonym" | "narrow_synonym" | "broad_synonym":
            term.synonyms = [*term.synonyms, _quoted(value, path, number)]
        case "is_a":
            term.parents = [*term.parents, _bare(value)]
        case "is_obsolete":
            term.obsolete = _bare(value) == "true"


def _bare(value: str) -> str:
    return _MODIFIERS.sub("", _COMMENT.sub("", value)).strip()


def _quoted(value: str, path: Path, number: int) -> str:
    found = _QUOTED.match(value)
    if found is None:
        raise CorpusError.at(path, number, "no text in double quotes", hint='TAG: "TEXT" …')
    return _unescaped(found[1])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: {"n": " ", "t": " ", "W": " "}.get(found[1], found[1]), text)
