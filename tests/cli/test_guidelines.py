"""`nerharness guidelines`: a draft on stdout or in a new file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def corpus(*splits: str) -> str:
    Path("corpus").mkdir()
    for split in splits:
        entity = {"label": "sign", "start": 3, "end": 8}
        line = {"text": f"No fever in {split}.", "entities": [entity]}
        Path(f"corpus/{split}.jsonl").write_text(json.dumps(line), encoding="utf-8")
    return "corpus"


def test_the_draft_goes_to_stdout_and_is_from_train_alone(cli: Cli) -> None:
    outcome = cli("guidelines", corpus("train", "test"))
    assert (outcome.code, outcome.err) == (0, "")
    assert "No **fever** in train." in outcome.out
    assert "in test" not in outcome.out
    assert "1 document with 1 mention" in outcome.out
    assert cli("guidelines", "corpus", "--examples", "0").out.count("**") == 0


def test_a_label_set_brings_its_definitions(cli: Cli) -> None:
    text = '[[labels]]\nname = "sign"\ndefinition = "seen by others"\n'
    Path("labels.toml").write_text(text, encoding="utf-8")
    outcome = cli("guidelines", corpus("train"), "--labels", "labels.toml")
    assert "- sign: seen by others. 1 mention" in outcome.out


def test_the_draft_can_be_given_to_eval_and_is_never_written_over(cli: Cli) -> None:
    flags = ["guidelines", corpus("train", "test"), "-o", "rules.md"]
    assert cli(*flags) == (0, "", "")
    text = Path("rules.md").read_text(encoding="utf-8")
    assert text.startswith("# Annotation guidelines")
    again = cli(*flags)
    assert again.code == 2
    assert "--out rules.md: the file is there already" in again.err
    plan = ["plan", "--corpus", "corpus", "--strategy", "zero-shot", "--guidelines", "rules.md"]
    assert text.strip() in cli(*plan, "--backend", "hf", "--model", "nowhere.gguf").out


@pytest.mark.parametrize("flags", [[], ["--split", "dev"]])
def test_without_the_split_there_is_nothing_to_learn_from(cli: Cli, flags: list[str]) -> None:
    outcome = cli("guidelines", corpus("test"), *flags)
    assert (outcome.code, outcome.out) == (2, "")
    split = flags[-1] if flags else "train"
    assert f"no split '{split}' to learn from; it has: test" in outcome.err
