"""Run folders made of records, and pages read back as browsers would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nerharness.runs.record import Record
from nerharness.types import Entity, Span

VOID = {"meta", "input", "br", "line", "rect", "polyline"}
KNOWN = {
    *("charset", "class", "content", "data-cause", "data-labels", "dir", "hidden", "href"),
    *("http-equiv", "id", "lang", "name", "title", "type", "value"),
}
"""Attributes of text that a page may have."""
DRAWN = {
    *("cx", "cy", "fill", "font-family", "font-size", "font-weight", "height", "r", "role"),
    *("stroke", "stroke-width", "text-anchor", "viewbox", "width", "x", "x1", "x2", "xmlns", "y"),
    *("y1", "y2"),
}
"""Those of pictures."""
LABELS = ("disease", "rare_disease", "sign")


def entity(label: str, *bounds: int) -> Entity:
    """Build an entity of start and end of each fragment."""
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return Entity(label, tuple(Span(start, end) for start, end in pairs))


def record(
    id: str, text: str, gold: Sequence[Entity], found: Sequence[Entity], **rest: Any
) -> Record:
    """Build the record of a document."""
    return Record(id, text, (), tuple(gold), tuple(found), **rest)


def run(path: Path, records: Sequence[Record], labels: Sequence[str] = LABELS, **spec: Any) -> Path:
    """Write a run folder; its JSON is ASCII, so that texts may hold halves of pairs."""
    described = {
        "schema": 1,
        "spec": {"split": "test", "protected": False, **spec},
        "corpus": {"name": "notes", "documents": len(records)},
        "labels": [{"name": label, "definition": ""} for label in labels],
    }
    path.mkdir(parents=True)
    (path / "run.json").write_text(json.dumps(described), encoding="ascii")
    lines = (json.dumps(one.to_json()) + "\n" for one in records)
    (path / "journal.jsonl").write_text("".join(lines), encoding="ascii")
    return path


class Tree(HTMLParser):
    """Elements with their attributes and text; fails for tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []
        self.elements: list[Element] = []
        self.feed(page)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), list(self.open))
        assert len(element.attributes) == len(attrs), f"an attribute stands twice: {attrs}"
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), list(self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1].tag == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data
            if not any(one.has("k") for one in self.open):
                element.words += data

    def of(self, tag: str, kind: str = "") -> list[Element]:
        """Return the elements of a tag and class."""
        return [one for one in self.elements if one.tag == tag and (not kind or one.has(kind))]

    def texts(self) -> list[str]:
        """Return the documents' texts, without the codes of labels."""
        return [one.words for one in self.of("div", "text")]

    def lined(self, side: str) -> Iterator[tuple[str, str]]:
        """Yield line class and words of each stretch that has a line on a side, but for gaps."""
        for one in self.of("span", side):
            if not one.has("b") and one.words:
                yield next(name for name in one.classes if name[0] == "c"), one.words


class Element:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str | None], inside: list[Element]) -> None:
        self.tag, self.attributes, self.inside = tag, attributes, inside
        self.text = ""
        self.words = ""
        """The text without codes of labels."""

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"

    @property
    def classes(self) -> list[str]:
        """The classes."""
        return (self.attributes.get("class") or "").split()

    def has(self, kind: str) -> bool:
        """Tell whether it has a class."""
        return kind in self.classes


def check(page: str) -> Tree:
    """Read a page that must be well-formed, hold all it needs, and let nothing of it act."""
    tree = Tree(page)
    assert page.startswith("<!DOCTYPE html>\n<html")
    assert {one.tag for one in tree.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "p", "a"),
        *("nav", "dl", "dt", "dd", "figure", "figcaption", "div", "table", "thead", "tbody"),
        *("tr", "th", "td", "svg", "rect", "line", "text", "circle", "span", "b", "bdi", "small"),
        *("strong", "form", "label", "select", "option", "input", "output", "article", "section"),
        *("details", "summary", "pre", "script"),
    }
    assert len(tree.of("script")) == 1
    ids = [one.attributes["id"] for one in tree.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in tree.elements:
        assert not {"src", "style", "srcset", "action"} & one.attributes.keys(), one
        assert not [name for name in one.attributes if name.startswith("on")], one
        known = KNOWN if one.tag not in {"svg", "rect", "line", "text", "circle"} else DRAWN
        assert one.attributes.keys() <= known, one
        if "href" in one.attributes:
            assert str(one.attributes["href"])[1:] in ids, one
    assert "url(" not in page
    assert "@import" not in page
    return tree
