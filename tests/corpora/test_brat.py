"""The `brat` reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.corpora.brat import BratReader, BratWriter
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.types import Entity, Example, Label, LabelSet, Span

TEXT = "Muscle weakness and wasting were seen.\nNo fever."


def write(folder: Path, name: str, text: str | bytes, annotation: str | bytes | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in ((".txt", text), (".ann", annotation)):
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (folder / (name + suffix)).write_bytes(data)


def read_one(folder: Path, text: str | bytes, annotation: str | bytes) -> Example:
    write(folder, "note", text, annotation)
    ((example,),) = read_corpus(BratReader(), folder, None).splits.values()
    return example


def fault(folder: Path, annotation: str | bytes, text: str | bytes = TEXT) -> CorpusError:
    with pytest.raises(CorpusError) as caught:
        read_one(folder, text, annotation)
    return caught.value


def test_text_bound_lines_become_entities(tmp_path: Path) -> None:
    example = read_one(tmp_path, TEXT, "T1\tSign 0 15\tMuscle weakness\nT2\tSign 42 47\tfever\n")
    assert example.entities == (Entity.at("Sign", 0, 15), Entity.at("Sign", 42, 47))
    assert example.document.id == "note"
    assert example.document.text == TEXT
    assert len(example.document.sentences) == 2


def test_fragments_make_a_discontinuous_entity(tmp_path: Path) -> None:
    example = read_one(tmp_path, TEXT, "T1\tSign 0 6;20 27\tMuscle wasting\n")
    assert example.entities == (Entity("Sign", (Span(0, 6), Span(20, 27))),)


def test_fragments_may_stand_in_another_order_than_in_the_text(tmp_path: Path) -> None:
    # PHEE has 46 of these: offsets and text go by the order in which they were annotated.
    example = read_one(tmp_path, TEXT, "T1\tSign 20 27;0 6\twasting Muscle\n")
    assert example.entities == (Entity("Sign", (Span(0, 6), Span(20, 27))),)


def test_a_byte_order_mark_of_the_text_is_its_first_character(tmp_path: Path) -> None:
    # brat decodes texts as plain UTF-8, under which the mark is a character like any other.
    text, annotation = f"\ufeff{TEXT}".encode(), b"T1\tSign 1 16\tMuscle weakness\n"
    example = read_one(tmp_path / "in", text, annotation)
    assert example.document.text == f"\ufeff{TEXT}"
    assert example.entities == (Entity.at("Sign", 1, 16),)
    BratWriter().write(BratReader().open(tmp_path / "in", None, Findings()), tmp_path / "out")
    assert (tmp_path / "out" / "note.txt").read_bytes() == text
    assert (tmp_path / "out" / "note.ann").read_bytes() == annotation


def test_offsets_that_leave_out_the_byte_order_mark_are_refused(tmp_path: Path) -> None:
    error = fault(tmp_path, "T1\tSign 0 15\tMuscle weakness\n", f"\ufeff{TEXT}")
    assert "the text at 0 15 is '\\ufeffMuscle weaknes'" in error.what
    assert "does the byte-order mark at its beginning count" in str(error)


def test_nested_entities_are_all_kept(tmp_path: Path) -> None:
    lines = "T1\tSign 0 15\tMuscle weakness\nT2\tPart 0 6\tMuscle\nT3\tOther 0 6\tMuscle\n"
    example = read_one(tmp_path, TEXT, lines)
    assert [entity.label for entity in example.entities] == ["Sign", "Part", "Other"]


def test_all_other_kinds_of_lines_are_passed_over(tmp_path: Path) -> None:
    lines = [
        "E1\tFinding:T1 Theme:T2",
        "A1\tNegated T1",
        "M1\tNegated T1",
        "R1\tCauses Arg1:T1 Arg2:T2",
        "*\tEquiv T1 T2",
        "N1\tReference T1 DOID:1\tname",
        "#1\tAnnotatorNotes T1\tT9\tis not an entity",
        "",
        "T1\tSign 42 47\tfever",
    ]
    assert len(read_one(tmp_path, TEXT, "\n".join(lines)).entities) == 1


def test_line_ends_of_the_text_count_as_they_are(tmp_path: Path) -> None:
    example = read_one(tmp_path, b"One.\r\nNo fever.\r\n", b"T1\tSign 9 14\tfever\r\n")
    assert example.entities[0].surface(example.document.text) == "fever"
    assert len(example.document.text) == 17


def test_offsets_count_code_points_beyond_ascii(tmp_path: Path) -> None:
    example = read_one(tmp_path, "🧬 Sjögren", "T1\tDisease 2 9\tSjögren\n")
    assert example.entities[0].surface(example.document.text) == "Sjögren"


def test_a_line_end_inside_an_entity_is_a_space_in_its_annotation(tmp_path: Path) -> None:
    example = read_one(tmp_path, "muscle\nwasting", "T1\tSign 0 14\tmuscle wasting\n")
    assert example.entities[0].span == Span(0, 14)


def test_an_empty_annotation_file_is_a_document_without_entities(tmp_path: Path) -> None:
    assert read_one(tmp_path, TEXT, "").entities == ()


@pytest.mark.parametrize(
    "names", [("train", "dev", "test"), ("Training", "validation", "test-set")]
)
def test_subfolders_are_splits(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        write(tmp_path / name, "note", TEXT, "T1\tSign 42 47\tfever\n")
    corpus = read_corpus(BratReader(), tmp_path, None)
    assert set(corpus.splits) == {"train", "dev", "test"}
    ids = [e.document.id for examples in corpus.splits.values() for e in examples]
    assert sorted(ids) == sorted(f"{name}/note" for name in names)


def test_a_folder_without_subfolders_is_one_split(tmp_path: Path) -> None:
    write(tmp_path / "notes", "a", TEXT, "")
    write(tmp_path / "notes", "b", TEXT, "")
    corpus = read_corpus(BratReader(), tmp_path / "notes", None)
    assert {split: len(examples) for split, examples in corpus.splits.items()} == {"notes": 2}


def test_the_current_folder_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "notes", "a", TEXT, "")
    monkeypatch.chdir(tmp_path / "notes")
    corpus = read_corpus(BratReader(), Path(), None)
    assert corpus.name == "notes"
    assert list(corpus.splits) == ["notes"]


def test_texts_without_annotation_are_warned_about(tmp_path: Path) -> None:
    write(tmp_path, "note", TEXT, "")
    write(tmp_path, "lonely", TEXT, None)
    with pytest.warns(UserWarning, match=r"1 \.txt without \.ann not read \(lonely\.txt"):
        corpus = read_corpus(BratReader(), tmp_path, None)
    assert sum(map(len, corpus.splits.values())) == 1


def test_an_annotation_without_its_text_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "note", TEXT, "")
    (tmp_path / "note.txt").unlink()
    with pytest.raises(CorpusError, match=r"note\.ann: there is no note\.txt beside it"):
        read_corpus(BratReader(), tmp_path, None)


def test_offsets_outside_the_text_are_an_error_with_file_and_line(tmp_path: Path) -> None:
    error = fault(tmp_path, "T1\tSign 42 47\tfever\nT2\tSign 40 400\tNo fever\n")
    assert error.where == f"{tmp_path / 'note.ann'}:2"
    assert "outside the text of 48 characters" in error.what


def test_an_annotation_that_says_another_text_is_an_error_with_both(tmp_path: Path) -> None:
    error = fault(tmp_path, "T1\tSign 41 46\tfever\n")
    assert error.where == f"{tmp_path / 'note.ann'}:1"
    assert "' feve'" in error.what
    assert "'fever'" in error.what


@pytest.mark.parametrize(
    "line",
    [
        "T1",
        "T1\tSign",
        "T1\tSign 42 47",
        "T1 Sign 42 47 fever",
        "T1\tSign 42\tfever",
        "T1\tSign -1 47\tfever",
        "T1\tSign 4x 47\tfever",
        "T1\tSign 42 47;\tfever",
        "T1\tSign 47 42\tfever",
        "T1\tSign 42 42\tfever",
        "T1\tSign 0 6;3 15\tMuscle weakness",
        "T1\tSign 0 " + "9" * 5000 + "\tMuscle",
    ],
    ids=lambda line: line[:30].replace("\t", "|"),
)
def test_a_malformed_line_is_an_error_with_file_and_line(tmp_path: Path, line: str) -> None:
    error = fault(tmp_path, f"#1\tnote\n{line}\n")
    assert error.where == f"{tmp_path / 'note.ann'}:2"


@pytest.mark.parametrize("broken", [".txt", ".ann"])
def test_a_file_that_is_not_utf8_is_an_error_that_names_it(tmp_path: Path, broken: str) -> None:
    write(tmp_path, "note", TEXT, "T1\tSign 42 47\tfever\n")
    (tmp_path / f"note{broken}").write_bytes(b"\n\xe9")
    with pytest.raises(CorpusError) as caught:
        read_corpus(BratReader(), tmp_path, None)
    assert caught.value.where == f"{tmp_path / 'note'}{broken}:2"


def test_a_label_outside_the_label_set_is_an_error_with_line_and_suggestion(tmp_path: Path) -> None:
    write(tmp_path, "note", TEXT, "T1\tSing 42 47\tfever\n")
    with pytest.raises(CorpusError) as caught:
        read_corpus(BratReader(), tmp_path, LabelSet((Label("Sign"),)))
    assert caught.value.where == f"{tmp_path / 'note.ann'}:1"
    assert "did you mean 'Sign'?" in caught.value.hint


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "note", TEXT, "")
    with pytest.raises(CorpusError, match="give the folder"):
        read_corpus(BratReader(), tmp_path / "note.ann", None)


def test_a_folder_without_annotation_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="empty"):
        read_corpus(BratReader(), tmp_path, None)
