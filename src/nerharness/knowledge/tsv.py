"""Reader `tsv`: names under a header line, quotation marks being letters like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nerharness.errors import CorpusError
from nerharness.knowledge.files import has_suffix, need_path, numbered_lines
from nerharness.knowledge.terms import Term, gather
from nerharness.types import Knowledge

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "curie", "subject_id"),
    "name": ("name", "label", "term", "subject_label"),
    "synonyms": ("synonyms", "synonym", "object_label"),
    "definition": ("definition", "def", "description"),
    "parents": ("parents", "parent", "is_a"),
}
"""Names of columns, without case; the last ones of id, name and synonyms are those of SSSOM."""


class TsvReader:
    """A header, then a row per concept; synonyms and parents (ids) are parted by `|`.

    Lines that begin with `#` before the header are passed over. Rows with the same id are one
    concept.
    """

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix."""
        return has_suffix(path, ".tsv", ".tab")

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the file; `CorpusError` with file and line for a row that does not fit."""
        path = need_path(path, "tsv")
        return gather(_terms(path), path)


def _terms(path: Path) -> Iterator[Term]:
    lines = numbered_lines(path)
    header, places = _header(lines, path)
    for number, line in lines:
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) > len(header):
            what = f"{len(cells)} columns under a header of {len(header)}"
            raise CorpusError.at(path, number, what)
        row = {name: cells[at].strip() for name, at in places.items() if at < len(cells)}
        yield Term(
            row.get("id") or row.get("name") or f"#{number}",
            row.get("name", ""),
            row.get("definition", ""),
            _parts(row.get("synonyms", "")),
            _parts(row.get("parents", "")),
        )


def _header(lines: Iterator[tuple[int, str]], path: Path) -> tuple[list[str], dict[str, int]]:
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        header = [cell.strip().casefold() for cell in line.split("\t")]
        places: dict[str, int] = {}
        for kind, names in COLUMNS.items():
            found = next((header.index(name) for name in names if name in header), None)
            if found is not None:
                places[kind] = found
        if "name" not in places:
            hint = f"call one {', '.join(COLUMNS['name'])}"
            raise CorpusError.at(path, number, "no column of names in the header", hint=hint)
        return header, places
    raise CorpusError.at(path, None, "no header line")


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]
