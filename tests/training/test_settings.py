"""What is asked for is what is trained with: each setting shows in what the trainer did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="needs nerharness[train]")
pytest.importorskip("transformers", reason="needs nerharness[train]")

from training.tiny_bert import save_bert, save_corpus  # noqa: E402

from nerharness.flatten import Policy  # noqa: E402
from nerharness.plugin.host import Host  # noqa: E402
from nerharness.runs.encoder_course import EncoderCourse  # noqa: E402
from nerharness.runs.train_data import TrainSpec, read_data  # noqa: E402
from nerharness.training.encoder import _weighed  # noqa: E402
from nerharness.training.sentences import class_weights, classes, features  # noqa: E402
from nerharness.training.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = Settings(epochs=2, learning_rate=1e-3, batch_size=8)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> TrainSpec:
    place = tmp_path_factory.mktemp("settings")
    save_bert(place / "base")
    config = json.loads((place / "base" / "config.json").read_text(encoding="utf-8"))
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (place / "base" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (place / "corpus").mkdir()
    save_corpus(place / "corpus")
    return TrainSpec(str(place / "base"), f"{place / 'corpus'}:jsonl", settings=SETTINGS)


def course(spec: TrainSpec, host: Host) -> EncoderCourse:
    return EncoderCourse(spec, read_data(spec, host), host)


def trained(spec: TrainSpec, host: Host, out: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the trainer's state after the last step, and the optimizer's."""
    course(spec, host).run(out, resume=False, note=lambda _: None)
    last = max(out.glob("checkpoints/*"), key=lambda path: int(path.name.split("-")[1]))
    state = json.loads((last / "trainer_state.json").read_text(encoding="utf-8"))
    return state, torch.load(last / "optimizer.pt", weights_only=True)


def rates(state: Mapping[str, Any]) -> list[float]:
    return [one["learning_rate"] for one in state["log_history"] if "loss" in one]


def test_the_learning_rate_rises_and_falls_as_asked(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    usual = replace(SETTINGS, warmup=0.5, weight_decay=0.25)
    state, optimizer = trained(replace(spec, settings=usual), host, tmp_path / "usual")
    found = rates(state)
    top = found.index(max(found))
    assert 0 < top < len(found) - 1
    assert found[:top] == sorted(found[:top]) and found[0] < found[top] / 2
    assert found[top:] == sorted(found[top:], reverse=True) and found[-1] < found[top] / 2
    assert sorted(one["weight_decay"] for one in optimizer["param_groups"]) == [0, 0.25]
    steady = replace(SETTINGS, warmup=0.0, weight_decay=0.0, schedule="constant")
    state, optimizer = trained(replace(spec, settings=steady), host, tmp_path / "steady")
    assert rates(state) == [1e-3] * len(found)
    assert {one["weight_decay"] for one in optimizer["param_groups"]} == {0}


def test_class_weights_weigh_the_loss(host: Host, spec: TrainSpec, tmp_path: Path) -> None:
    once = replace(SETTINGS, epochs=1, learning_rate=0.0, batch_size=48)
    losses = []
    for weighed in (False, True):
        settings = replace(once, class_weights=weighed)
        state, _ = trained(replace(spec, settings=settings), host, tmp_path / str(weighed))
        losses.append(state["log_history"][0]["loss"])
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    model = AutoModelForTokenClassification.from_pretrained(tmp_path / "True").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "True")
    sentences = course(spec, host)._sentences()
    rows = features(tokenizer, sentences.train, classes(sentences.labels), 64)
    batch = tokenizer.pad([{"input_ids": row["input_ids"]} for row in rows], return_tensors="pt")
    with torch.no_grad():
        logits = model(**batch).logits
    labels = torch.full(logits.shape[:2], -100)
    for place, row in enumerate(rows):
        labels[place, : len(row["labels"])] = torch.tensor(row["labels"])
    weights = class_weights(rows, logits.shape[-1])
    chosen = labels[labels != -100]
    each = -logits[labels != -100].log_softmax(-1).gather(1, chosen[:, None])[:, 0]
    heavy = torch.tensor(weights)[chosen]
    expected = float(each.mean()), float((each * heavy).sum() / heavy.sum())
    assert abs(expected[0] - expected[1]) > 5e-3
    assert losses == pytest.approx(expected, abs=5e-4)
    assert float(_weighed(weights)({"logits": logits}, labels)) == pytest.approx(expected[1])


NESTED = "the zebra zoo of the moon"


def test_the_policy_decides_which_of_nested_entities_is_learned(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    entities = [
        {"label": "big", "start": 4, "end": 13},
        {"label": "small", "start": 4, "end": 9},
    ]
    line = json.dumps({"id": "d", "text": NESTED, "entities": entities}) + "\n"
    for split in ("train", "dev"):
        (tmp_path / f"{split}.jsonl").write_text(line, encoding="utf-8")
    nested = replace(spec, corpus=f"{tmp_path}:jsonl")
    kept = {
        "longest": ["O", "B-big", "I-big", "O", "O", "O"],
        "priority:small,big": ["O", "B-small", "O", "O", "O", "O"],
    }
    for name, tags in kept.items():
        asked = course(replace(nested, policy=Policy.parse(name)), host)
        assert [one.tags for one in asked._sentences().train] == [tags]
        assert asked.describe()["policy"]["name"] == name.partition(":")[0]


def test_documents_that_are_held_out_as_dev_are_not_learned_from(
    host: Host, spec: TrainSpec, tmp_path: Path
) -> None:
    source = Path(spec.corpus.removesuffix(":jsonl")) / "train.jsonl"
    (tmp_path / "train.jsonl").write_bytes(source.read_bytes())
    data = read_data(replace(spec, corpus=f"{tmp_path}:jsonl", dev_share=0.25), host)
    train, dev = ({one.document.id for one in part} for part in (data.train, data.dev))
    assert len(data.dev) == 12 and len(data.train) == 36
    assert not train & dev
    assert len(train | dev) == 48
    assert {name: len(part) for name, part in data.corpus.splits.items()} == {
        "train": 36,
        "dev": 12,
    }
