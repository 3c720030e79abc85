"""Files of other programs: what bioc, spaCy, datasets and csv write is read, and the other way."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from nerharness.corpora.sources import read_corpus
from nerharness.plugin.host import Host
from nerharness.runs.conversion import make_writer
from nerharness.runs.corpus import open_reader
from nerharness.segment import segment
from nerharness.types import Entity, Example, Source, Span

EXAMPLE = Example(
    segment("7", "Breast 🙂 and ovarian cancer."),
    (Entity("D", (Span(0, 6), Span(21, 27))), Entity.at("D", 13, 27)),
)


def read(host: Host, wanted: str) -> tuple[Example, ...]:
    reader, path = open_reader(host, wanted)
    (examples,) = read_corpus(reader, path, None).splits.values()
    return examples


def write(host: Host, writer: str, path: Path) -> None:
    make_writer(host, writer).write(Source("s", None, {"train": [EXAMPLE]}), path)


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_bioc_reads_what_is_written(host: Host, tmp_path: Path, kind: str) -> None:
    bioc = pytest.importorskip("bioc")
    library = pytest.importorskip(f"bioc.bioc{kind}")
    file = tmp_path / f"a.{kind}"
    write(host, f"bioc-{kind}", file)
    with file.open("rb" if kind == "xml" else "r") as stream:
        (document,) = library.load(stream).documents
    (passage,) = document.passages
    assert passage.text == EXAMPLE.document.text
    places = [[(at.offset, at.length) for at in one.locations] for one in passage.annotations]
    assert places == [[(0, 6), (21, 6)], [(13, 14)]]
    assert bioc


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_what_bioc_writes_is_read(host: Host, tmp_path: Path, kind: str) -> None:
    bioc = pytest.importorskip("bioc")
    library = pytest.importorskip(f"bioc.bioc{kind}")
    collection, document = bioc.BioCCollection(), bioc.BioCDocument()
    collection.source, collection.date, collection.key = "s", "d", "k"
    document.id = "9"
    for offset, text in ((0, "A title."), (9, "An ß abstract.")):
        document.add_passage(bioc.BioCPassage.of_text(text, offset))
    annotation = bioc.BioCAnnotation()
    annotation.id, annotation.text = "T1", "abstract"
    annotation.infons = {"type": "Word", "identifier": "D1"}
    annotation.add_location(bioc.BioCLocation(14, 8))
    document.passages[1].add_annotation(annotation)
    collection.add_document(document)
    file = tmp_path / f"a.{kind}"
    with file.open("w", encoding="utf-8") as stream:
        library.dump(collection, stream)
    (example,) = read(host, str(file))
    assert (example.document.id, example.document.text) == ("9", "A title.\nAn ß abstract.")
    assert example.entities == (Entity.at("Word", 14, 22),)
    assert [(note.kind, note.text) for note in example.notes] == [("identifier", "D1")]


def test_what_spacy_writes_is_read(host: Host, tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin
    from spacy.tokens import Span as Part

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    doc = pipeline("No rash.\nA 5mg dose.")
    doc.ents = [Part(doc, 1, 2, label="Sign")]
    DocBin(docs=[doc], attrs=["ENT_IOB", "ENT_TYPE", "SENT_START"]).to_disk(tmp_path / "a.spacy")
    (example,) = read(host, str(tmp_path / "a.spacy"))
    text = example.document.text
    assert text == "No rash.\nA 5mg dose."
    tokens = [text[token.start : token.end] for token in example.document.tokens]
    assert tokens == ["No", "rash", ".", "A", "5", "mg", "dose", "."]
    assert example.document.sentences == (Span(0, 8), Span(9, 20))
    assert example.entities == (Entity.at("Sign", 3, 7),)


def test_spacy_reads_what_is_written(host: Host, tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    write(host, "docbin", tmp_path / "a.spacy")
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert doc.text == EXAMPLE.document.text
    assert [(span.text, span.label_) for span in doc.ents] == [
        ("Breast", "D"),
        ("ovarian cancer", "D"),
    ]


def test_what_datasets_writes_is_read(host: Host, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    tags = datasets.ClassLabel(names=["O", "B-S", "I-S", "B-Never"])
    lists = getattr(datasets, "List", datasets.Sequence)
    features = datasets.Features(
        {"tokens": lists(datasets.Value("string")), "ner_tags": lists(tags)}
    )
    rows = {"tokens": [["No", "red", "rash"], ["Fine"]], "ner_tags": [[0, 1, 2], [0]]}
    found = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict({"validation": found}).save_to_disk(str(tmp_path / "d"))
    reader, path = open_reader(host, str(tmp_path / "d"))
    corpus = read_corpus(reader, path, None)
    assert corpus.labels.names == ("Never", "S")
    first, second = corpus.splits["dev"]
    assert first.document.text == "No red rash"
    assert first.entities == (Entity.at("S", 3, 11),)
    assert (second.document.id, second.entities) == ("dev-2", ())


def test_csv_reads_what_is_written(host: Host, tmp_path: Path) -> None:
    write(host, "csv", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["Token", "Tag", "Sentence_Num", "Sentence_Num_Global", "File"]
    assert [row["Tag"] for row in rows] == ["B-D", "O", "O", "B-D", "I-D", "O"]


def test_the_columns_of_the_first_raredis_tables_are_known(host: Host, tmp_path: Path) -> None:
    (tmp_path / "dev.csv").write_text(
        ",File ID,Sentence #,Word,POS,Start,End,Tag\n"
        "0,A,Sentence:1,No,DET,0,2,O\n1,A,Sentence:1,rash,NOUN,3,7,B-SIGN\n"
        "2,A,Sentence:1,.,PUNCT,7,8,O\n3,A,Sentence:2,Ok,X,10,12,O\n"
    )
    (example,) = read(host, str(tmp_path / "dev.csv"))
    assert example.document.text == "No rash.  Ok"
    assert example.document.sentences == (Span(0, 8), Span(10, 12))
    assert example.entities == (Entity.at("SIGN", 3, 7),)


@pytest.mark.parametrize("blank", ["", " "])
@pytest.mark.parametrize("files", ["", "A"])
def test_a_sentence_of_csv_may_have_its_number_at_its_first_token_alone(
    host: Host, tmp_path: Path, blank: str, files: str
) -> None:
    rows = (
        "Sentence: 1,Renal,JJ,B-D\n_,failure,NN,I-D\n_,.,.,O\nSentence: 2, ,_SP,O\n_,Gout,NN,B-D\n"
    )
    head, tail = (",File\n", f",{files}\n") if files else ("\n", "\n")
    content = "Sentence #,Word,POS,Tag" + head + rows.replace("_,", f"{blank},").replace("\n", tail)
    (tmp_path / "a.csv").write_text(content)
    (example,) = read(host, str(tmp_path / "a.csv"))
    assert example.document.text == "Renal failure . Gout"
    assert example.document.sentences == (Span(0, 15), Span(16, 20))
    assert example.entities == (Entity.at("D", 0, 13), Entity.at("D", 16, 20))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_whatever_parts_its_cells(host: Host, tmp_path: Path, delimiter: str) -> None:
    rows = [
        ("Sentence #", "Word", "Tag"),
        ("1", "Übelkeit", "B-D"),
        ("", delimiter, "O"),
        ("", '"', "O"),
        ("2", "1,5;2", "O"),
        ("", "Gicht", "B-D"),
    ]
    with (tmp_path / "a.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    (example,) = read(host, str(tmp_path / "a.csv"))
    part = delimiter.strip()  # a tab alone is no token
    assert example.document.text.split() == ["Übelkeit", *part, '"', "1,5;2", "Gicht"]
    assert len(example.document.sentences) == 2
    assert [entity.surface(example.document.text) for entity in example.entities] == [
        "Übelkeit",
        "Gicht",
    ]


def test_a_row_of_csv_without_a_number_goes_on_with_no_sentence_of_another_file(
    host: Host, tmp_path: Path
) -> None:
    rows = "1,Renal,B-D,a\n,failure,I-D,b\n1,Gout,I-D,b\n"
    (tmp_path / "a.csv").write_text("Sentence,Word,Tag,File\n" + rows)
    first, second = read(host, str(tmp_path / "a.csv"))
    assert (first.document.text, second.document.text) == ("Renal", "failure Gout")
    assert second.document.sentences == (Span(0, 7), Span(8, 12))
