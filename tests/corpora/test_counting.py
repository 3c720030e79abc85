"""Offsets that were counted in other line ends, or with another byte-order mark, than the text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.counting import countings
from nerharness.errors import CorpusError
from nerharness.findings import Finding, Findings
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus
from nerharness.runs.validation import validate

# Each word stands in several places; the first stands before any line end.
LINES = ["Fever, rash.", "No fever; fever went.", "", "Rash again: fever, rash", "fever."]
WORDS = ("fever", "rash", "Fever", "Rash again")


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def as_is(text: str) -> str:
    return text


def marked(text: str) -> str:
    return f"\ufeff{text}"


WAYS: dict[str, Callable[[str], str]] = {
    "one": as_is,
    "two": crlf,
    "marked": marked,
    "both": lambda text: marked(crlf(text)),
}


def claims(text: str) -> list[tuple[list[tuple[int, int]], str]]:
    """Return every place where one of the words stands, with the word."""
    return [
        ([(start, start + len(word))], word)
        for word in WORDS
        for start in range(len(text))
        if text.startswith(word, start)
    ]


def annotated(folder: Path, text: str, counted: str) -> Path:
    folder.mkdir()
    (folder / "n.txt").write_bytes(text.encode())
    lines = [
        f"T{number}\tSign {start} {end}\t{words}\n"
        for number, ([(start, end)], words) in enumerate(claims(counted), start=1)
    ]
    (folder / "n.ann").write_text("".join(lines), encoding="utf-8")
    return folder


def fixed(host: Host, folder: Path) -> tuple[list[Finding], int]:
    findings: list[Finding] = []
    done = validate(host, str(folder), findings.append, fix=folder.with_name("fixed"))
    return findings, done.lost


@pytest.mark.parametrize("file", WAYS)
@pytest.mark.parametrize("counted", WAYS)
def test_all_offsets_move_as_they_were_counted(
    host: Host, tmp_path: Path, file: str, counted: str
) -> None:
    plain = "\n".join(LINES)
    text = WAYS[file](plain)
    folder = annotated(tmp_path / "in", text, WAYS[counted](plain))
    findings, lost = fixed(host, folder)
    assert lost == 0
    assert bool(findings) == (file != counted)
    assert all(finding.repair.startswith("moved to ") for finding in findings)
    ((example,),) = load_corpus(host, str(tmp_path / "fixed"), None).splits.values()
    assert example.document.text == text
    found = [([(e.span.start, e.span.end)], e.surface(text)) for e in example.entities]
    assert found == claims(text)


def test_each_finding_says_how_it_was_counted(host: Host, tmp_path: Path) -> None:
    plain = "fever, fever\nfever, fever"
    findings, _ = fixed(host, annotated(tmp_path / "in", crlf(plain), plain))
    assert [(one.kind, one.repair) for one in findings] == [
        ("mention", "moved to 14 19, counted with line ends of one character"),
        ("mention", "moved to 21 26, counted with line ends of one character"),
    ]


def test_one_that_fits_by_chance_moves_with_the_others(host: Host, tmp_path: Path) -> None:
    folder = annotated(tmp_path / "in", "\r\naaa rash", "\naaa rash")
    (folder / "n.ann").write_text("T1\tS 2 4\taa\nT2\tS 5 9\trash\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        load_corpus(host, str(folder), None)
    assert caught.value.where.endswith("n.ann:2"), "as it stands, the first is right"
    findings, _ = fixed(host, folder)
    by_chance = "the text at 2 4 is 'aa', too, but the file counts otherwise"
    assert [finding.what for finding in findings][:1] == [by_chance]
    assert [finding.repair.partition(",")[0] for finding in findings] == [
        "moved to 3 5",
        "moved to 6 10",
    ]


def test_where_one_fits_in_no_way_each_is_looked_for_alone(host: Host, tmp_path: Path) -> None:
    plain = "No\nfever, fever, rash"
    folder = annotated(tmp_path / "in", crlf(plain), plain)
    with (folder / "n.ann").open("a", encoding="utf-8") as stream:
        stream.write("T9\tSign 0 4\titch\n")
    findings, lost = fixed(host, folder)
    assert [one.repair for one in findings] == [
        "left out",
        "left out",
        "moved to 18 22",
        "left out",
    ]
    assert lost == 3


def test_each_annotator_counts_alone(host: Host, tmp_path: Path) -> None:
    plain = "No\nfever, fever"
    folder = annotated(tmp_path / "in", crlf(plain), plain)
    (folder / "n.ann").rename(folder / "n.anna.ann")
    right = "".join(
        f"T{n}\tSign {a} {b}\t{w}\n" for n, ([(a, b)], w) in enumerate(claims(crlf(plain)))
    )
    (folder / "n.ben.ann").write_text(right, encoding="utf-8")
    findings: list[Finding] = []
    validate(host, f"{folder}:brat:annotator=all", findings.append)
    assert [finding.place.path.name for finding in findings] == ["n.anna.ann"] * 2


def test_ways_that_do_not_agree_are_none() -> None:
    annotator = Annotator("\r\naba c", None, Findings(lambda _: None))
    either = Claim("S", [(3, 4)], "a")  # one further, by line feeds, or one before, by a mark
    assert annotator.recounted([either]) is annotator
    sure = annotator.recounted([either, Claim("S", [(5, 6)], "c")]).counting
    assert sure is not None
    assert sure.name == "with line ends of one character"


def test_line_ends_of_two_characters_are_not_doubled() -> None:
    moved = {one.name: one.moved([(5, 6)]) for one in countings("a\r\n\nb")}
    assert moved["with line ends of two characters"] == [(4, 5)]


def test_other_ways_to_count_are_few() -> None:
    names = [counting.name for counting in countings("\ufeffa\nb")]
    assert names == [
        "without the byte-order mark",
        "with line ends of one character",
        "with line ends of one character and without the byte-order mark",
        "with line ends of two characters",
        "with line ends of two characters and without the byte-order mark",
    ]
    moved = {one.name: one.moved([(2, 3)]) for one in countings("a\nb")}
    assert moved["with line ends of two characters"] == [(1, 2)]
    assert moved["with the byte-order mark"] == [(1, 2)]
    across = {one.name: one.moved([(0, 3)]) for one in countings("a\r\nb")}
    assert across["with line ends of one character"] == [(0, 4)], "a line end inside counts, too"
    assert all(one.moved([(0, 99)]) is None for one in countings("a\nb"))
