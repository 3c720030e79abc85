"""Ontologies: the same one as OBO, obographs JSON and OWL, and what is wrong with others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nerharness.errors import CorpusError, UsageError
from nerharness.knowledge import files
from nerharness.knowledge.obo import OboReader
from nerharness.knowledge.obographs import ObographsReader
from nerharness.types import Knowledge, Passage

OBO = """\
format-version: 1.4
synonymtypedef: ABBREVIATION "abbreviation"
ontology: x

! a comment
[Term]
id: X:1 ! disease
name: disease

[Term]
id: X:2
name: Wilson  disease
def: "A \\"copper\\" disease\\, inherited." [PMID:1 "a note"]
synonym: "hepatolenticular degeneration" EXACT []
synonym: "WD" RELATED ABBREVIATION [PMID:2] {x="y"}
synonym: "wilson disease" EXACT []
is_a: X:1 {source="s"} ! disease
is_a: Y:9 ! of another ontology
xref: OMIM:277900

[Typedef]
id: part_of
name: part of

[Term]
id: X:3
name: old gout
is_obsolete: true

[Term]
id: X:4
"""
EXPECTED = Knowledge(
    (
        Passage("disease", "", (), "X:1"),
        Passage(
            "Wilson disease",
            'A "copper" disease, inherited.',
            ("hepatolenticular degeneration", "WD"),
            "X:2",
            ("disease",),
        ),
    ),
    {"obsolete": 1, "without a name": 1},
)
GRAPH = {
    "graphs": [
        {
            "id": "http://x/x.owl",
            "nodes": [
                {"id": "http://x/X_1", "lbl": "disease", "type": "CLASS"},
                {
                    "id": "http://x/X_2",
                    "lbl": "Wilson disease",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": 'A "copper" disease, inherited.', "xrefs": []},
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "hepatolenticular degeneration"},
                            {"pred": "hasRelatedSynonym", "val": "WD"},
                        ],
                    },
                },
                {"id": "http://x/X_3", "lbl": "old gout", "meta": {"deprecated": True}},
                {"id": "http://x/X_4", "type": "CLASS"},
                {"id": "http://x/part_of", "lbl": "part of", "type": "PROPERTY"},
            ],
            "edges": [
                {"sub": "http://x/X_2", "pred": "is_a", "obj": "http://x/X_1"},
                {"sub": "http://x/X_2", "pred": "http://x/part_of", "obj": "http://x/X_3"},
            ],
        },
        {"nodes": [{"id": "http://y/Y_9", "lbl": "imported", "type": "CLASS"}]},
    ]
}
OWL = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY owl "http://www.w3.org/2002/07/owl#" > ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="&owl;"
     xmlns:obo="http://purl.obolibrary.org/obo/"
     xmlns:oboInOwl="http://www.geneontology.org/formats/oboInOwl#">
  <owl:Ontology rdf:about="http://purl.obolibrary.org/obo/x.owl">
    <owl:imports rdf:resource="http://no.such.host.invalid/imported.owl"/>
  </owl:Ontology>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/X_1"><rdfs:label>disease</rdfs:label></owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/X_2">
    <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/X_1"/>
    <obo:IAO_0000115>A "copper" disease, inherited.</obo:IAO_0000115>
    <oboInOwl:hasExactSynonym>hepatolenticular degeneration</oboInOwl:hasExactSynonym>
    <oboInOwl:hasRelatedSynonym>WD</oboInOwl:hasRelatedSynonym>
    <rdfs:label>Wilson disease</rdfs:label>
  </owl:Class>
  <owl:Class rdf:about="http://purl.obolibrary.org/obo/X_3">
    <rdfs:label>old gout</rdfs:label><owl:deprecated>true</owl:deprecated>
  </owl:Class>
</rdf:RDF>
"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_obo_is_read(tmp_path: Path) -> None:
    assert OboReader().read(written(tmp_path, "x.obo", OBO)) == EXPECTED
    crlf = "\ufeff" + OBO.replace("\n", "\r\n")
    assert OboReader().read(written(tmp_path, "y.obo", crlf)) == EXPECTED


@pytest.mark.parametrize("packed", [False, True])
def test_obographs_are_read_without_what_they_import(tmp_path: Path, packed: bool) -> None:
    content = json.dumps(GRAPH).encode()
    file = written(tmp_path, "x.json.gz", gzip.compress(content) if packed else content)
    assert ObographsReader().detect(file)
    found = ObographsReader().read(file)
    assert found == Knowledge(EXPECTED.passages, {**EXPECTED.skipped, "imported": 1})


def test_owl_is_read_without_what_it_imports(tmp_path: Path) -> None:
    pytest.importorskip("pronto")
    from nerharness.knowledge.owl import OwlReader

    found = OwlReader().read(written(tmp_path, "x.owl", OWL))
    assert [(p.title, p.text, p.id, p.parents) for p in found.passages] == [
        (p.title, p.text, p.id, p.parents) for p in EXPECTED.passages
    ]
    assert [sorted(p.synonyms) for p in found.passages] == [
        sorted(p.synonyms) for p in EXPECTED.passages
    ]
    assert found.skipped == {"obsolete": 1}


def test_obo_is_read_as_pronto_reads_it(tmp_path: Path) -> None:
    pronto = pytest.importorskip("pronto")
    refused = ("! a comment\n", "[Term]\nid: X:4\n", "is_a: Y:9 ! of another ontology\n")
    content = OBO
    for part in refused:
        content = content.replace(part, "")
    file = written(tmp_path, "x.obo", content)
    theirs = {term.id: term for term in pronto.Ontology(str(file)).terms()}
    for ours in OboReader().read(file).passages:
        term = theirs[ours.id]
        names = {synonym.description.casefold() for synonym in term.synonyms}
        assert (ours.title, ours.text) == (" ".join(term.name.split()), term.definition or "")
        assert {name.casefold() for name in ours.synonyms} == names - {ours.title.casefold()}


BOMB = """<!DOCTYPE x [ <!ENTITY a "aaaaaaaaaa"> <!ENTITY b "&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;"> ]><x>&c;</x>"""


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        '<!DOCTYPE x [ <!ENTITY e SYSTEM "file:///etc/hostname"> ]><x>&e;</x>',
        "<!DOCTYPE x [ <!ENTITY % p \"<!ENTITY q '1'>\"> %p; ]><x/>",
        f'<!DOCTYPE x [ <!ENTITY e "{"a" * 5000}"> ]><x>&e;</x>',
    ],
    ids=["nested", "file", "parameter", "long"],
)
def test_entities_that_could_explode_are_refused(tmp_path: Path, content: str) -> None:
    pytest.importorskip("pronto")
    from nerharness.knowledge.owl import OwlReader

    with pytest.raises(CorpusError, match=r"x\.owl:\d: entity '\w' is refused"):
        OwlReader().read(written(tmp_path, "x.owl", content))


@pytest.mark.parametrize("content", ["", "no xml", "<x>", "<a/>", "[Term]\nid: X:1\nname: y"])
def test_what_is_no_owl_is_an_error(tmp_path: Path, content: str) -> None:
    pytest.importorskip("pronto")
    from nerharness.knowledge.owl import OwlReader

    with pytest.raises(CorpusError, match=r"x\.owl"):
        OwlReader().read(written(tmp_path, "x.owl", content))


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("[Term]\nid: X:1\nname disease\n", 3, "no OBO line"),
        ("[Term\nid: X:1\n", 1, "opens no stanza"),
        ("\n[Term]\nname: x\n\n[Term]\nid: X:1\n", 2, "no id"),
        ("[Term]\nid: X:1\nname: x\ndef: no quotes\n", 4, "double quotes"),
        ('[Term]\nid: X:1\nsynonym: "open\n', 3, "double quotes"),
        (b"[Term]\nid: X:1\nname: caf\xe9\n", 3, "not UTF-8"),
        (
            "[Term]\nid: X:1\nname: x\nis_obsolete: true\n",
            None,
            "no concept to be used: 1 obsolete",
        ),
        ("format-version: 1.4\n", None, "none at all"),
    ],
)
def test_malformed_obo_is_an_error_with_its_line(
    tmp_path: Path, content: str | bytes, line: int | None, message: str
) -> None:
    file = written(tmp_path, "x.obo", content)
    with pytest.raises(CorpusError, match=message) as caught:
        OboReader().read(file)
    assert caught.value.where == (f"{file}:{line}" if line else str(file))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"x\.json:1: no JSON"),
        ('{\n"graphs": [}', r"x\.json:2: no JSON"),
        ("[]", 'no list "graphs"'),
        ('{"graphs": 5}', 'no list "graphs"'),
        ('{"graphs": [5]}', "no graph"),
        ('{"graphs": [{"nodes": [{"lbl": "x"}]}]}', "node 0: KeyError"),
        ('{"graphs": [{"nodes": [{"id": "a", "meta": 3}]}]}', "node 0"),
        ('{"graphs": [{"edges": [{}]}]}', "its edges"),
        ('{"graphs": []}', "none at all"),
        ("[" * 100_000, "nested too deeply|no JSON"),
    ],
)
def test_malformed_graphs_are_an_error(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        ObographsReader().read(written(tmp_path, "x.json", content))


def test_a_packed_file_may_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    file = written(tmp_path, "x.obo.gz", gzip.compress(b"!" * 1001))
    with pytest.raises(CorpusError, match="more than 1,000 bytes"):
        OboReader().read(file)
    for broken in (gzip.compress(OBO.encode())[:60], b"\x1f\x8bnothing"):
        with pytest.raises(CorpusError, match="cannot be unpacked"):
            OboReader().read(written(tmp_path, "y.obo.gz", broken))


def test_a_path_is_needed() -> None:
    with pytest.raises(UsageError, match="PATH:obo"):
        OboReader().read(None)
