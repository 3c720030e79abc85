"""The few-shot curve: several sizes of train in one command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
from training.tiny_bert import save_bert, save_corpus

from nerharness.errors import CorpusError, RunError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.sizes import train_sizes
from nerharness.runs.train_data import TrainSpec, read_data
from nerharness.runs.training import train
from nerharness.training.settings import Progress, Settings

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = Settings(epochs=1, learning_rate=5e-3, batch_size=8)


@pytest.fixture
def spec(tmp_path: Path) -> TrainSpec:
    save_bert(tmp_path / "bert")
    (tmp_path / "corpus").mkdir()
    save_corpus(tmp_path / "corpus")
    return TrainSpec(str(tmp_path / "bert"), f"{tmp_path / 'corpus'}:jsonl", settings=SETTINGS)


class KilledError(Exception):
    """Stands for a kill."""


def test_a_curve_goes_on_with_the_size_that_was_under_way(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    sizes, whole, broken = ("4", "16", "all"), tmp_path / "whole", tmp_path / "broken"
    expected = train_sizes(spec, host, whole, sizes)
    assert [(one.name, one.documents) for one in expected] == [("4", 4), ("16", 16), ("all", 48)]

    def kill(name: str, now: Progress) -> None:
        if name == "size 16" and now.f1 is not None:
            raise KilledError

    with pytest.raises(KilledError):
        train_sizes(spec, host, broken, sizes, note=kill)
    told: list[str] = []
    found = train_sizes(
        spec, host, broken, sizes, resume=True, note=lambda name, _: told.append(name)
    )
    assert set(told) == {"size 16", "size all"}
    assert [one._replace(seconds=0) for one in found] == [
        one._replace(seconds=0) for one in expected
    ]
    again = train_sizes(spec, host, broken, sizes, resume=True, note=kill)
    assert again == found
    table = json.loads((broken / "sizes.json").read_text(encoding="utf-8"))["sizes"]
    assert [one["documents"] for one in table] == [4, 16, 48]
    assert table[2]["micro"]["f1"] == found[2].micro.f1
    page = (broken / "sizes.html").read_text(encoding="utf-8")
    assert (broken / "sizes.svg").read_text(encoding="utf-8") in page
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")
    with pytest.raises(RunError, match="settings is another"):
        other = TrainSpec(spec.model, spec.corpus, settings=Settings(epochs=2))
        train_sizes(other, host, broken, sizes, resume=True)
    with pytest.raises(RunError, match="not an empty folder"):
        train_sizes(spec, host, broken, sizes)


def test_seeds_are_trained_each_in_its_folder_and_averaged(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    out, told = tmp_path / "out", []

    def kill(name: str, now: Progress) -> None:
        if name == "size all, seed 3" and now.f1 is not None:
            raise KilledError

    with pytest.raises(KilledError):
        train_sizes(spec, host, out, ("16", "all"), (0, 3), note=kill)
    found = train_sizes(
        spec, host, out, ("16", "all"), (0, 3), resume=True, note=lambda name, _: told.append(name)
    )
    assert set(told) == {"size all, seed 3"}
    assert [(one.name, one.seed, one.documents) for one in found] == [
        ("16", 0, 16), ("16", 3, 16), ("all", 0, 48), ("all", 3, 48),
    ]  # fmt: skip
    alone = train(replace(spec, settings=replace(SETTINGS, seed=3)), host, tmp_path / "alone")
    assert alone.dev.protocols["strict"].micro.f1 == found[3].micro.f1
    described = json.loads((out / "all" / "seed-3" / "training.json").read_text(encoding="utf-8"))
    assert described["settings"]["seed"] == 3

    table = json.loads((out / "sizes.json").read_text(encoding="utf-8"))
    assert [one["seed"] for one in table["sizes"]] == [0, 3, 0, 3]
    small, whole = table["means"]
    assert (small["name"], small["seeds"], whole["documents"]) == ("16", 2, 48)
    both = [one.macro.f1 for one in found[2:]]
    assert whole["macro"]["mean"] == pytest.approx(np.mean(both))
    assert whole["macro"]["deviation"] == pytest.approx(np.std(both, ddof=1))
    page = (out / "sizes.html").read_text(encoding="utf-8")
    assert f"<td>{np.mean(both):.3f}</td><td>{np.std(both, ddof=1):.3f}</td>" in page
    assert "mean ± standard deviation over seeds" in page


def test_without_sizes_seeds_learn_from_all_of_train(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    found = train_sizes(replace(spec, limit=8), host, tmp_path / "out", (), (5,))
    assert [(one.name, one.seed, one.documents) for one in found] == [("all", 5, 8)]
    assert (tmp_path / "out" / "seed-5" / "model.safetensors").is_file()
    table = json.loads((tmp_path / "out" / "sizes.json").read_text(encoding="utf-8"))
    assert table["means"] == [], "a single seed has no mean"


@pytest.mark.parametrize(
    ("begun", "sizes", "seeds", "strange"),
    [
        (["4", "8"], (), (0,), "4"),
        (["4"], ("4",), (0, 1), "4"),
        (["4", "8"], ("4",), (), "8"),
        (["4/seed-0", "4/seed-1"], ("4",), (), "4/seed-0"),
        (["4/seed-0", "4/seed-1"], ("4",), (0,), "4/seed-1"),
        (["seed-0"], ("4",), (), "seed-0"),
        ([""], ("4",), (), ""),
    ],
)
def test_a_curve_is_not_gone_on_with_as_another_one(
    host: Host,
    spec: TrainSpec,
    tmp_path: Path,
    begun: list[str],
    sizes: tuple[str, ...],
    seeds: tuple[int, ...],
    strange: str,
) -> None:
    out = tmp_path / "out"
    for training in begun:
        (out / training).mkdir(parents=True)
        (out / training / "training.json").touch()
    (out / "sizes.json").write_text("the table", encoding="utf-8")
    with pytest.raises(RunError, match="a training that is not asked for") as error:
        train_sizes(spec, host, out, sizes, seeds, resume=True)
    assert error.value.where == str(out / strange)
    assert (out / "sizes.json").read_text(encoding="utf-8") == "the table"


def test_more_seeds_and_sizes_are_added_to_a_curve(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    train_sizes(spec, host, out, ("4",), (0,))
    told: set[str] = set()
    found = train_sizes(
        spec, host, out, ("4", "8"), (0, 1), resume=True, note=lambda name, _: told.add(name)
    )
    assert [(one.name, one.seed) for one in found] == [("4", 0), ("4", 1), ("8", 0), ("8", 1)]
    assert told == {"size 4, seed 1", "size 8, seed 0", "size 8, seed 1"}


def test_what_is_no_curve_is_not_gone_on_with(host: Host, spec: TrainSpec, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").touch()
    with pytest.raises(RunError, match="holds none of these trainings"):
        train_sizes(spec, host, out, ("4",), resume=True)
    assert [file.name for file in out.iterdir()] == ["run.json"]


def test_smaller_draws_are_among_larger_ones(host: Host, spec: TrainSpec) -> None:
    drawn = [
        {example.document.id for example in read_data(replace(spec, limit=limit), host).train}
        for limit in (8, 16, 32)
    ]
    assert drawn[0] < drawn[1] < drawn[2]


def test_a_size_that_lacks_a_label_says_so_and_is_trained(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    (one,) = train_sizes(spec, host, tmp_path / "out", ("1",))
    assert one.lacking == ("big", "small")
    page = (tmp_path / "out" / "sizes.html").read_text(encoding="utf-8")
    assert "1 documents have no example of big, small" in page


def test_sizes_that_are_not_there_are_refused_before_anything_is_trained(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="49 documents, but there are 48 to learn from"):
        train_sizes(spec, host, tmp_path / "out", ("8", "49"))
    with pytest.raises(UsageError, match="20 documents, but there are 10 to learn from"):
        train_sizes(replace(spec, limit=10), host, tmp_path / "out", ("8", "20"))
    labels = tmp_path / "labels.toml"
    names = ("big", "small", "never")
    labels.write_text("".join(f'[[labels]]\nname = "{one}"\n' for one in names), encoding="utf-8")
    with pytest.raises(CorpusError, match="no example of label 'never'"):
        train_sizes(
            TrainSpec(spec.model, spec.corpus, labels=labels), host, tmp_path / "out", ("8",)
        )
    assert not (tmp_path / "out").exists()
