"""A trained model is asked as in training: the same prompts, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

from backends.hub import MODEL, Hub
from backends.tiny import save_letters
from training.tiny_bert import save_corpus, save_two

from nerharness.runs import lessons

pytestmark = pytest.mark.filterwarnings("ignore")

Cli = Callable[..., Any]
Asked = list[list[list[str]]]
"""Role and content of each message of each prompt."""

LABELS = """
left_out = ["other"]
[[labels]]
name = "small"
definition = "A word with a z."
[[labels]]
name = "big"
definition = "One with an o besides."
"""


@pytest.fixture
def taught(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Make model and corpus in the current folder; returns the prompts that are trained on."""
    del cli
    Path("corpus").mkdir()
    for file in save_corpus(Path("corpus")).iterdir():
        some = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(some[: 12 if file.stem == "train" else 2]), encoding="utf-8")
    save_letters(Path("letters"))
    Path("labels.toml").write_text(LABELS, encoding="utf-8")
    seen: Asked = []
    solved = lessons.solved

    def note(*given: Any, **more: Any) -> Iterator[Any]:
        for one in solved(*given, **more):
            seen.append([[*message] for message in one.prompt.messages])
            yield one

    monkeypatch.setattr(lessons, "solved", note)
    return seen


def train(cli: Cli, flags: str, out: str) -> None:
    always = "--epochs 0.1 --dev-limit 1 --device cpu --dtype float32"
    always += "" if "--model" in flags else " --model letters"
    corpus = [] if "--corpus" in flags else ["--corpus", "corpus:jsonl"]
    done = cli("train", *corpus, *always.split(), *flags.split(), "--out", out)
    assert done.code == 0, done.err


def planned(cli: Cli, *flags: str, corpus: str = "corpus:jsonl") -> Asked:
    """Return the prompts that an evaluation on train would send."""
    outcome = cli("plan", *flags, "--corpus", corpus, "--split", "train", "--show", "999", "--json")
    assert outcome.code == 0, outcome.err
    return [
        [[message["role"], message["content"]] for message in prompt["messages"]]
        for shown in outcome.json["shown"]
        for prompt in shown["prompts"]
    ]


SHAPES = {
    "strategy and format": "--strategy few-shot --shots 1 --retriever bm25 --format brackets",
    "options of the retriever": "--strategy few-shot --shots 2 --retriever fixed --fixed 5,9",
    "seed of the retriever": "--strategy few-shot --shots 1 --retriever random --seed 7",
    "label set": "--labels labels.toml",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_adapter_and_what_it_is_merged_into_are_asked_as_in_training(
    cli: Cli, taught: Asked, shape: str
) -> None:
    train(cli, f"--method lora {shape}", "adapter")
    expected = list(taught)
    assert len(expected) == 12
    assert planned(cli, "--adapter", "adapter") == expected
    assert cli("train", "merge", "--adapter", "adapter", "--out", "whole").code == 0
    assert planned(cli, "--model", "whole") == expected


def test_a_whole_model_is_asked_as_in_training_by_the_command_on_its_card(
    cli: Cli, taught: Asked
) -> None:
    train(cli, f"--method full {SHAPES['strategy and format']} {SHAPES['label set']}", "whole")
    card = Path("whole/README.md").read_text(encoding="utf-8")
    assert "nerharness eval --backend hf --model DIR" in card
    flags = ["--backend", "hf", "--model", "whole"]
    assert planned(cli, *flags) == taught != []
    about = ["--corpus", "corpus:jsonl", "--split", "dev", "--limit", "1", "--max-tokens", "4"]
    done = cli("eval", *flags, *about, "--device", "cpu", "--out", "run")
    assert done.code == 0
    assert "asked as in whole/training.json" in done.err
    assert "WARNING" not in done.err and "otherwise" not in done.err
    run, training = (
        json.loads(Path(file).read_text(encoding="utf-8"))
        for file in ("run/run.json", "whole/training.json")
    )
    assert run["first_prompt_sha256"] == training["prompts"]["first_prompt_sha256"]
    assert [label["name"] for label in run["labels"]] == ["small", "big"]
    assert cli("eval", "--resume", "run").code == 0


def test_flags_win_and_what_they_change_is_said(cli: Cli, taught: Asked) -> None:
    train(cli, f"--method lora {SHAPES['options of the retriever']}", "adapter")
    flags = ["--adapter", "adapter", "--corpus", "corpus:jsonl", "--limit", "1"]
    outcome = cli("plan", *flags, "--retriever", "bm25", "--shots", "1", "--labels", "labels.toml")
    assert outcome.code == 0, outcome.err
    assert "otherwise  --retriever is bm25, was fixed" in outcome.err
    assert "otherwise  --shots is 1, was 2" in outcome.err
    assert "fixed is" not in outcome.err, "an option of another retriever"
    assert (
        "WARNING    the labels are not those of training: defined otherwise: small, big"
    ) in outcome.err
    outcome = cli("plan", *flags, "--strategy", "few-shot+verify", "--shots", "1")
    assert outcome.code == 0, outcome.err
    assert "otherwise  --shots is 1, was 2" in outcome.err


def test_a_corpus_with_other_labels_keeps_them_and_that_is_said(cli: Cli, taught: Asked) -> None:
    train(cli, f"--method lora {SHAPES['label set']}", "adapter")
    for label, asked_for in {"never": "never", "other": "small"}.items():
        Path(label).mkdir()
        for file in Path("corpus").iterdir():
            text = file.read_text(encoding="utf-8").replace('"small"', f'"{label}"')
            (Path(label) / file.name).write_text(text, encoding="utf-8")
        flags = ["--adapter", "adapter", "--corpus", f"{label}:jsonl", "--limit", "1"]
        outcome = cli("plan", *flags)
        assert outcome.code == 0, outcome.err
        said = "never learned: never; learned, but not asked for: small" in outcome.err
        assert said == (label == "never")
        assert asked_for in planned(cli, *flags[:2], corpus=f"{label}:jsonl")[0][0][1]


def test_each_mixed_corpus_is_asked_with_its_own_labels(cli: Cli, taught: Asked) -> None:
    for name in ("a/conll", "b/conll"):
        Path(name).mkdir(parents=True)
        for file in Path("corpus").iterdir():
            text = file.read_text(encoding="utf-8").replace('"big"', f'"{name[0]}"')
            (Path(name) / file.name).write_text(text, encoding="utf-8")
    train(cli, "--method lora --corpus a/conll:jsonl --mix b/conll:jsonl", "adapter")
    asked = [
        planned(cli, "--adapter", "adapter", corpus=f"{name}/conll:jsonl") for name in ("a", "b")
    ]
    assert asked[0] + asked[1] == taught
    assert asked[0] != asked[1]


def test_an_adapter_is_asked_with_the_commit_of_its_retrievers_model(
    cli: Cli, taught: Asked, hub: Hub, tmp_path: Path
) -> None:
    pytest.importorskip("faiss")
    save_two(tmp_path)
    first = hub.commit("a", tmp_path / "a")
    encoder = f"--strategy few-shot --shots 1 --embedding-model {MODEL}"
    train(cli, f"--method lora {encoder}", "adapter")
    second = hub.commit("b", tmp_path / "b")
    flags = ["--corpus", "corpus:jsonl", "--limit", "1", "--max-tokens", "4", "--device", "cpu"]
    for more, commit in (([], first), (["--embedding-revision", "main"], second)):
        out = f"run{len(more)}"
        assert cli("eval", "--adapter", "adapter", *flags, *more, "--out", out).code == 0
        run = json.loads(Path(out, "run.json").read_text(encoding="utf-8"))
        assert run["retriever"] == {"model": MODEL, "revision": commit}
    assert taught


def test_a_mark_beside_what_tells_of_a_training_protects(
    cli: Cli, taught: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nerharness.runs.protection.go_offline", lambda: None)
    train(cli, "--method lora", "adapter")
    asked = [
        "--adapter",
        "adapter",
        "--corpus",
        "corpus:jsonl",
        "--limit",
        "1",
        "--max-tokens",
        "4",
    ]
    for mark in (False, True):
        Path("adapter/corpus.toml").write_text(f"protected = {mark}".lower())
        out = f"run-{mark}"
        assert cli("eval", *asked, "--device", "cpu", "--out", out).code == 0
        run = json.loads(Path(out, "run.json").read_text(encoding="utf-8"))
        assert run["spec"]["protected"] is mark
    assert taught


def test_an_adapter_is_asked_with_the_commit_of_its_base(cli: Cli, taught: Asked, hub: Hub) -> None:
    first = hub.commit("a", Path("letters"))
    train(cli, f"--method lora --model {MODEL}", "adapter")
    assert taught
    second = hub.commit("b", Path("letters"))
    flags = ["--corpus", "corpus:jsonl", "--limit", "1", "--max-tokens", "4", "--device", "cpu"]
    asked = ["eval", "--adapter", "adapter", *flags]
    assert cli(*asked, "--out", "run").code == 0
    run = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    options = run["spec"]["plugins"]["backends"]["options"]
    assert (options["model"], options["revision"]) == (MODEL, first)
    refused = cli(*asked, "--revision", "main", "--out", "other")
    assert refused.code == 2
    assert (
        f"was trained on '{MODEL}' of commit {first}, which is not '{MODEL}' of commit {second}"
    ) in refused.err
    assert cli("train", "merge", "--adapter", "adapter", "--out", "whole").code == 0
