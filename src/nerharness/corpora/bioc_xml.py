"""The `bioc-xml` reader and writer: one document of the file at a time.

A file that declares entities is refused before it is parsed, and nothing that it refers to is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nerharness.corpora.bioc import (
    Annotation,
    Collected,
    Piece,
    is_collection,
    read_documents,
    write_documents,
)
from nerharness.corpora.ids import NOT_EMPTY, written_id
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import open_files
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.losses import Losses
from nerharness.types import Example, LabelSet, Source

_SUFFIXES = (".xml",)
_LAST_LINE = 65535
"""What libxml2 says for every line from here on."""


class BiocXmlReader:
    """Reads a file, or a folder with train, dev and test files."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the root element."""
        return is_collection(path, _SUFFIXES, b"<", b"<collection")

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("bioc-xml", path, _SUFFIXES, labels, findings, _examples)


def _examples(file: Path, declared: LabelSet | None, findings: Findings) -> Iterator[Example]:
    refuse_entities(file)
    yield from read_documents(file, _elements(file), _collect, declared, findings)


class _Begins(Exception):  # noqa: N818  # no error
    """The root element was reached."""


class _Prolog:
    """Stops a parser where the document type ends."""

    def start(self, tag: str, attributes: Any) -> None:
        raise _Begins

    def close(self) -> None:
        """Do nothing: the file ended before its root."""


def refuse_entities(file: Path) -> None:
    """Raise `CorpusError` for a file that declares entities; only before its root can it do so."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    parser = DefusedXMLParser(target=_Prolog(), forbid_entities=True, forbid_external=True)
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 16):
                parser.feed(chunk)
        parser.close()
    except _Begins:
        return
    except DefusedXmlException:
        line = parser.parser.CurrentLineNumber
        raise CorpusError.at(
            file, line, "it declares entities, which are not read", hint="write them out"
        ) from None
    except (ParseError, LookupError, ValueError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise CorpusError.at(file, line, f"not XML: {error}") from None
    except OSError as error:
        raise CorpusError.at(file, None, f"cannot be read: {error.strerror}") from None


def _elements(file: Path) -> Iterator[tuple[int | None, Any]]:
    """Yield each document element with its line, and forget it afterwards."""
    from lxml import etree

    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    with file.open("rb") as stream:
        try:
            for _, element in etree.iterparse(stream, events=("end",), tag="document", **safe):
                yield _line(element), element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            last = error.error_log.last_error  # the log goes on from one file to the next
            line, what = (last.line, last.message) if last else (error.lineno, error.msg)
            raise CorpusError.at(file, line, f"not XML: {what}") from None


def _line(element: Any) -> int | None:
    """Return the line where an element begins, as far as the library counts."""
    line: int | None = element.sourceline
    return line if line is not None and line < _LAST_LINE else None


def _collect(line: int | None, element: Any) -> Collected:
    found = Collected(line, element.findtext("id") or "")
    if not found.id:
        raise ValueError("a document without an id")
    for passage in element.iterfind("passage"):
        sentences = passage.findall("sentence")
        for part in sentences or [passage]:
            text = part.findtext("text") or ""
            offset = int(part.findtext("offset") or "")
            found.pieces.append(Piece(_line(part), offset, text, bool(sentences)))
    found.annotations = [_annotation(one) for one in element.iter("annotation")]
    for one in element.iter("relation"):
        targets = [node.attrib["refid"] for node in one.iterfind("node")]
        found.relations.append((_line(one), one.get("id", ""), targets))
    return found


def _annotation(element: Any) -> Annotation:
    infons = {one.attrib["key"]: one.text or "" for one in element.iterfind("infon")}
    places = [
        (int(one.attrib["offset"]), int(one.attrib["length"]))
        for one in element.iterfind("location")
    ]
    id = element.get("id", "")
    return Annotation(_line(element), id, infons, places, element.findtext("text"))


class BiocXmlWriter:
    """Writes each document as one passage."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".xml", _write)


def _write(file: Path, examples: Iterable[Example]) -> Losses:
    import bioc
    from bioc import biocxml

    collection = bioc.BioCCollection()
    collection.source, collection.date, collection.key = "nerharness", "", ""
    with file.open("wb") as stream:
        writer = biocxml.BioCXMLDocumentWriter(stream)
        writer.write_collection_info(collection)

        def write(document: bioc.BioCDocument) -> None:
            written_id(document.id, NOT_EMPTY)
            writer.write_document(document)

        losses = write_documents(examples, write)
        writer.close()
    return losses
