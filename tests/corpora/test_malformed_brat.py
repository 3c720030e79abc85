"""Malformed brat."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora.formats import place

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.findings import Finding
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus, open_reader
from nerharness.runs.validation import validate
from nerharness.types import Example, Note

RASH, SAYS = "T1\tSign 3 7\trash\n", "#1\tAnnotatorNotes T1\tsure\n"


def mended(folder: Path, host: Host, annotation: str) -> tuple[Example, list[Finding]]:
    """Return the document of the repaired copy, and what is wrong with the text `no rash`."""
    (folder / "in").mkdir()
    (folder / "in" / "n.txt").write_text("no rash")
    (folder / "in" / "n.ann").write_text(annotation)
    findings: list[Finding] = []
    validate(host, str(folder / "in"), findings.append, fix=folder / "out")
    ((example,),) = load_corpus(host, str(folder / "out"), None).splits.values()
    return example, findings


def is_refused(folder: Path, host: Host, what: str) -> None:
    with pytest.raises(CorpusError, match=what):
        load_corpus(host, str(folder / "in"), None)


def test_brat_events_that_refer_to_themselves_are_an_error(tmp_path: Path, host: Host) -> None:
    (tmp_path / "n.txt").write_text("no rash")
    (tmp_path / "n.ann").write_text("T1\tSign 3 7\trash\nE1\tX:T1 Of:E2\nE2\tX:T1 Of:E1\n")
    with pytest.raises(CorpusError, match=r"n\.ann:2: E1 refers to itself"):
        read_corpus(open_reader(host, str(tmp_path))[0], tmp_path, None)


def test_a_long_chain_of_events_is_no_circle_and_takes_little_time(
    tmp_path: Path, host: Host
) -> None:
    chain = "".join(f"E{n}\tX:E{n + 1}\n" for n in range(20_000))
    content = f"T1\tS 11 15\trash\n{chain}E20000\tX:T1\n"
    wanted, _ = place(tmp_path / "in", "brat", content.encode())
    assert load_corpus(host, wanted, None)


def test_an_id_that_stands_twice_is_an_error_and_notes_on_it_stay_with_the_first(
    tmp_path: Path, host: Host
) -> None:
    example, (finding,) = mended(tmp_path, host, f"{RASH}T1\tNegation 0 2\tno\n{SAYS}")
    assert (finding.kind, finding.place.line) == ("duplicate", 2)
    assert [entity.label for entity in example.entities] == ["Sign", "Negation"]
    assert example.notes == (Note("AnnotatorNotes", "sure", 0),)
    is_refused(tmp_path, host, r"n\.ann:2: id 'T1' stands twice, first at .*n\.ann:1")


def test_an_id_that_stands_twice_among_what_is_not_read_is_found_and_no_error(
    tmp_path: Path, host: Host
) -> None:
    twice = "R1\tA Arg1:T1 Arg2:T1\nR1\tB Arg1:T1 Arg2:T1\n*\tEquiv T1 T1\n*\tEquiv T1 T1\n"
    _, (finding,) = mended(tmp_path, host, RASH + twice)
    assert (finding.kind, finding.place.line) == ("duplicate", 3)
    assert load_corpus(host, str(tmp_path / "in"), None)


def test_annotators_count_their_ids_apart_and_files_that_belong_together_do_not(
    tmp_path: Path, host: Host
) -> None:
    for name in ("n.txt", "n.a.ann", "n.b.ann"):
        (tmp_path / name).write_text("no rash" if name == "n.txt" else RASH)
    ((example,),) = load_corpus(host, f"{tmp_path}:brat:annotator=all", None).splits.values()
    assert len(example.entities) == 2
    (tmp_path / "n.a.ann").rename(tmp_path / "n.a1")
    (tmp_path / "n.b.ann").rename(tmp_path / "n.a2")
    with pytest.raises(CorpusError, match=r"n\.a2:1: id 'T1' stands twice, first at .*n\.a1:1"):
        load_corpus(host, str(tmp_path), None)


@pytest.mark.parametrize("line", [f" {RASH}{SAYS}", f"{RASH}\t {SAYS}"], ids=["entity", "note"])
def test_white_space_before_what_is_read_is_an_error_and_a_repaired_copy_has_none(
    tmp_path: Path, host: Host, line: str
) -> None:
    example, (finding,) = mended(tmp_path, host, line)
    assert (finding.kind, finding.repair) == ("syntax", "read without it")
    assert (len(example.entities), len(example.notes)) == (1, 1)
    is_refused(tmp_path, host, r"n\.ann:[12]: white space before [T#]1")


def test_other_text_behind_white_space_is_passed_over(tmp_path: Path, host: Host) -> None:
    _, findings = mended(tmp_path, host, f"{RASH}{SAYS}  The note goes on.\n   T\n")
    assert findings == []
