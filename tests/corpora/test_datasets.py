"""The `datasets` reader: rows that are no documents, and ids that are numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus
from nerharness.runs.validation import validate

TOKENS = ["No", "gout"]


def folder(path: Path, tokens: list[Any], tags: list[Any], ids: list[Any] | None = None) -> Path:
    """Write rows as a split; tags that are numbers count in O, B-X, I-X."""
    datasets = pytest.importorskip("datasets")
    lists = getattr(datasets, "List", datasets.Sequence)
    text = datasets.Value("string")
    numbers = type(tags[0][0]) is int
    names = datasets.ClassLabel(names=["O", "B-X", "I-X"])
    features = {"tokens": lists(text), "ner_tags": lists(names if numbers else text)}
    rows: dict[str, list[Any]] = {"tokens": tokens, "ner_tags": tags}
    if ids is not None:
        rows["id"] = ids
        features["id"] = text if isinstance(ids[0], str) else datasets.Value("int64")
    found = datasets.Dataset.from_dict(rows, features=datasets.Features(features))
    datasets.DatasetDict({"train": found}).save_to_disk(str(path))
    return path


@pytest.mark.parametrize("number", [-1, None])
def test_a_number_that_is_no_tag_is_an_error_with_its_row(
    host: Host, tmp_path: Path, number: int | None
) -> None:
    path = folder(tmp_path / "d", [TOKENS, TOKENS], [[0, 1], [0, number]])
    with pytest.raises(CorpusError, match=f"no such tag: {number}") as caught:
        load_corpus(host, f"{path}:datasets", None)
    assert caught.value.where == f"{path / 'train'}:2"
    done = validate(host, f"{path}:datasets", lambda _: None)
    assert (done.documents, done.entities) == ({"train": 1}, {"train": 1})


def test_tags_are_kept_as_they_are(host: Host, tmp_path: Path) -> None:
    path = folder(tmp_path / "d", [TOKENS, []], [[0, 2], []])
    examples = load_corpus(host, str(path), None).splits["train"]
    assert [example.tags for example in examples] == [(("O", "I-X"),), ()]
    assert [len(example.entities) for example in examples] == [1, 0]


def test_a_token_that_is_nothing_is_an_error_with_its_row(host: Host, tmp_path: Path) -> None:
    path = folder(tmp_path / "d", [TOKENS, ["No", None]], [["O", "B-X"], ["O", "B-X"]])
    with pytest.raises(CorpusError, match="a token that is empty") as caught:
        load_corpus(host, f"{path}:datasets", None)
    assert caught.value.where == f"{path / 'train'}:2"


def test_parts_whose_names_say_the_same_split_are_both_read(host: Host, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    names = ("train", "train_small", "validation")
    parts = {
        name: datasets.Dataset.from_dict({"tokens": [[name]], "tags": [["O"]]}) for name in names
    }
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "d"))
    splits = load_corpus(host, str(tmp_path / "d"), None).splits
    texts = {split: [one.document.text for one in found] for split, found in splits.items()}
    assert texts == {
        "train": ["train"],
        "train_small": ["train_small"],
        "dev": ["validation"],
    }


def test_faults_name_the_folder_where_rows_stand(host: Host, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"tokens": [["a", "b"]], "tags": [["O"]]})
    datasets.DatasetDict({"validation": rows}).save_to_disk(str(tmp_path / "d"))
    rows.save_to_disk(str(tmp_path / "test-rows"))
    for wanted, place in (("d", "d/validation"), ("test-rows", "test-rows")):
        with pytest.raises(CorpusError, match="2 tokens, 1 tags") as caught:
            load_corpus(host, str(tmp_path / wanted), None)
        assert caught.value.where == f"{tmp_path / place}:1"


@pytest.mark.parametrize("ids", [[0, 1], ["0", "1"], [-1, 0]])
def test_an_id_may_be_nought(host: Host, tmp_path: Path, ids: list[Any]) -> None:
    path = folder(tmp_path / "d", [TOKENS, TOKENS], [["O", "B-X"], ["O", "O"]], ids)
    examples = load_corpus(host, f"{path}:datasets", None).splits["train"]
    assert [example.document.id for example in examples] == [str(id) for id in ids]
