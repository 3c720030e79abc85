"""A run reads what it needs: the documents that it is limited to, train, and every label."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nerharness.errors import CorpusError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.inputs import Inputs, read_inputs
from nerharness.runs.spec import Spec

DECLARED = '[[labels]]\nname = "Sign"\n\n[[labels]]\nname = "Disease"\n'
BROKEN = b"\xff\n"


def lines(*labels: str) -> bytes:
    """A document for each label."""
    records = [
        {"id": f"{label}-{n}", "text": "rash", "entities": [{"label": label, "start": 0, "end": 4}]}
        for n, label in enumerate(labels)
    ]
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Each split has a label of its own; in test it stands in the last document."""
    (tmp_path / "train.jsonl").write_bytes(lines("Sign", "Train"))
    (tmp_path / "dev.jsonl").write_bytes(lines("Dev"))
    (tmp_path / "test.jsonl").write_bytes(lines("Sign", "Sign", "Sign", "Test"))
    return tmp_path


def inputs(host: Host, folder: Path, **changes: object) -> Inputs:
    spec = Spec(corpus=str(folder), strategy="zero-shot", **changes)  # type: ignore[arg-type]
    return read_inputs(spec, host)


def ids(found: Inputs) -> list[str]:
    return [example.document.id for example in found.selection.examples]


@pytest.mark.parametrize("limit", [None, 1, 2, 9])
def test_undeclared_labels_are_those_of_all_splits_whatever_the_limit(
    host: Host, folder: Path, limit: int | None
) -> None:
    found = inputs(host, folder, limit=limit)
    assert found.corpus.labels.names == ("Dev", "Sign", "Test", "Train")
    assert ids(found) == ["Sign-0", "Sign-1", "Sign-2", "Test-3"][:limit]


def test_nothing_is_held_but_what_is_evaluated_and_train(host: Host, folder: Path) -> None:
    found = inputs(host, folder, limit=2)
    sizes = {split: len(examples) for split, examples in found.corpus.splits.items()}
    assert sizes == {"test": 2, "train": 2}
    assert [example.document.id for example in found.train] == ["Sign-0", "Train-1"]


def test_where_labels_are_declared_nothing_is_read_after_the_last_document(
    host: Host, tmp_path: Path
) -> None:
    (tmp_path / "corpus.toml").write_text(DECLARED)
    (tmp_path / "train.jsonl").write_bytes(lines("Sign"))
    (tmp_path / "dev.jsonl").write_bytes(BROKEN)
    (tmp_path / "test.jsonl").write_bytes(lines("Sign", "Disease") + BROKEN)
    assert ids(inputs(host, tmp_path, limit=2)) == ["Sign-0", "Disease-1"]
    with pytest.raises(CorpusError, match=r"test\.jsonl:3: byte 0xff is not UTF-8"):
        inputs(host, tmp_path, limit=3)


def test_where_labels_are_not_declared_a_fault_anywhere_is_an_error(
    host: Host, folder: Path
) -> None:
    (folder / "dev.jsonl").write_bytes(BROKEN)
    with pytest.raises(CorpusError, match=r"dev\.jsonl:1"):
        inputs(host, folder, limit=1)


def test_train_is_read_whole_even_if_it_is_evaluated(host: Host, folder: Path) -> None:
    found = inputs(host, folder, split="train", limit=1)
    assert ids(found) == ["Sign-0"]
    assert len(found.train) == 2


def test_a_segmenter_is_asked_for_what_is_held_alone(host: Host, folder: Path) -> None:
    found = inputs(host, folder, tokens="raredis", limit=1)
    assert [len(example.document.tokens) for example in found.selection.examples] == [1]


def test_a_limit_is_at_least_one_and_a_split_has_a_document(host: Host, folder: Path) -> None:
    with pytest.raises(UsageError, match="at least 1, got 0"):
        inputs(host, folder, limit=0)
    (folder / "dev.jsonl").write_bytes(b"")
    with pytest.raises(CorpusError, match="split 'dev' of corpus"):
        inputs(host, folder, split="dev")
