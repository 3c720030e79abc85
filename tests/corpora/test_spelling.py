"""Labels and notes that a format cannot hold as they are: what becomes of them is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from nerharness.errors import CorpusError
from nerharness.losses import Losses
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert, make_writer
from nerharness.runs.corpus import load_corpus
from nerharness.segment import segment
from nerharness.types import Entity, Example, Note, Source


def example(*labels: str, notes: tuple[Note, ...] = ()) -> Example:
    """Return a document whose words are entities of these labels."""
    entities = (Entity.at(label, 2 * place, 2 * place + 1) for place, label in enumerate(labels))
    return Example(segment("d", " ".join("x" for _ in labels)), tuple(entities), notes)


def write(host: Host, writer: str, target: Path, **splits: Example) -> Losses:
    source = Source("s", None, {split: [one] for split, one in splits.items()})
    return make_writer(host, writer).write(source, target)


def trip(host: Host, writer: str, folder: Path, given: Example) -> tuple[Example, Losses]:
    """Write the example and read it back."""
    losses = write(host, writer, folder / "train", train=given)
    ((found,),) = load_corpus(host, f"{folder / 'train'}:{writer}", None).splits.values()
    return found, losses


@pytest.mark.parametrize(
    ("writer", "label", "written"),
    [
        ("brat", "rare disease", "rare_disease"),
        ("brat", " a\u00a0b\tc ", "a_b_c"),
        ("brat", " ", "_"),
        ("pubtator", "rare\tdisease", "rare disease"),
        ("pubtator", "\n", " "),
    ],
)
def test_a_label_that_is_written_otherwise_is_counted(
    host: Host, tmp_path: Path, writer: str, label: str, written: str
) -> None:
    found, losses = trip(host, writer, tmp_path, example(label, "b", label))
    assert [entity.label for entity in found.entities] == [written, "b", written]
    assert losses == {"labels": 2}


@pytest.mark.parametrize(
    ("writer", "one", "other"),
    [("brat", "rare disease", "rare_disease"), ("pubtator", "a\nb", "a b")],
)
def test_two_labels_that_would_become_one_are_an_error_and_nothing_is_written(
    host: Host, tmp_path: Path, writer: str, one: str, other: str
) -> None:
    for splits in (
        {"train": example(one, other)},
        {"train": example(one), "test": example(other)},
    ):
        with pytest.raises(CorpusError, match="would both be"):
            write(host, writer, tmp_path / "out", **splits)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("note", "written"),
    [
        (Note("k k", "D1", 0), Note("k_k", "D1", 0)),
        (Note("", "D1", 0), Note("_", "D1", 0)),
        (Note("k", "D1\nD2\r", 0), Note("k", "D1 D2 ", 0)),
        (Note("k", "", 0), Note("k", "", 0)),
        (Note("k", "D1\tD2 ", 0), Note("k", "D1\tD2 ", 0)),
    ],
)
def test_a_note_that_brat_writes_otherwise_is_counted(
    host: Host, tmp_path: Path, note: Note, written: Note
) -> None:
    found, losses = trip(host, "brat", tmp_path, example("a", notes=(note,)))
    assert found.notes == (written,)
    assert losses == ({} if note == written else {"note texts": 1})


@pytest.mark.parametrize(
    ("texts", "kept", "losses"),
    [
        (["D1\nD2"], ["D1 D2"], {"note texts": 1}),
        (["D1\r\nD2\t"], ["D1  D2"], {"note texts": 1}),
        (["D1\tD2"], ["D1\tD2"], {}),
        ([""], [], {"notes": 1}),
        (["\t\t"], [], {"notes": 1}),
        (["", "D1", "D2\n"], ["D1"], {"notes": 2}),
    ],
)
def test_an_identifier_that_pubtator_writes_otherwise_or_not_at_all_is_counted(
    host: Host, tmp_path: Path, texts: list[str], kept: list[str], losses: dict[str, int]
) -> None:
    notes = tuple(Note("identifier", text, 0) for text in texts)
    found, counted = trip(host, "pubtator", tmp_path, example("a", "b", notes=notes))
    assert found.notes == tuple(Note("identifier", text, 0) for text in kept)
    assert counted == losses


def test_lossless_does_not_change_a_label(host: Host, tmp_path: Path) -> None:
    write(host, "jsonl", tmp_path / "in.jsonl", train=example("rare disease"))
    with pytest.raises(CorpusError, match="labels 1"):
        convert(host, str(tmp_path / "in.jsonl"), tmp_path / "out", "brat", lossless=True)
    assert not (tmp_path / "out").exists()
