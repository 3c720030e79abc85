"""The `docbin` reader: which spans of a document are read, and what is said of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.checker import Validation
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import load_corpus
from nerharness.runs.validation import validate

Spans = list[tuple[int, int, str]]


def spacy_file(file: Path, ents: Spans, groups: dict[str, Spans]) -> Path:
    """Write a document of three words with entities and span groups, given in tokens."""
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import Doc, DocBin, Span

    doc = Doc(spacy.blank("xx").vocab, words=["severe", "renal", "gout"])

    def spans(given: Spans) -> list[Any]:
        return [Span(doc, start, end, label=label) for start, end, label in given]

    doc.ents = spans(ents)
    for name, given in groups.items():
        doc.spans[name] = spans(given)
    DocBin(docs=[doc]).to_disk(file)
    return file


def labels(host: Host, wanted: str) -> list[str]:
    (examples,) = load_corpus(host, wanted, None).splits.values()
    return [entity.label for example in examples for entity in example.entities]


def passed_over(host: Host, wanted: str) -> dict[str, int]:
    done: Validation = validate(host, wanted, lambda _: None)
    return dict(done.skipped)


GOUT, RENAL, SEVERE = (2, 3, "Gout"), (1, 3, "Renal"), (0, 1, "Severe")
CHOICES: dict[str, tuple[Spans, dict[str, Spans], str, list[str], dict[str, int]]] = {
    "entities alone": ([GOUT], {}, "", ["Gout"], {}),
    "an empty group": ([GOUT], {"sc": []}, "", ["Gout"], {}),
    "a group that has them": ([GOUT], {"sc": [RENAL, GOUT]}, "", ["Renal", "Gout"], {}),
    "a group that lacks one": (
        [GOUT, SEVERE],
        {"sc": [RENAL, GOUT]},
        "",
        ["Renal", "Gout"],
        {"entities outside of group 'sc'": 1},
    ),
    "a group that has them otherwise": (
        [(2, 3, "Renal")],
        {"sc": [RENAL]},
        "",
        ["Renal"],
        {"entities outside of group 'sc'": 1},
    ),
    "other groups": (
        [],
        {"sc": [GOUT], "drafts": [SEVERE, RENAL], "none": []},
        "",
        ["Gout"],
        {"spans of group 'drafts'": 2},
    ),
    "the group asked for": (
        [],
        {"sc": [GOUT], "drafts": [SEVERE, RENAL]},
        ":spans=drafts",
        ["Severe", "Renal"],
        {"spans of group 'sc'": 1},
    ),
}


@pytest.mark.parametrize("case", CHOICES)
def test_a_group_is_read_or_the_entities_and_the_rest_is_counted(
    host: Host, tmp_path: Path, case: str
) -> None:
    ents, groups, option, expected, counted = CHOICES[case]
    file = spacy_file(tmp_path / "a.spacy", ents, groups)
    assert labels(host, f"{file}:docbin{option}") == expected
    assert passed_over(host, f"{file}:docbin{option}") == counted


def test_what_is_written_is_read_with_nothing_passed_over(host: Host, tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    convert(host, "sample", tmp_path / "sample", "docbin")
    assert passed_over(host, f"{tmp_path / 'sample'}:docbin") == {}


@pytest.mark.parametrize(
    ("span", "kind", "message"),
    [
        ((2, 3, ""), "syntax", "a span without a label: 'gout'"),
        ((1, 1, "Gout"), "empty", "a span needs"),
    ],
)
def test_a_span_that_is_no_entity_is_an_error_with_the_number_of_its_document(
    host: Host, tmp_path: Path, span: tuple[int, int, str], kind: str, message: str
) -> None:
    file = spacy_file(tmp_path / "a.spacy", [], {"sc": [span, RENAL]})
    with pytest.raises(CorpusError, match=message) as caught:
        load_corpus(host, f"{file}:docbin", None)
    assert caught.value.where == f"{file}:1"
    done = validate(host, f"{file}:docbin", lambda _: None)
    assert (done.entities["a"], done.kinds) == (1, {kind: 1})


def test_a_trimmed_span_is_not_doubled(host: Host, tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import Doc, DocBin, Span

    doc = Doc(spacy.blank("xx").vocab, words=["of", "\n", "gout"], spaces=[False, False, False])
    doc.spans["sc"] = [Span(doc, 1, 3, label="Gout"), Span(doc, 2, 3, label="Gout")]
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    done = validate(host, f"{tmp_path / 'a.spacy'}:docbin", lambda _: None)
    assert (done.entities["a"], done.kinds) == (1, {"edges": 1})
