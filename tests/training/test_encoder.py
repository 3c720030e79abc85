"""Training a token classifier, resuming it, and tagging with it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.tiny_bert import save_bert, save_corpus

from nerharness.errors import (
    CorpusError,
    MissingDependencyError,
    NerharnessError,
    RunError,
    UsageError,
)
from nerharness.plugin.host import Host
from nerharness.runs.train_data import TrainSpec
from nerharness.runs.training import Training, train
from nerharness.segment import segment
from nerharness.taggers.encoder import load_encoder
from nerharness.training import checkpoints as training
from nerharness.training.settings import Progress, Settings

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = Settings(epochs=2, learning_rate=5e-3, batch_size=8)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bert")
    save_bert(path)
    return path


def spec(base: Path, corpus: Path, settings: Settings = SETTINGS) -> TrainSpec:
    return TrainSpec(str(base), f"{corpus}:jsonl", settings=settings)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def trained(
    host: Host, base: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Training]:
    out = tmp_path_factory.mktemp("trained") / "model"
    settings = Settings(epochs=8, learning_rate=5e-3, batch_size=8)
    return out, train(spec(base, corpus, settings), host, out)


def test_the_loss_falls_and_dev_is_learned(trained: tuple[Path, Training]) -> None:
    _, done = trained
    losses = [one.loss for one in done.trained.history if one.loss is not None]
    assert losses[-1] < losses[0] / 2
    f1 = [one.f1 for one in done.trained.history if one.f1 is not None]
    assert len(f1) == 8
    assert done.trained.best_f1 == max(f1) > 0.9
    assert done.dev.protocols["strict"].micro.f1 == max(f1)


def test_the_folder_is_whole_and_holds_no_pickle(trained: tuple[Path, Training]) -> None:
    out, done = trained
    names = {file.name for file in out.iterdir()}
    assert {"README.md", "training.json", "model.safetensors", "tokenizer.json"} <= names
    assert not {"checkpoints", "training_args.bin"} & names
    described = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert described["steps"] == done.trained.steps
    assert described["settings"]["learning_rate"] == 5e-3
    assert described["documents"] == {"train": 48, "dev": 16}
    card = (out / "README.md").read_text(encoding="utf-8")
    assert f"{done.dev.protocols['strict'].micro.f1:.3f}" in card
    assert "- policy: longest\n" in card and "- tokens: not given\n" in card


def test_the_folder_loads_with_plain_transformers(trained: tuple[Path, Training]) -> None:
    from transformers import AutoModelForTokenClassification

    model = AutoModelForTokenClassification.from_pretrained(trained[0])
    assert model.config.id2label == {0: "O", 1: "B-big", 2: "I-big", 3: "B-small", 4: "I-small"}


def test_a_sentence_that_is_too_long_for_the_model_is_tagged_to_its_end(
    trained: tuple[Path, Training],
) -> None:
    """The model holds 64 sub-words; it has learned nothing about far positions."""
    tagger = load_encoder((), model=str(trained[0]), viterbi=True)
    text = " ".join(["lazy", "moon", "fuzz", "tree"] * 40)
    (entities,) = tagger.tag([segment("d", text)])
    assert entities
    assert entities[-1].span.start > len(text) - 100
    assert [list(found) for found in tagger.tag([segment("e", ""), segment("f", " ")])] == [[], []]


class KilledError(Exception):
    """Stands for a kill."""


def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    host: Host, base: Path, corpus: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    whole = train(spec(base, corpus), host, tmp_path / "whole")
    broken = tmp_path / "broken"

    def kill(now: Progress) -> None:
        if now.epoch > 1:
            raise KilledError

    with pytest.raises(KilledError):
        train(spec(base, corpus), host, broken, note=kill)
    last = training.last_checkpoint(broken)
    assert last is not None
    torn = last.with_name("checkpoint-99999")
    shutil.copytree(last, torn)
    (torn / "trainer_state.json").unlink()  # a save that the kill cut short
    assert training.last_checkpoint(broken) == last
    shutil.rmtree(torn)
    resumed = train(spec(base, corpus), host, broken, resume=True)
    assert resumed.trained.steps == whole.trained.steps
    one, other = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "broken"))
    assert all((one[name] == other[name]).all() for name in one)
    with pytest.raises(RunError, match="that training is finished"):
        train(spec(base, corpus), host, broken, resume=True)


def refused(kind: type[NerharnessError], message: str) -> Any:
    return pytest.raises(kind, match=message)


def test_what_cannot_be_trained_says_so(
    host: Host, base: Path, corpus: Path, tmp_path: Path
) -> None:
    only = tmp_path / "only"
    only.mkdir()
    shutil.copy(corpus / "train.jsonl", only)
    out = tmp_path / "out"
    with refused(CorpusError, "no dev split to choose the best epoch by"):
        train(spec(base, only), host, out)
    labels = tmp_path / "labels.toml"
    labels.write_text(
        "".join(f'[[labels]]\nname = "{name}"\n' for name in ("big", "small", "never")),
        encoding="utf-8",
    )
    with refused(CorpusError, "no example of label 'never'"):
        train(TrainSpec(str(base), f"{corpus}:jsonl", labels=labels), host, out)
    with refused(UsageError, "the corpus has a dev split"):
        train(TrainSpec(str(base), f"{corpus}:jsonl", dev_share=0.2), host, out)
    assert not out.exists()
    with refused(RunError, "holds no training to go on with"):
        train(spec(base, corpus), host, out, resume=True)
    out.mkdir()
    (out / "note").touch()
    with refused(RunError, "not an empty folder"):
        train(spec(base, corpus), host, out)


def test_another_training_is_not_gone_on_with(
    host: Host, trained: tuple[Path, Training], base: Path, corpus: Path
) -> None:
    with refused(RunError, "settings is another than that training's"):
        train(spec(base, corpus, Settings(epochs=9)), host, trained[0], resume=True)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("paper", UsageError, "--report-to: paper is not supported, only .*tensorboard"),
        ("comet_ml", MissingDependencyError, "--report-to comet_ml: .*pip install comet_ml"),
    ],
)
def test_where_the_trainer_cannot_report_is_refused_before_it_begins(
    host: Host,
    base: Path,
    corpus: Path,
    tmp_path: Path,
    name: str,
    kind: type[Exception],
    message: str,
) -> None:
    asked = replace(spec(base, corpus), report_to=("none", name))
    with pytest.raises(kind, match=message):
        train(asked, host, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("event", ["on_train_begin", "on_log"])
def test_a_reporter_that_fails_is_an_error_that_names_it(
    host: Host,
    base: Path,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
) -> None:
    from transformers import TrainerCallback
    from transformers.integrations import integration_utils

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no database here")

    reporter = type("Reporter", (TrainerCallback,), {event: fail})
    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "mlflow", reporter)
    with pytest.raises(RunError, match="--report-to mlflow: OSError: no database here"):
        train(replace(spec(base, corpus), report_to=("mlflow",)), host, tmp_path / "out")


class Writer:
    """Stands for TensorBoard's writer."""

    folders: ClassVar[list[str]] = []

    def __init__(self, log_dir: str) -> None:
        self.folders.append(log_dir)

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def test_what_tensorboard_is_told_outlives_the_checkpoints(
    host: Host, base: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.integrations import TensorBoardCallback

    def begin(callback: Any, _: Any = None) -> None:
        callback._SummaryWriter, callback.tb_writer, callback.logging_dir = Writer, None, None

    monkeypatch.setattr(TensorBoardCallback, "__init__", begin)
    train(replace(spec(base, corpus), report_to=("tensorboard",)), host, tmp_path / "out")
    assert Writer.folders == [str(tmp_path / "out" / "tensorboard")]
