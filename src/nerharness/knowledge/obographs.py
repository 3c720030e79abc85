"""Reader `obographs`: ontologies as JSON graphs (github.com/geneontology/obographs)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nerharness.errors import CorpusError
from nerharness.knowledge.files import has_suffix, head, need_path, read_text
from nerharness.knowledge.terms import Term, gather
from nerharness.types import Knowledge

_IS_A = ("is_a", "http://www.w3.org/2000/01/rdf-schema#subClassOf")


class ObographsReader:
    """The nodes of type CLASS: label, definition, synonyms, deprecation, and `is_a` edges.

    Only the first graph is read; those after it are what the ontology imports.
    """

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix and the graphs at the beginning."""
        return has_suffix(path, ".json") and b'"graphs"' in head(path)

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the file; `CorpusError` with file and line, or node, for what is no such graph."""
        path = need_path(path, "obographs")
        try:
            value = json.loads(read_text(path))
        except json.JSONDecodeError as error:
            raise CorpusError.at(path, error.lineno, f"no JSON: {error.msg}") from None
        except RecursionError:
            raise CorpusError.at(path, None, "no graph: nested too deeply") from None
        graphs = value.get("graphs") if isinstance(value, dict) else None
        if not isinstance(graphs, list):
            raise CorpusError.at(
                path, None, 'no list "graphs"', hint="convert with robot or pronto"
            )
        found = gather(_terms(graphs[0] if graphs else {}, path), path)
        imported = sum(1 for graph in graphs[1:] for _ in _terms(graph, path))
        skipped = {**found.skipped, "imported": imported} if imported else found.skipped
        return Knowledge(found.passages, skipped)


def _terms(graph: Any, path: Path) -> Iterator[Term]:
    where = "its edges"
    try:
        parents: defaultdict[str, list[str]] = defaultdict(list)
        for edge in graph.get("edges", ()):
            if edge["pred"] in _IS_A:
                parents[edge["sub"]].append(edge["obj"])
        for number, node in enumerate(graph.get("nodes", ())):
            where = f"node {number}"
            if node.get("type", "CLASS") == "CLASS":
                yield _term(node, parents)
    except (KeyError, TypeError, AttributeError) as error:
        raise CorpusError.at(path, None, f"no graph: {where}: {error!r}") from None


def _term(node: Mapping[str, Any], parents: Mapping[str, list[str]]) -> Term:
    meta = node.get("meta") or {}
    id = str(node["id"])
    return Term(
        id,
        str(node.get("lbl") or ""),
        str((meta.get("definition") or {}).get("val", "")),
        [str(synonym["val"]) for synonym in meta.get("synonyms") or ()],
        parents.get(id, ()),
        bool(meta.get("deprecated")),
    )
