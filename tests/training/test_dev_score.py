"""Dev of a model that is prompted: what it answers decides, and what fails is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

from backends import tiny
from safetensors.torch import load_file
from training.tiny_bert import save_corpus
from training.tiny_prompts import prompting

from nerharness.backends.chat_model import ChatModel
from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.runs.train_data import TrainSpec
from nerharness.runs.training import Expected, train
from nerharness.training.settings import Settings
from nerharness.types import Completion, Prompt

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = Settings(epochs=3, learning_rate=1e-2, batch_size=4, rank=4, alpha=8)


@pytest.fixture
def spec(tmp_path: Path) -> TrainSpec:
    tiny.save_letters(tmp_path / "base")
    (tmp_path / "corpus").mkdir()
    save_corpus(tmp_path / "corpus")
    return TrainSpec(
        str(tmp_path / "base"),
        f"{tmp_path / 'corpus'}:jsonl",
        "lora",
        SETTINGS,
        limit=8,
        dev_limit=4,
        prompting=prompting(),
    )


def gold(corpus: Path) -> dict[str, str]:
    """Return the right answers about dev by its texts."""
    answers = {}
    for line in (corpus / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        text = document["text"]
        lines = (
            f"{entity['label']}: {text[entity['start'] : entity['end']]}"
            for entity in document["entities"]
        )
        answers[text] = "\n".join(lines) or "none"
    return answers


def answering(
    monkeypatch: pytest.MonkeyPatch, say: Callable[[int, str], Completion]
) -> list[list[str]]:
    """Have every model say so in the nth time it is asked about a text; return what was asked."""
    rounds: list[list[str]] = []

    def generate(_: ChatModel, prompts: Sequence[Prompt]) -> Iterator[tuple[int, Completion]]:
        rounds.append([prompt.messages[-1].content for prompt in prompts])
        for place, asked in enumerate(rounds[-1]):
            yield place, say(len(rounds), asked)

    monkeypatch.setattr(ChatModel, "generate", generate)
    return rounds


def test_the_epoch_whose_answers_are_best_is_kept_whatever_the_loss(
    host: Host, spec: TrainSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = gold(tmp_path / "corpus")

    def say(epoch: int, asked: str) -> Completion:
        (right,) = (answer for text, answer in known.items() if text in asked)
        if epoch == 1:  # half of what is there, or nothing
            right = right.split("\n")[0]
        return Completion("none" if epoch == 3 else right, "stop")

    rounds = answering(monkeypatch, say)
    done = Expected.of(spec, host).course.run(tmp_path / "out", resume=False, note=lambda _: None)
    assert [len(asked) for asked in rounds] == [4, 4, 4]
    first, second, third = (one for one in done.history if one.f1 is not None)
    assert 0 < (first.f1 or 0) < 1
    assert (second.f1, second.macro_f1, second.failed) == (1, 1, 0)
    assert third.f1 == 0
    assert done.best_f1 == 1
    kept = load_file(tmp_path / "out" / "adapter_model.safetensors")
    place = tmp_path / "out" / "checkpoints" / f"checkpoint-{second.step}"
    best = load_file(place / "adapter_model.safetensors")
    assert all(weight.equal(best[name]) for name, weight in kept.items())
    last = place.with_name(f"checkpoint-{third.step}")
    assert not all(
        weight.equal(kept[name])
        for name, weight in load_file(last / "adapter_model.safetensors").items()
    )


def test_what_fails_is_counted_and_said(
    host: Host, spec: TrainSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text, *_ = gold(tmp_path / "corpus")

    def say(_: int, asked: str) -> Completion:
        if text in asked:
            return Completion("", "error", error="no memory left")
        return Completion("none", "stop")

    answering(monkeypatch, say)
    spec = replace(spec, settings=replace(SETTINGS, epochs=1))
    done = train(spec, host, tmp_path / "out")
    assert [one.failed for one in done.trained.history if one.f1 is not None] == [1]
    (why,) = done.dev.failures.values()
    assert "no memory left" in why
    described = json.loads((tmp_path / "out" / "training.json").read_text(encoding="utf-8"))
    assert list(described["failed"]) == ["dev1"]
    assert [one["failed"] for one in described["history"] if one["f1"] is not None] == [1]
    warning = "1 of 16 documents failed and count as without entities; the first, 'dev1': "
    assert warning in done.dev.warnings[0]
    assert warning in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_a_dev_prompt_that_can_never_be_answered_is_an_error_before_training(
    host: Host, spec: TrainSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "corpus" / "dev.jsonl").open("a", encoding="utf-8") as file:
        for name in ("long", "longer"):
            file.write(json.dumps({"id": name, "text": "lazy " * 1000, "entities": []}) + "\n")
    rounds = answering(monkeypatch, lambda *_: Completion("none", "stop"))
    message = (
        r"2 of 18 prompts about dev can never be answered, the first about characters 0-\d+ of "
        r"document 'long': the prompt has \d+ tokens and the answer may take 12, but the model's "
        "context is 4096.*--max-tokens"
    )
    with pytest.raises(UsageError, match=message):
        train(spec, host, tmp_path / "out")
    assert not rounds
    assert not (tmp_path / "out" / "checkpoints").exists()
