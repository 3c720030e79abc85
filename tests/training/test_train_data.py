"""What `training.json` says of the data, and what must be the same to go on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends.hub import MODEL, Hub
from training.tiny_bert import save_corpus

from nerharness.errors import RunError
from nerharness.plugin.host import Host
from nerharness.runs.description import versions
from nerharness.runs.train_data import TrainSpec, read_data
from nerharness.runs.training import Expected, check_same
from nerharness.training.settings import Settings


@pytest.fixture
def spec(tmp_path: Path) -> TrainSpec:
    """A training on corpora whose folders, or files, are called alike."""
    for name, kept in {"corpus": 48, "a/conll": 5, "b/conll": 7}.items():
        (tmp_path / name).mkdir(parents=True)
        file = save_corpus(tmp_path / name) / "train.jsonl"
        cut(file, kept)
    mixed = ("a/conll:jsonl", "b/conll:jsonl", "b/conll/train.jsonl:jsonl")
    return TrainSpec(
        "model",
        f"{tmp_path / 'corpus'}:jsonl",
        "lora",
        mixed=tuple(f"{tmp_path / name}" for name in mixed),
    )


def cut(file: Path, kept: int) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:kept]), encoding="utf-8")


def described(spec: TrainSpec, host: Host) -> dict[str, Any]:
    return json.loads(json.dumps(read_data(spec, host).describe(spec)))  # type: ignore[no-any-return]


def test_corpora_that_are_called_alike_stand_side_by_side(host: Host, spec: TrainSpec) -> None:
    found = described(spec, host)
    assert found["documents"] == {"train": 48, "dev": 16}
    assert [one["corpus"] for one in found["mixed"]] == list(spec.mixed)
    assert [one["documents"] for one in found["mixed"]] == [5, 7, 7]
    digests = [found["sha256"]["train"], *(one["sha256"] for one in found["mixed"])]
    assert len(set(digests)) == 3, "the last two are one file"


def test_what_is_cut_of_a_corpus_called_train_is_not_taken_for_train(
    host: Host, spec: TrainSpec
) -> None:
    mixed = replace(spec, mixed=spec.mixed[:2])
    data = read_data(mixed, host)
    found = data.cuts(replace(mixed, mixed=("train", "b"))).splits
    gold = [sum(len(one.entities) for one in part) for part in (data.train, data.dev)]
    gold += [sum(len(one.entities) for one in other.splits["train"]) for other in data.mixed]
    assert list(found) == ["train", "dev", "train of train", "train of b"]
    assert [one.gold for one in found.values()] == gold and len(set(gold)) > 2


def test_each_of_them_must_be_the_same_to_go_on(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    before = described(spec, host)
    check_same(before, described(spec, host), tmp_path)
    cut(tmp_path / "a/conll/train.jsonl", 4)
    with pytest.raises(RunError, match="mixed is another than that training's"):
        check_same(before, described(spec, host), tmp_path)


@pytest.mark.parametrize("change", [{"dev_limit": 3}, {"limit": 48}])
def test_how_much_is_read_must_be_the_same_to_go_on(
    host: Host, spec: TrainSpec, tmp_path: Path, change: dict[str, int]
) -> None:
    """Epochs are compared by their F1, which is of the same documents then."""
    before = described(spec, host)
    now = described(replace(spec, **change), host)  # type: ignore[arg-type]
    with pytest.raises(RunError, match=f"{next(iter(change))} is another than that training's"):
        check_same(before, now, tmp_path)


def test_versions_and_what_units_cut_may_differ_from_what_an_earlier_build_wrote(
    tmp_path: Path,
) -> None:
    before = {"limit": 3, "versions": {"torch": "2.4"}}
    now = {"limit": 3, "versions": {"torch": "2.5"}, "cut_by_units": {"unit": "sentence"}}
    check_same(before, now, tmp_path)
    with pytest.raises(RunError, match="limit is another"):
        check_same(before, {**now, "limit": 4}, tmp_path)


def test_dev_that_is_cut_from_train_is_the_same_at_every_reading(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    (tmp_path / "corpus" / "dev.jsonl").unlink()
    asked = replace(spec, dev_share=0.25)
    before = described(asked, host)
    check_same(before, described(asked, host), tmp_path)
    for other, what in (
        (replace(asked, dev_share=0.5), "documents"),
        (replace(asked, settings=Settings(seed=1)), "sha256"),
    ):
        with pytest.raises(RunError, match=f"{what} is another than that training's"):
            check_same(before, described(other, host), tmp_path)


@pytest.mark.parametrize("package", ["peft", "trl", "accelerate", "datasets", "bitsandbytes"])
def test_versions_of_what_trains_are_recorded(package: str) -> None:
    from importlib.metadata import version

    pytest.importorskip(package)
    assert versions()[package] == version(package)


def test_the_commit_of_a_hubs_model_must_be_the_same_to_go_on(
    host: Host, spec: TrainSpec, tmp_path: Path, hub: Hub
) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "config.json").write_text("{}", encoding="utf-8")
    asked = replace(spec, model=MODEL, method="encoder", mixed=())
    first = hub.commit("a", tmp_path / "files")
    before = Expected.of(asked, host).description
    assert before["base"] == {"name": MODEL, "sha256": None, "revision": first}
    hub.commit("b", tmp_path / "files")
    with pytest.raises(RunError, match="base is another than that training's"):
        check_same(before, Expected.of(asked, host).description, tmp_path)
