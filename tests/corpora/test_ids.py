"""An id that stands twice in a file is refused, or for PubTator given a number, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from corpora.formats import HEADER, TITLE, bioc, bioc_json, place, skip_without

from nerharness.errors import CorpusError
from nerharness.findings import Finding, Findings, Place
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus, open_reader

_XML = bioc().removesuffix("</collection>")
_JSON = json.dumps(json.loads(bioc_json())["documents"][0])
LINES = {
    "jsonl": (
        '{"id": "a", "text": "no"}\n{"text": "b"}\n{"id": "a", "text": "rash"}\n',
        1,
        3,
        ["a", "in-2"],
    ),
    "conll": ("# id = a\nno\tO\n\n\n# id = a\nrash\tO\n", 1, 5, ["a"]),
    "csv": (HEADER + "no,O,1,1,a\nx,O,1,1,b\nrash,O,1,1,a\n", 2, 4, ["a", "b"]),
    "bioc-xml": (_XML + _XML.removeprefix("<collection>\n") + "</collection>", 2, 5, ["1"]),
    "bioc-json": (f'{{"documents": [\n{_JSON},\n{_JSON}]}}', 2, 3, ["1"]),
}
"""What holds an id twice, the lines where it stands, and the ids that stay."""


def spacy_file(file: Path, *ids: object) -> Path:
    """Write a document for each id: one word, which is a sign."""
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import Doc, DocBin, Span

    found = DocBin(store_user_data=True)
    for id in ids:
        doc = Doc(spacy.blank("xx").vocab, words=["rash"])
        doc.ents = [Span(doc, 0, 1, label="Sign")]
        doc.user_data["id"] = id
        found.add(doc)
    found.to_disk(file)
    return file


def dataset(folder: Path, *ids: object) -> Path:
    """Write a row for each id: one word, which is a sign."""
    datasets = pytest.importorskip("datasets")
    rows = {"id": list(ids), "tokens": [["rash"]] * len(ids), "tags": [["B-Sign"]] * len(ids)}
    datasets.Dataset.from_dict(rows).save_to_disk(str(folder))
    return folder


BINARY: dict[str, Callable[..., Path]] = {"docbin": spacy_file, "datasets": dataset}


def ids_of(host: Host, wanted: str) -> list[str]:
    (examples,) = load_corpus(host, wanted, None).splits.values()
    return [example.document.id for example in examples]


def found(host: Host, wanted: str) -> tuple[list[str], list[Finding]]:
    """Return the ids that a lenient reading keeps, and what it finds."""
    seen: list[Finding] = []
    reader, path = open_reader(host, wanted)
    (stream,) = reader.open(path, None, Findings(seen.append)).splits.values()
    return [example.document.id for example in stream], seen


@pytest.mark.parametrize("reader", LINES)
def test_an_id_that_stands_twice_is_an_error_that_says_where_the_first_stands(
    host: Host, tmp_path: Path, reader: str
) -> None:
    skip_without(reader)
    content, first, second, kept = LINES[reader]
    wanted, file = place(tmp_path / "in", reader, content.encode())
    with pytest.raises(CorpusError) as caught:
        load_corpus(host, wanted, None)
    assert caught.value.where == str(Place(file, second))
    assert caught.value.what.endswith(f", first at {file}:{first}")
    ids, (finding,) = found(host, wanted)
    assert ids == kept
    assert (finding.kind, finding.repair) == ("duplicate", "left out")


@pytest.mark.parametrize("reader", BINARY)
def test_an_id_that_stands_twice_in_a_binary_file_is_an_error_with_both_numbers(
    host: Host, tmp_path: Path, reader: str
) -> None:
    path = BINARY[reader](tmp_path / "train", "a", "b", "a")
    with pytest.raises(CorpusError, match="id 'a' stands twice") as caught:
        load_corpus(host, f"{path}:{reader}", None)
    assert caught.value.where == f"{path}:3"
    assert caught.value.what.endswith(f"first at {path}:1")
    ids, (finding,) = found(host, f"{path}:{reader}")
    assert ids == ["a", "b"]
    assert (finding.kind, finding.repair) == ("duplicate", "left out")


@pytest.mark.parametrize("reader", BINARY)
@pytest.mark.parametrize("empty", [None, ""])
def test_a_document_without_an_id_is_named_by_its_number(
    host: Host, tmp_path: Path, reader: str, empty: str | None
) -> None:
    path = BINARY[reader](tmp_path / "train", "a", empty, empty)
    assert ids_of(host, f"{path}:{reader}") == ["a", "train-2", "train-3"]


def test_pubtator_documents_of_one_id_get_numbers_that_no_other_has(
    host: Host, tmp_path: Path
) -> None:
    titles = [TITLE.replace("1|", f"{id}|") for id in ("1", "1", "1-2", "1")]
    wanted, file = place(tmp_path / "in", "pubtator", "\n".join(titles).encode())
    assert ids_of(host, wanted) == ["1", "1-2", "1-2-2", "1-3"]
    _, findings = found(host, wanted)
    assert [finding.what for finding in findings] == [
        f"id {id!r} stands twice, first at {file}:{line}"
        for id, line in (("1", 1), ("1-2", 4), ("1", 1))
    ]
    assert [finding.repair for finding in findings] == ["called 1-2", "called 1-2-2", "called 1-3"]
