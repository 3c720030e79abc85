"""What is written and read back: equal where nothing is lost, and all that is lost is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpora.trips import WRITERS, back, needs, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerharness.corpora.brat import BratReader
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError, NerharnessError, UsageError
from nerharness.losses import Losses
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.segment import segment
from nerharness.types import Document, Entity, Example, Note, Span

FLAT = ["conll", "csv", "datasets"]
FULL = ["jsonl", "brat", "bioc-xml", "bioc-json"]


def round_trip(host: Host, writer: str, example: Example, folder: Path) -> tuple[Example, Losses]:
    target = folder / "train"
    losses = write(host, writer, [example], target)
    (found,) = back(host, writer, target)
    return found, losses


PLAIN = Example(segment("d1", "Rare disease ."), (Entity.at("Disease", 5, 12),))
SPACED = Example(
    Document("d1", "No rash\n(mild).", segment("d1", "No rash\n(mild).").tokens, (Span(0, 15),)),
    (Entity.at("Sign", 3, 7),),
)
NESTED = Example(
    segment("d1", "breast and ovarian cancer"),
    (
        Entity("D", (Span(0, 6), Span(19, 25))),
        Entity.at("D", 11, 25),
        Entity.at("Part", 11, 18),
        Entity.at("D", 7, 18),
    ),
)


@pytest.mark.parametrize("writer", WRITERS)
def test_what_every_format_can_hold_comes_back_equal(
    host: Host, tmp_path: Path, writer: str
) -> None:
    found, losses = round_trip(host, writer, PLAIN, tmp_path)
    assert found == PLAIN
    assert not losses


@pytest.mark.parametrize("writer", FULL)
def test_formats_with_offsets_hold_nested_and_discontinuous_entities(
    host: Host, tmp_path: Path, writer: str
) -> None:
    found, losses = round_trip(host, writer, NESTED, tmp_path)
    assert found == NESTED
    assert not losses


@pytest.mark.parametrize("writer", FLAT)
def test_flat_formats_say_what_they_leave_out(host: Host, tmp_path: Path, writer: str) -> None:
    found, losses = round_trip(host, writer, NESTED, tmp_path)
    assert found.entities == (Entity.at("D", 0, 6), Entity.at("D", 11, 25))
    assert losses == {"discontinuous": 1, "nested": 1, "crossing": 1}


@pytest.mark.parametrize("writer", ["pubtator", "docbin"])
def test_formats_of_one_fragment_keep_what_overlaps(
    host: Host, tmp_path: Path, writer: str
) -> None:
    found, losses = round_trip(host, writer, NESTED, tmp_path)
    assert found.entities == (Entity.at("D", 0, 6), *NESTED.entities[1:])
    assert losses == {"discontinuous": 1}


@pytest.mark.parametrize("writer", FLAT)
def test_a_text_that_is_not_its_tokens_changes_and_is_counted(
    host: Host, tmp_path: Path, writer: str
) -> None:
    found, losses = round_trip(host, writer, SPACED, tmp_path)
    assert found.document.text == "No rash ( mild ) ."
    assert losses == {"text": 1}


@pytest.mark.parametrize("writer", ["brat", "bioc-json", "pubtator"])
def test_other_tokens_and_sentences_than_the_default_are_counted(
    host: Host, tmp_path: Path, writer: str
) -> None:
    document = Document("d1", "No rash. None", (Span(0, 8), Span(9, 13)), (Span(0, 13),))
    found, losses = round_trip(host, writer, Example(document, ()), tmp_path)
    assert found.document == segment("d1", document.text)
    assert losses == {"tokens": 1, "sentences": 1}


def test_an_entity_that_cuts_through_a_token_is_widened_and_counted(
    host: Host, tmp_path: Path
) -> None:
    example = Example(segment("d", "hyperglycaemia"), (Entity.at("Sign", 5, 14),))
    found, losses = round_trip(host, "conll", example, tmp_path)
    assert found.entities == (Entity.at("Sign", 0, 14),)
    assert losses == {"cut tokens": 1}


def test_an_entity_over_a_sentence_end_is_cut_and_counted(host: Host, tmp_path: Path) -> None:
    document = Document(
        "d", "a b\nc", (Span(0, 1), Span(2, 3), Span(4, 5)), (Span(0, 3), Span(4, 5))
    )
    found, losses = round_trip(host, "conll", Example(document, (Entity.at("X", 2, 5),)), tmp_path)
    assert found == Example(document, (Entity.at("X", 2, 3),))
    assert losses == {"sentence ends": 1}


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "BILOU"])
@pytest.mark.parametrize("writer", ["conll", "csv"])
def test_every_scheme_comes_back(host: Host, tmp_path: Path, writer: str, scheme: str) -> None:
    bounds = [(0, 1), (2, 5), (6, 7), (10, 13)]
    entities = tuple(Entity.at("AABA"[i], *pair) for i, pair in enumerate(bounds))
    example = Example(segment("d", "a b c d e f g"), entities)
    found, losses = round_trip(host, f"{writer}:scheme={scheme}", example, tmp_path)
    assert (found, losses) == (example, {})


@pytest.mark.parametrize("writer", ["jsonl", "brat", "bioc-xml", "bioc-json", "pubtator"])
def test_notes_on_entities_are_kept(host: Host, tmp_path: Path, writer: str) -> None:
    example = Example(PLAIN.document, PLAIN.entities, (Note("identifier", "D012", 0),))
    assert round_trip(host, writer, example, tmp_path) == (example, {})


words = st.text(st.sampled_from("aß🙂.é\u0301-1"), min_size=1, max_size=5)
texts = st.lists(words, max_size=8).map(" ".join) | st.text(
    st.sampled_from("ab. \n\u00a0\t"), max_size=20
)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    text = draw(texts)
    entities = []
    for _ in range(draw(st.integers(0, 4)) if text else 0):
        cuts = draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=4, unique=True))
        cuts.sort()
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        entities.append(Entity(draw(st.sampled_from("AB")), tuple(Span(*pair) for pair in pairs)))
    return Example(segment("id 1", text), tuple(entities))


@pytest.mark.parametrize("writer", WRITERS[:-2])
@given(example=examples())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_comes_back_different_was_counted(
    host: Host, tmp_path_factory: pytest.TempPathFactory, writer: str, example: Example
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    target = folder / "train"
    losses = write(host, writer, [example], target)
    if losses["documents"]:
        return
    (found,) = back(host, writer, target)
    if not losses:
        assert found.document == example.document
        assert sorted(found.entities) == sorted(example.entities)
    again = folder / "again"
    assert not write(host, writer, [found], again)
    assert back(host, writer, again)[0].entities == found.entities


@pytest.mark.parametrize("writer", WRITERS)
def test_a_target_that_is_there_is_left_alone(host: Host, tmp_path: Path, writer: str) -> None:
    needs(writer)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        convert(host, "sample", tmp_path / "out", writer)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("writer", [*WRITERS, "label-studio", "prodigy", "doccano"])
def test_nothing_half_written_stays_after_an_error(host: Host, tmp_path: Path, writer: str) -> None:
    needs(writer)
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "one"}\n{"text": ')
    with pytest.raises(CorpusError, match=r"in\.jsonl:2: not JSON"):
        convert(host, str(source), tmp_path / "out", writer)
    assert [file.name for file in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize("token", ["-DOCSTART-", "# id = 5", "# newdoc = a", "# text = a"])
def test_a_token_that_would_be_no_token_is_an_error(host: Host, tmp_path: Path, token: str) -> None:
    tokens = (Span(0, 1), Span(2, 2 + len(token)))
    document = Document("d", f"a {token}", tokens, (Span(0, tokens[1].end),))
    with pytest.raises(CorpusError, match=f"a token '{token}' would be read as a line"):
        write(host, "conll", [Example(document, ())], tmp_path / "train")
    assert not list(tmp_path.iterdir())


def test_lossless_writes_nothing_where_something_would_be_lost(host: Host, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot hold all of it.*nested 38"):
        convert(host, "sample", tmp_path / "out", "conll", lossless=True)
    assert not list(tmp_path.iterdir())
    assert not convert(host, "sample", tmp_path / "out", "jsonl", lossless=True).losses


@pytest.mark.parametrize("id", ["../up", "/etc/x", "a/../../b", "..", "c:d", "a\nb", " ", "."])
def test_brat_never_writes_outside_its_folder(host: Host, tmp_path: Path, id: str) -> None:
    losses = write(host, "brat", [Example(segment(id, "text"), ())], tmp_path / "in" / "out")
    assert losses["ids"] == 1
    assert [file.name for file in tmp_path.iterdir()] == ["in"]
    assert [file.name for file in (tmp_path / "in").iterdir()] == ["out"]
    assert len(list(tmp_path.rglob("*.ann"))) == 1


def test_one_split_may_be_a_file_and_several_are_a_folder(host: Host, tmp_path: Path) -> None:
    write(host, "jsonl", [PLAIN], tmp_path / "one.jsonl")
    assert (tmp_path / "one.jsonl").is_file()
    convert(host, "sample", tmp_path / "all", "jsonl")
    assert {f.name for f in (tmp_path / "all").iterdir()} == {
        "train.jsonl",
        "dev.jsonl",
        "test.jsonl",
    }


def test_label_studio_prodigy_and_doccano_get_what_their_documents_show(
    host: Host, tmp_path: Path
) -> None:
    for writer in ("label-studio", "prodigy", "doccano"):
        assert not write(host, writer, [PLAIN], tmp_path / f"{writer}.json")
    (task,) = json.loads((tmp_path / "label-studio.json").read_text())
    assert task["data"]["text"] == "Rare disease ."
    assert task["annotations"][0]["result"][0]["value"] == {
        "start": 5,
        "end": 12,
        "text": "disease",
        "labels": ["Disease"],
    }
    line = json.loads((tmp_path / "prodigy.json").read_text())
    assert line["spans"] == [
        {"start": 5, "end": 12, "token_start": 1, "token_end": 1, "label": "Disease"}
    ]
    assert [token["ws"] for token in line["tokens"]] == [True, True, False]
    record = json.loads((tmp_path / "doccano.json").read_text())
    assert record["label"] == [[5, 12, "Disease"]]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("conl", "unknown writer 'conl'; did you mean 'conll'"),
        ("conll:scheme=X", "^conll:scheme=X: 'X' is not a choice"),
        ("conll:colour=1", "^writer 'conll': unknown option 'colour'"),
        ("conll:policy=shortest", "^conll:policy=shortest: 'shortest' is no policy"),
        ("a:conll", "is no writer"),
    ],
)
def test_a_writer_that_cannot_be_is_an_error(
    host: Host, tmp_path: Path, to: str, message: str
) -> None:
    with pytest.raises(NerharnessError, match=message):
        convert(host, "sample", tmp_path / "out", to)


def test_a_policy_that_is_none_is_named_as_it_was_given(host: Host, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^--policy: 'shortest' is no policy"):
        convert(host, "sample", tmp_path / "out", "conll", policy="shortest")


def test_annotators_of_one_text_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("no rash")
    (tmp_path / "n.ann").write_text("T1\tSign 3 7\trash\n#1\tAnnotatorNotes T1\tred\n")
    (tmp_path / "n.kim.ann").write_text("T1\tDisease 3 7\trash\n")
    with pytest.raises(CorpusError, match="2 annotators: , kim"):
        read_corpus(BratReader(), tmp_path, None)
    for who, labels in {"kim": ["Disease"], "all": ["Sign", "Disease"]}.items():
        ((example,),) = read_corpus(BratReader(who), tmp_path, None).splits.values()
        assert [entity.label for entity in example.entities] == labels
    assert example.notes == (Note("AnnotatorNotes", "red", 0),)
