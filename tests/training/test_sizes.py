"""The few-shot curve: several sizes of train in one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.tiny_bert import save_bert, save_corpus

from nerharness.errors import CorpusError, RunError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.sizes import train_sizes
from nerharness.runs.train_data import TrainSpec, read_data
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
        if name == "16" and now.f1 is not None:
            raise KilledError

    with pytest.raises(KilledError):
        train_sizes(spec, host, broken, sizes, note=kill)
    told: list[str] = []
    found = train_sizes(
        spec, host, broken, sizes, resume=True, note=lambda name, _: told.append(name)
    )
    assert set(told) == {"16", "all"}
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
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    with pytest.raises(RunError, match="settings is another"):
        other = TrainSpec(spec.model, spec.corpus, settings=Settings(epochs=2))
        train_sizes(other, host, broken, sizes, resume=True)
    with pytest.raises(RunError, match="not an empty folder"):
        train_sizes(spec, host, broken, sizes)


def test_smaller_draws_are_among_larger_ones(host: Host, spec: TrainSpec) -> None:
    from dataclasses import replace

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
    with pytest.raises(UsageError, match="49 documents, but train has 48"):
        train_sizes(spec, host, tmp_path / "out", ("8", "49"))
    labels = tmp_path / "labels.toml"
    names = ("big", "small", "never")
    labels.write_text("".join(f'[[labels]]\nname = "{one}"\n' for one in names), encoding="utf-8")
    with pytest.raises(CorpusError, match="no example of label 'never'"):
        train_sizes(
            TrainSpec(spec.model, spec.corpus, labels=labels), host, tmp_path / "out", ("8",)
        )
    assert not (tmp_path / "out").exists()
