"""`nerharness train`, and `eval` with what it made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.tiny_bert import save_bert, save_corpus

pytestmark = pytest.mark.filterwarnings("ignore")

Cli = Callable[..., Any]


@pytest.fixture
def given(cli: Cli) -> list[str]:
    """The flags of a training in the current folder, which takes two seconds."""
    del cli
    Path("corpus").mkdir()
    save_corpus(Path("corpus"))
    save_bert(Path("bert"))
    flags = "--corpus corpus:jsonl --model bert --learning-rate 5e-3 --batch-size 8"
    return flags.split()


def test_a_model_is_trained_and_labels(cli: Cli, given: list[str]) -> None:
    outcome = cli("train", *given, "--epochs", "8", "--out", "model", "--json")
    assert outcome.code == 0
    assert outcome.out.count("\n") == 1
    assert outcome.json["dev"]["protocols"]["strict"]["micro"]["f1"] > 0.9
    assert "epoch 8: F1 on dev" in outcome.err
    for out, more in {"run": [], "plain": ["--no-viterbi"]}.items():
        scores = cli(
            "eval", "--tagger", "encoder", "--model", "model", "--corpus", "corpus:jsonl",
            "--json", "--out", out, *more,
        ).json  # fmt: skip
        assert scores["protocols"]["strict"]["micro"]["f1"] > 0.9
    described = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert described["spec"]["plugins"]["taggers"]["options"]["model"] == "model"


def test_without_json_the_scores_on_dev_are_tables(cli: Cli, given: list[str]) -> None:
    outcome = cli("train", *given, "--epochs", "1", "--out", "model", "--class-weights")
    assert outcome.code == 0
    assert "strict match" in outcome.out
    assert "model  model" in outcome.err
    again = cli("train", *given, "--epochs", "1", "--out", "model")
    assert again.code == 2
    assert "not an empty folder" in again.err


def test_a_model_that_tags_no_words_is_refused(cli: Cli, given: list[str]) -> None:
    del given
    outcome = cli("eval", "--tagger", "encoder", "--model", "bert", "--out", "run")
    assert outcome.code == 2
    assert "was not trained to tag words" in outcome.err
    assert "nerharness train" in outcome.err
    outcome = cli("eval", "--tagger", "encoder", "--out", "run")
    assert outcome.code == 2
    assert "the encoder needs a model" in outcome.err
