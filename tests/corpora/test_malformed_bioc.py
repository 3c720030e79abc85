"""Malformed BioC, as XML and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora.formats import Case, bioc, bioc_json, is_one_error, place

from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;&a;">]>'
    "<collection><document><id>&b;</id></document></collection>"
)
EXTERNAL = (
    '<!DOCTYPE c [\n<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<collection><document><id>&x;</id></document></collection>"
)

CASES: dict[str, Case] = {
    "bioc-xml.bomb": (BOMB, 1, "declares entities"),
    "bioc-xml.external": (EXTERNAL, 2, "declares entities"),
    "bioc-xml.cut": (bioc()[:120], 3, "not XML"),
    "bioc-xml.undefined": (bioc("&nope;"), 3, "not XML"),
    "bioc-xml.empty": ("", 1, "not XML"),
    "bioc-xml.offset": (bioc("", "<passage><offset>x</offset>{}</passage>"), 2, "not BioC"),
    "bioc-xml.overlap": (
        bioc("", "<passage><offset>0</offset><text>ab</text></passage>" * 2 + "{}"),
        3,
        "a passage at 0, but the text before it ends at 2",
    ),
    "bioc-xml.far": (
        bioc("", "<passage><offset>99999999999</offset><text>ab</text></passage>{}"),
        3,
        "a passage at 99999999999",
    ),
    "bioc-xml.no-type": (
        bioc('\n<annotation id="7"><location offset="0" length="1"/></annotation>'),
        4,
        "annotation '7' has no type",
    ),
    "bioc-xml.reference": (
        bioc('<relation id="R"><node refid="T9" role="x"/></relation>'),
        3,
        "refers to 'T9', which is not there",
    ),
    "bioc-xml.cycle": (
        bioc('<relation id="R"><node refid="R" role="x"/></relation>'),
        3,
        "refers to 'R', itself",
    ),
    "bioc-json.cut": (bioc_json()[:-20], 3, "not JSON"),
    "bioc-json.after": (bioc_json() + "\n\n]", 5, "something stands after the end"),
    "bioc-json.id": (
        '{"documents": [\n{"id": null, "passages": []}]}',
        2,
        "field 'id' must be a string or a whole number, got None",
    ),
    "bioc-json.none": ('{"source": ""}', None, "no field 'documents'"),
    "bioc-json.outside": (bioc_json(locations=[{"offset": 3, "length": 5}]), 3, "outside the text"),
    "bioc-json.number": (bioc_json(locations=[{"offset": "3", "length": 4}]), 3, "whole number"),
    "bioc-json.words": (bioc_json(text="rush"), 3, "annotation says 'rush'"),
    "bioc-json.deep": ('{"a": ' + "[" * 100_000, 1, "not JSON"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_malformed_is_one_error_with_file_and_line(
    tmp_path: Path, host: Host, case: str
) -> None:
    is_one_error(tmp_path, host, case.partition(".")[0], CASES[case])


def test_elements_past_the_last_line_that_is_counted_have_none(tmp_path: Path, host: Host) -> None:
    pytest.importorskip("lxml")
    annotation = '<annotation id="7"><location offset="0" length="1"/></annotation>'
    text = bioc(annotation).replace("\n", "\n" * 70_000, 1)
    wanted, file = place(tmp_path / "in", "bioc-xml", text.encode())
    with pytest.raises(CorpusError, match="annotation '7' has no type") as caught:
        load_corpus(host, wanted, None)
    assert caught.value.where == str(file)


def test_a_document_type_that_stands_elsewhere_is_not_looked_for(
    tmp_path: Path, host: Host
) -> None:
    pytest.importorskip("lxml")
    text = f'<!DOCTYPE collection SYSTEM "http://127.0.0.1:9/BioC.dtd">\n{bioc()}'
    assert load_corpus(host, place(tmp_path / "in", "bioc-xml", text.encode())[0], None)


def test_an_error_in_xml_has_its_own_line_after_one_further_down_in_another_file(
    tmp_path: Path, host: Host
) -> None:
    pytest.importorskip("lxml")
    for name, above in (("far", 40), ("near", 1)):
        text = bioc("&nope;").replace("\n", "\n" * above, 1)
        wanted, file = place(tmp_path / name, "bioc-xml", text.encode())
        with pytest.raises(CorpusError, match="Entity 'nope' not defined") as caught:
            load_corpus(host, wanted, None)
        assert caught.value.where == f"{file}:{above + 2}"
