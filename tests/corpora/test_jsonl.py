"""The `jsonl` reader: a malformed line is always a `CorpusError` with file and line."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.corpora.jsonl import JsonlReader
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.types import Entity, Example, Span

GOOD: dict[str, Any] = {
    "id": "n1",
    "text": "Muscle weakness and wasting. No fever.",
    "entities": [
        {"label": "sign", "start": 0, "end": 15, "text": "Muscle weakness"},
        {"label": "sign", "fragments": [[0, 6], [20, 27]]},
        {"label": "symptom", "start": 32, "end": 37},
    ],
    "tokens": [[0, 6], [7, 15], [16, 19], [20, 27], [27, 28], [29, 31], [32, 37], [37, 38]],
    "sentences": [[0, 28], [29, 38]],
}


def read(file: Path, *lines: str | dict[str, Any]) -> tuple[Example, ...]:
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_bytes("\n".join(written).encode())
    (examples,) = read_corpus(JsonlReader(), file, None).splits.values()
    return examples


def fault(tmp_path: Path, *lines: str | dict[str, Any]) -> CorpusError:
    with pytest.raises(CorpusError) as caught:
        read(tmp_path / "notes.jsonl", *lines)
    return caught.value


def test_a_line_is_a_document_with_all_its_fields(tmp_path: Path) -> None:
    (example,) = read(tmp_path / "notes.jsonl", GOOD)
    assert example.document.id == "n1"
    assert example.document.text == GOOD["text"]
    assert example.document.tokens[1] == Span(7, 15)
    assert example.document.sentences == (Span(0, 28), Span(29, 38))
    assert example.entities == (
        Entity.at("sign", 0, 15),
        Entity("sign", (Span(0, 6), Span(20, 27))),
        Entity.at("symptom", 32, 37),
    )


def test_without_tokens_and_sentences_the_default_segmentation_is_used(tmp_path: Path) -> None:
    (example,) = read(tmp_path / "notes.jsonl", {"text": "No fever. Well."})
    text = example.document.text
    tokens = [text[token.start : token.end] for token in example.document.tokens]
    assert tokens == ["No", "fever", ".", "Well", "."]
    assert len(example.document.sentences) == 2


def test_offsets_count_code_points_beyond_ascii(tmp_path: Path) -> None:
    entity = {"label": "d", "start": 2, "end": 9, "text": "Sjögren"}
    (example,) = read(tmp_path / "notes.jsonl", {"text": "🧬 Sjögren", "entities": [entity]})
    assert example.entities[0].surface(example.document.text) == "Sjögren"


def test_a_document_without_an_id_gets_one_from_file_and_line(tmp_path: Path) -> None:
    examples = read(tmp_path / "notes.jsonl", {"text": "a"}, "", {"text": "b"})
    assert [example.document.id for example in examples] == ["notes-1", "notes-3"]


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_no_fault(tmp_path: Path) -> None:
    examples = read(tmp_path / "notes.jsonl", '\ufeff{"text": "a"}\r', "", '{"text": "b"}\r', " ")
    assert [example.document.text for example in examples] == ["a", "b"]


def test_line_separators_inside_a_string_do_not_part_lines(tmp_path: Path) -> None:
    (example,) = read(tmp_path / "notes.jsonl", '{"text": "a\u2028b\u0085c"}')
    assert example.document.text == "a\u2028b\u0085c"


def test_a_folder_has_the_splits_that_its_file_names_say(tmp_path: Path) -> None:
    for name in ("train.jsonl", "dev.ndjson", "test.jsonl"):
        (tmp_path / name).write_text('{"text": "a"}\n', encoding="utf-8")
    assert set(read_corpus(JsonlReader(), tmp_path, None).splits) == {"train", "dev", "test"}


def test_an_id_that_stands_twice_is_an_error_with_file_and_line(tmp_path: Path) -> None:
    error = fault(tmp_path, {"id": "n1", "text": "a"}, {"text": "b"}, {"id": "n1", "text": "c"})
    assert error.where == f"{tmp_path / 'notes.jsonl'}:3"
    assert "'n1' stands twice" in error.what


@pytest.mark.parametrize("lines", [[], ["", " "]])
def test_a_file_without_a_document_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    assert "empty" in fault(tmp_path, *lines).what


def changed(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def entity(**fields: Any) -> dict[str, Any]:
    return changed(entities=[{"label": "sign", "start": 0, "end": 6, **fields}])


BAD_LINES: dict[str, str | dict[str, Any]] = {
    "not JSON": "{",
    "cut off": json.dumps(GOOD)[:-9],
    "two objects": '{"text": "a"} {"text": "b"}',
    "nested too deeply": "[" * 100_000,
    "a list": "[]",
    "null": "null",
    "a number": "5",
    "a string": '"text"',
    "no text": {"id": "n2"},
    "text is null": changed(text=None),
    "text is a number": changed(text=7),
    "text with half a character": '{"text": "a \\ud83d b"}',
    "id is null": changed(id=None),
    "id is a list": changed(id=["n1"]),
    "entities is null": changed(entities=None),
    "entities is an object": changed(entities={}),
    "entities is a string": changed(entities=""),
    "an entity is a string": changed(entities=["fever"]),
    "no label": changed(entities=[{"start": 0, "end": 6}]),
    "label is empty": entity(label=""),
    "label is null": entity(label=None),
    "label is a list": entity(label=["sign"]),
    "no end": changed(entities=[{"label": "sign", "start": 0}]),
    "start after end": entity(start=9),
    "empty span": entity(start=6),
    "negative start": entity(start=-1),
    "end outside the text": entity(end=39),
    "start is a string": entity(start="0"),
    "start is a fraction": entity(start=0.5),
    "start is true": entity(start=True),
    "end is null": entity(end=None),
    "end is infinite": entity(end=float("inf")),
    "end is not a number": entity(end=float("nan")),
    "end has too many digits": json.dumps(entity(end=6)).replace("6}", "9" * 5000 + "}"),
    "text of the entity differs": entity(text="muscle"),
    "text of the entity is no text": entity(text=5),
    "no fragment": entity(fragments=[]),
    "a fragment of one": entity(fragments=[[0]]),
    "a fragment of three": entity(fragments=[[0, 6, 7]]),
    "fragments are flat": entity(fragments=[0, 6]),
    "fragments overlap": entity(fragments=[[0, 6], [5, 9]]),
    "fragments are unordered": entity(fragments=[[7, 15], [0, 6]]),
    "tokens is null": changed(tokens=None),
    "tokens is a string": changed(tokens="Muscle"),
    "a token outside the text": changed(tokens=[[0, 6], [7, 99]]),
    "a token outside the text, not the last": changed(tokens=[[0, 99], [7, 15]]),
    "tokens overlap": changed(tokens=[[0, 6], [4, 8]]),
    "tokens are unordered": changed(tokens=[[7, 15], [0, 6]]),
    "sentences overlap": changed(sentences=[[0, 28], [20, 38]]),
    "a sentence outside the text": changed(sentences=[[0, 39]]),
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_malformed_line_is_an_error_with_file_and_line(
    tmp_path: Path, line: str | dict[str, Any]
) -> None:
    error = fault(tmp_path, {"id": "n0", "text": "before"}, line)
    assert error.where == f"{tmp_path / 'notes.jsonl'}:2"
    assert error.what


def test_the_message_says_which_field_is_missing(tmp_path: Path) -> None:
    assert "no field 'text'" in fault(tmp_path, {"id": "n2"}).what
    assert "no field 'end'" in fault(tmp_path, str(BAD_LINES["no end"]).replace("'", '"')).what


def test_the_message_says_what_stands_at_wrong_offsets(tmp_path: Path) -> None:
    assert (
        "'Muscle', but the annotation says 'muscle'" in fault(tmp_path, entity(text="muscle")).what
    )
    assert "outside the text of 38 characters" in fault(tmp_path, entity(end=39)).what


NASTY = [float("inf"), float("nan"), 1e308, 0.5, "0", "\ud83d", "a\ud83d", 10**400, True, None, {}]
scalars = st.sampled_from(NASTY) | st.integers(-3, 60) | st.floats() | st.text(max_size=4)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)
)
PATHS: list[tuple[str | int, ...]] = [
    ("id",),
    ("text",),
    ("entities",),
    ("entities", 0),
    ("entities", 0, "label"),
    ("entities", 0, "start"),
    ("entities", 0, "end"),
    ("entities", 0, "text"),
    ("entities", 1, "fragments"),
    ("entities", 1, "fragments", 1),
    ("entities", 1, "fragments", 1, 0),
    ("tokens",),
    ("tokens", 2),
    ("tokens", 2, 1),
    ("sentences",),
    ("sentences", 1, 0),
]


@st.composite
def mutated_lines(draw: st.DrawFn) -> str:
    """A good line with one value replaced or removed, and maybe some of its characters changed."""
    record = json.loads(json.dumps(GOOD))
    *way, last = draw(st.sampled_from(PATHS))
    place: Any = record
    for step in way:
        place = place[step]
    if draw(st.integers(0, 4)):
        place[last] = draw(values)
    else:
        del place[last]
    line = json.dumps(record, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 5)))
        line = line[:start] + draw(st.text(max_size=3)) + line[end:]
    return line.replace("\n", " ")


@given(line=mutated_lines())
@settings(max_examples=300, deadline=None)
def test_a_mutated_line_is_read_soundly_or_is_an_error_with_file_and_line(
    tmp_path_factory: pytest.TempPathFactory, line: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "mutated.jsonl"
    data = ('{"id": "n0", "text": "before"}\n' + line).encode("utf-8", errors="surrogatepass")
    file.write_bytes(data)
    try:
        ((_, *rest),) = read_corpus(JsonlReader(), file, None).splits.values()
    except CorpusError as error:
        # A label that is too like another is a fault of the corpus, not of a line.
        assert error.where == f"{file}:2" or "too alike" in error.what
        return
    for example in rest:
        assert_sound(example)


def assert_sound(example: Example) -> None:
    document = example.document
    document.text.encode()
    for spans in (document.tokens, document.sentences):
        assert all(left.end <= right.start for left, right in pairwise(spans))
        assert all(span.end <= len(document.text) for span in spans)
    for one in example.entities:
        assert type(one.label) is str
        assert one.span.end <= len(document.text)
        assert all(type(p.start) is type(p.end) is int for p in one.fragments)
