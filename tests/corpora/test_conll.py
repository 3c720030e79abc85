"""The `conll` reader: case tables, and a property over sentences that an own few lines encode."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.corpora.conll import ConllReader
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError, UsageError
from nerharness.types import Example, Label, LabelSet, Span

GOLD = [("Disease", "cystic fibrosis"), ("Sign", "cough")]
WORDS = ["Severe", "cystic", "fibrosis", "and", "cough", "."]
SCHEMES = {
    "IOB2": ["O", "B-Disease", "I-Disease", "O", "B-Sign", "O"],
    "IOB1": ["O", "I-Disease", "I-Disease", "O", "I-Sign", "O"],
    "BIOES": ["O", "B-Disease", "E-Disease", "O", "S-Sign", "O"],
    "BILOU": ["O", "B-Disease", "L-Disease", "O", "U-Sign", "O"],
}


def examples_of(file: Path, content: str | bytes) -> tuple[Example, ...]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (examples,) = read_corpus(ConllReader(), file, None).splits.values()
    return examples


def named(example: Example) -> list[tuple[str, str]]:
    return [(e.label, e.surface(example.document.text)) for e in example.entities]


def fault(tmp_path: Path, content: str | bytes) -> CorpusError:
    file = tmp_path / "notes.conll"
    with pytest.raises(CorpusError) as caught:
        examples_of(file, content)
    return caught.value


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("separator", ["\t", " ", "   ", "\tNN\t_\t", " NN B-NP "])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_scheme_separator_and_line_end_gives_the_same_entities(
    tmp_path: Path, scheme: str, separator: str, line_end: str
) -> None:
    rows = [f"{word}{separator}{tag}" for word, tag in zip(WORDS, SCHEMES[scheme], strict=True)]
    (example,) = examples_of(tmp_path / "notes.txt", line_end.join([*rows, "", ""]))
    assert example.document.text == "Severe cystic fibrosis and cough ."
    assert named(example) == GOLD


def test_a_document_has_its_tokens_and_sentences_as_spans(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "-DOCSTART-\tO\n\nNo\tO\nrash\tB-Sign\n\nOk\tO\n")
    document = example.document
    assert document.text == "No rash\nOk"
    assert document.tokens == (Span(0, 2), Span(3, 7), Span(8, 10))
    assert document.sentences == (Span(0, 7), Span(8, 10))
    assert example.entities[0].span == Span(3, 7)


def test_a_byte_order_mark_is_no_part_of_the_first_token(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", b"\xef\xbb\xbfRash\tB-Sign\n")
    assert named(example) == [("Sign", "Rash")]


def test_a_missing_last_line_end_loses_nothing(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "no\tO\nrash\tB-Sign")
    assert named(example) == [("Sign", "rash")]


@pytest.mark.parametrize("blank", ["", "\t", " ", "\t\t", " \t ", "\u00a0"])
def test_a_line_of_white_space_alone_ends_a_sentence(tmp_path: Path, blank: str) -> None:
    examples = examples_of(tmp_path / "a.tsv", f"a\tO\n{blank}\nb\tO\n{blank}\n\nc\tO\n")
    assert [example.document.text for example in examples] == ["a", "b", "c"]


@pytest.mark.parametrize("mark", ["-DOCSTART- -X- O O", "-DOCSTART-\tO", "-DOCSTART-"])
@pytest.mark.parametrize("gap", ["\n", ""])
def test_docstart_lines_part_documents(tmp_path: Path, mark: str, gap: str) -> None:
    content = f"{mark}\n{gap}a O\n\nb B-X\n\n{mark}\n{gap}c O\n"
    examples = examples_of(tmp_path / "a.txt", content)
    assert [example.document.text for example in examples] == ["a\nb", "c"]
    assert [len(example.document.sentences) for example in examples] == [2, 1]
    assert named(examples[0]) == [("X", "b")]


def test_without_docstart_each_sentence_is_a_document_with_an_id_of_its_own(tmp_path: Path) -> None:
    examples = examples_of(tmp_path / "notes.tsv", "a\tO\n\n" * 12)
    ids = [example.document.id for example in examples]
    assert ids[0] == "notes-01"
    assert len(set(ids)) == 12


def test_entities_that_touch_stay_two(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "a\tB-X\nb\tB-X\nc\tI-X\nd\tI-Y\n")
    assert named(example) == [("X", "a"), ("X", "b c"), ("Y", "d")]


@pytest.mark.parametrize("tags", ["S B E S S B I E", "U B L U U B I L"])
def test_ends_and_singles_part_entities_of_one_label(tmp_path: Path, tags: str) -> None:
    rows = [f"{word}\t{tag}-X\n" for word, tag in zip("abcdefgh", tags.split(), strict=True)]
    (example,) = examples_of(tmp_path / "a.tsv", "".join(rows))
    assert [surface for _, surface in named(example)] == ["a", "b c", "d", "e", "f g h"]


def test_a_token_may_hold_spaces_where_tabs_part_the_columns(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "1 / 2\t_\tO\nSjögren syndrome\t_\tB-X\n")
    assert len(example.document.tokens) == 2
    assert named(example) == [("X", "Sjögren syndrome")]


def test_no_entity_crosses_a_sentence(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "-DOCSTART-\tO\n\na\tB-X\n\nb\tI-X\n")
    assert named(example) == [("X", "a"), ("X", "b")]


@pytest.mark.parametrize("token", ["#id=5", "#text=5", "#newdoc", "#"])
def test_a_token_that_looks_like_a_comment_is_kept_where_tabs_part_the_columns(
    tmp_path: Path, token: str
) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", f"a\tO\n{token}\tB-X\nb\tO\n")
    assert example.document.text == f"a {token} b"
    assert named(example) == [("X", token)]


def test_offsets_count_code_points_beyond_ascii(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "🧬é\tO\nSjögren\tB-Disease\n")
    assert example.entities[0].span == Span(3, 10)
    assert named(example) == [("Disease", "Sjögren")]


def test_a_label_may_hold_hyphens_and_colons(tmp_path: Path) -> None:
    (example,) = examples_of(tmp_path / "a.tsv", "a\tB-rare-disease:skin\n")
    assert named(example) == [("rare-disease:skin", "a")]


def test_a_folder_has_the_splits_that_its_file_names_say(tmp_path: Path) -> None:
    for name in ("NCBI_train.tsv", "devel.tsv", "test.tsv", "notes.md"):
        (tmp_path / name).write_text(f"{name}\tB-X\n", encoding="utf-8")
    corpus = read_corpus(ConllReader(), tmp_path, None)
    texts = {split: examples[0].document.text for split, examples in corpus.splits.items()}
    assert texts == {"train": "NCBI_train.tsv", "dev": "devel.tsv", "test": "test.tsv"}
    assert corpus.name == tmp_path.name
    assert corpus.labels.names == ("X",)


@pytest.mark.parametrize(
    ("name", "split"),
    [("a.tsv", "a"), ("My-Test.tsv", "test"), ("valid.tsv", "dev"), ("traindev.tsv", "traindev")],
)
def test_a_single_file_is_one_split(tmp_path: Path, name: str, split: str) -> None:
    file = tmp_path / name
    file.write_text("a\tO\n", encoding="utf-8")
    assert list(read_corpus(ConllReader(), file, None).splits) == [split]


def test_two_files_for_one_split_are_an_error_that_names_both(tmp_path: Path) -> None:
    for name in ("train1.tsv", "train2.tsv"):
        (tmp_path / name).write_text("a\tO\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"train1\.tsv and train2\.tsv are both train"):
        read_corpus(ConllReader(), tmp_path, None)


def test_a_folder_without_a_split_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.tsv").write_text("a\tO\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="named train, dev or test"):
        read_corpus(ConllReader(), tmp_path, None)


@pytest.mark.parametrize("line", ["rash", "rash\t", "rash\t\t"])
def test_a_line_with_one_column_is_an_error_with_file_and_line(tmp_path: Path, line: str) -> None:
    error = fault(tmp_path, f"no\tO\n\n{line}\n")
    assert error.where == f"{tmp_path / 'notes.conll'}:3"
    assert "one column" in error.what


@pytest.mark.parametrize("token", ["", " ", "\u00a0", "\u2003", " \u00a0 "])
def test_a_token_of_white_space_alone_is_an_error_with_file_and_line(
    tmp_path: Path, token: str
) -> None:
    error = fault(tmp_path, f"no\tO\n{token}\tO\n")
    assert error.where == f"{tmp_path / 'notes.conll'}:2"


@pytest.mark.parametrize("tag", ["B", "B-", "Disease", "X-Disease", "o", "0", "B_Disease", "B- x"])
def test_a_bad_tag_is_an_error_with_file_and_line(tmp_path: Path, tag: str) -> None:
    error = fault(tmp_path, f"no\tO\nrash\t{tag}\n")
    assert error.where == f"{tmp_path / 'notes.conll'}:2"
    assert "is not a tag" in error.what


def test_a_file_that_is_not_utf8_is_an_error_with_file_and_line(tmp_path: Path) -> None:
    error = fault(tmp_path, b"no\tO\nSj\xf6gren\tO\n")
    assert error.where == f"{tmp_path / 'notes.conll'}:2"
    assert "0xf6" in error.what


@pytest.mark.parametrize("content", [b"", b"\n\n", b"-DOCSTART-\tO\n\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_token_is_an_error(tmp_path: Path, content: bytes) -> None:
    assert "empty" in fault(tmp_path, content).what


def test_a_label_outside_the_label_set_is_an_error_with_line_and_suggestion(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("no\tO\nrash\tB-Sing\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_corpus(ConllReader(), file, LabelSet((Label("Sign"), Label("Disease"))))
    assert caught.value.where == f"{file}:2"
    assert "did you mean 'Sign'?" in caught.value.hint


def test_the_reader_needs_a_path() -> None:
    with pytest.raises(UsageError, match="needs a path"):
        read_corpus(ConllReader(), None, None)


@pytest.mark.parametrize(
    ("content", "tagged"),
    [
        ("a\tO\nb\tB-X\n", True),
        ("a O\n\n\n", True),
        ("Take one O\nand another of these\nand so on\n", False),
        ('{"text": "a"}\n', False),
        ("", False),
    ],
)
def test_detection_goes_by_the_last_column(tmp_path: Path, content: str, tagged: bool) -> None:
    file = tmp_path / "notes"
    file.write_text(content, encoding="utf-8")
    assert ConllReader().detect(file) is tagged


words = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=6)
labels = st.sampled_from(["Disease", "Sign-of", "x"])
pieces = st.tuples(st.none() | labels, st.lists(words, min_size=1, max_size=3))
sentences = st.lists(pieces, min_size=1, max_size=5)


def iob2(sentence: Sequence[tuple[str | None, list[str]]]) -> list[tuple[str, str]]:
    rows = []
    for label, tokens in sentence:
        for place, token in enumerate(tokens):
            tag = "O" if label is None else f"{'I' if place else 'B'}-{label}"
            rows.append((token, tag))
    return rows


@settings(deadline=None)
@given(
    text=st.lists(sentences, min_size=1, max_size=4),
    separator=st.sampled_from(["\t", " ", "\tX\t"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_what_is_written_in_iob2_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    text: list[list[tuple[str | None, list[str]]]],
    separator: str,
    line_end: str,
    mark: bytes,
) -> None:
    blocks = [
        line_end.join(f"{token}{separator}{tag}" for token, tag in iob2(sentence))
        for sentence in text
    ]
    file = tmp_path_factory.getbasetemp() / "property.conll"
    content = (line_end * 2).join(blocks) + line_end
    examples = examples_of(file, mark + content.encode())
    assert [e.document.text for e in examples] == [
        " ".join(token for token, _ in iob2(sentence)) for sentence in text
    ]
    for example, sentence in zip(examples, text, strict=True):
        wanted = [(label, " ".join(tokens)) for label, tokens in sentence if label]
        assert named(example) == wanted
        tokens = [example.document.text[t.start : t.end] for t in example.document.tokens]
        assert tokens == [token for token, _ in iob2(sentence)]
