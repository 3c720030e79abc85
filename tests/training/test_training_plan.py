"""What a training will take, from a few steps that are not kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

from backends import tiny
from training.tiny_bert import save_bert, save_corpus
from training.tiny_prompts import prompting

from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.report.training import size_text, time_text, training_plan_text
from nerharness.runs import prompted_course
from nerharness.runs.train_data import TrainSpec
from nerharness.runs.training import train
from nerharness.runs.training_plan import plan_training
from nerharness.training.settings import Settings
from nerharness.training.trial import picked, time_dev

pytestmark = pytest.mark.filterwarnings("ignore")

LORA = Settings(epochs=2, batch_size=8, rank=4, alpha=8)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plan")
    (place / "corpus").mkdir()
    save_corpus(place / "corpus")
    save_bert(place / "bert")
    tiny.save_letters(place / "letters")
    return place


def lora(place: Path, **rest: Any) -> TrainSpec:
    return TrainSpec(
        str(place / "letters"), f"{place / 'corpus'}:jsonl", "lora", LORA,
        dev_limit=2, prompting=prompting(), **rest,
    )  # fmt: skip


def test_a_plan_of_adapters_counts_what_training_then_does(host: Host, place: Path) -> None:
    before = sorted(place.rglob("*"))
    plan = plan_training(lora(place), host)
    trial = plan.trial
    assert sorted(place.rglob("*")) == before
    done = train(lora(place), host, place / "adapter")
    assert trial.steps == done.trained.steps == 12
    assert trial.sizes.rows == 48
    assert trial.sizes.shortest <= trial.sizes.median <= trial.sizes.longest
    assert trial.sizes.over == 0
    from safetensors.numpy import load_file

    adapters = load_file(place / "adapter" / "adapter_model.safetensors")
    assert trial.trainable == sum(one.size for one in adapters.values()) < trial.parameters
    assert trial.memory.weights >= 4 * trial.parameters
    assert trial.memory.gradients == 4 * trial.trainable
    assert trial.memory.optimizer >= 8 * trial.trainable
    assert trial.memory.activations > trial.sizes.longest * 32 * 4
    assert trial.memory.total < trial.peak <= 1024 * getrusage(RUSAGE_SELF).ru_maxrss
    assert f"{size_text(trial.peak)} at most in the steps here; counted" in training_plan_text(plan)
    assert trial.timed == 4
    assert trial.step_seconds > 0 and 0 < trial.dev.each < trial.dev.final
    assert plan.seconds == pytest.approx(
        12 * trial.step_seconds + 2 * trial.dev.each + trial.dev.final
    )


def test_a_plan_of_a_token_classifier_trains_all_of_it(host: Host, place: Path) -> None:
    spec = TrainSpec(str(place / "bert"), f"{place / 'corpus'}:jsonl", dev_limit=4)
    plan = plan_training(spec, host)
    assert plan.trial.trainable == plan.trial.parameters > 0
    assert plan.trial.sizes.rows == plan.documents["train"] == 48
    assert plan.trial.dev.each > 0
    assert plan.trial.dev.final == pytest.approx(4 * plan.trial.dev.each), "16 documents, not 4"
    text = training_plan_text(plan)
    assert "9 in 3 epochs" in text
    assert "(100.0%)" in text
    assert json.loads(json.dumps(plan.to_json()))["memory"]["total"] == plan.trial.memory.total


def test_lessons_that_are_too_long_are_counted(
    host: Host, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.chat_model import ChatModel

    monkeypatch.setattr(ChatModel, "context", 300)
    plan = plan_training(lora(place), host)
    assert 0 < plan.trial.sizes.over < 48
    assert plan.trial.sizes.rows + plan.trial.sizes.over == 48
    assert "lessons, which training would refuse" in training_plan_text(plan)
    with pytest.raises(UsageError, match="tokens, but the model's context is 300"):
        train(lora(place), host, place / "refused")
    monkeypatch.setattr(ChatModel, "context", 30)
    with pytest.raises(UsageError, match="tokens, but the model's context is 30"):
        plan_training(lora(place), host)


def test_prompts_about_dev_that_can_never_be_answered_are_counted(host: Host, place: Path) -> None:
    asked = lora(place)
    corpus = place / "long"
    corpus.mkdir()
    save_corpus(corpus)
    with (corpus / "dev.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "long", "text": "lazy " * 1000, "entities": []}) + "\n")
    assert plan_training(asked, host).trial.unanswerable == 0
    plan = plan_training(replace(asked, corpus=f"{corpus}:jsonl"), host)
    assert plan.trial.unanswerable == 1
    assert "  1 prompts about dev, which training would refuse" in training_plan_text(plan)


def test_dev_is_timed_on_its_first_documents_and_counted_for_each_epoch_and_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([10.0, 17.0])
    monkeypatch.setattr("nerharness.training.trial.time.perf_counter", lambda: next(clock))
    scored: list[int] = []
    units = [3, 4, 5, 6]
    assert time_dev(units, 3, 6, scored.append) == (12, 18)
    assert scored == [2]


def test_class_weights_make_an_epoch_longer_by_the_lessons_with_rare_labels(
    host: Host, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = plan_training(lora(place), host).trial.sizes.rows
    weighed = replace(lora(place), settings=replace(LORA, class_weights=True))
    monkeypatch.setattr(prompted_course, "repeated", lambda told, seed: [*told, told[0]])
    assert plan_training(weighed, host).trial.sizes.rows == plain + 1
    assert plan_training(lora(place), host).trial.sizes.rows == plain


def test_batches_of_a_trial_stand_for_short_and_long_rows() -> None:
    rows = list(range(100))
    batches = list(chunks(picked(rows, rows, 4), 4))
    assert [batch[0] for batch in batches] == [96, 12, 36, 60, 84]
    assert picked([1, 2], [1, 2], 4) == [1, 2] * 5


def chunks(rows: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def test_sizes_and_times_are_said_as_one_would() -> None:
    assert [size_text(size) for size in (12e6, 2.34e9)] == ["12 MB", "2.3 GB"]
    assert [time_text(one) for one in (5, 89, 600, 7200)] == ["5 s", "89 s", "10 min", "2.0 h"]
