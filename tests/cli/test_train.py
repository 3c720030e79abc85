"""`nerharness train`, and `eval` with what it made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.tiny_bert import save_bert, save_corpus

from nerharness.runs.folder import RunFolder

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
    ways = {"run": [], "plain": ["--no-viterbi"], "learnt": ["--split", "train"]}
    for out, more in ways.items():
        scores = cli(
            "eval", "--tagger", "encoder", "--model", "model", "--corpus", "corpus:jsonl",
            "--json", "--out", out, *more,
        ).json  # fmt: skip
        assert scores["protocols"]["strict"]["micro"]["f1"] > 0.9
    described = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert described["spec"]["plugins"]["taggers"]["options"]["model"] == "model"


def test_the_f1_that_chose_the_epoch_is_that_of_an_evaluation(cli: Cli, given: list[str]) -> None:
    """Of words in long sentences, too, which the model reads in windows, and of their best tags."""
    for split in ("train", "dev"):
        of_two_words(Path(f"corpus/{split}.jsonl"))
    in_one_sentence(Path("corpus/dev.jsonl"))
    missed = {"text": "roof lamp", "entities": [{"label": "big", "start": 0, "end": 4}]}
    with Path("corpus/dev.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(missed) + "\n")
    much = ["--learning-rate", "1e-2", "--epochs", "4", "--dev-limit", "1"]
    assert cli("train", *given, *much, "--out", "model").code == 0
    history = json.loads(Path("model/training.json").read_text(encoding="utf-8"))["history"]
    best = max((one["f1"], one["macro_f1"]) for one in history if one["f1"] is not None)
    flags = ["--tagger", "encoder", "--model", "model", "--corpus", "corpus:jsonl"]
    found = []
    for more in (["--limit", "1"], [], ["--limit", "1", "--no-viterbi"]):
        scores = cli("eval", *flags, "--split", "dev", *more, "--json").json["protocols"]["strict"]
        found.append((scores["micro"]["f1"], scores["macro"]["f1"]))
    assert best == found[0]
    assert best not in found[1:], "of other documents, or otherwise read, it would be another"
    assert 0 < best[0] < 1


def of_two_words(file: Path) -> None:
    """Let each entity in a file of `save_corpus` go on with the next word, if there is one."""
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        document, kept = json.loads(line), [{"end": 0}]
        for one in document["entities"]:
            end = document["text"].find(" ", one["end"] + 1)
            if one["start"] >= kept[-1]["end"]:
                kept.append({**one, "end": end if end > 0 else one["end"]})
        lines.append(json.dumps({**document, "entities": kept[1:]}) + "\n")
    file.write_text("".join(lines), encoding="utf-8")


def in_one_sentence(file: Path) -> None:
    """Make one document of all that stand in a file of `save_corpus`."""
    text, entities = "", []
    for line in file.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        entities += [
            {**one, "start": one["start"] + len(text), "end": one["end"] + len(text)}
            for one in document["entities"]
        ]
        text += document["text"].replace(".", " ")
    whole = {"id": "all", "text": text, "entities": entities}
    file.write_text(json.dumps(whole) + "\n", encoding="utf-8")


def test_an_encoder_is_evaluated_on_the_words_and_labels_of_its_training(
    cli: Cli, given: list[str]
) -> None:
    trained = cli("train", *given, "--epochs", "8", "--tokens", "raredis", "--out", "model")
    assert trained.code == 0
    asked = ["eval", "--tagger", "encoder", "--model", "model", "--corpus", "corpus:jsonl"]
    outcome = cli(*asked, "--out", "run")
    assert "as in model/training.json: tokens raredis" in outcome.err
    assert "otherwise" not in outcome.err and "WARNING" not in outcome.err
    described = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert described["spec"]["tokens"] == "raredis"
    outcome = cli(*asked, "--tokens", "default", "--out", "other")
    assert "otherwise  --tokens is default, was raredis" in outcome.err

    Path("big.toml").write_text('left_out = ["small"]\n[[labels]]\nname = "big"\n', "utf-8")
    outcome = cli(*asked, "--labels", "big.toml", "--out", "big", "--json")
    assert "labels are not those of training: learned, but not asked for: small" in outcome.err
    found = [entity[0] for record in journal("big") for entity in record["entities"]]
    small = [e[0] for record in journal("run") for e in record["entities"]].count("small")
    assert set(found) == {"big"} and small
    assert f"not taken, for their labels are none of the task's: {small} small" in outcome.err
    described = json.loads(Path("big/run.json").read_text(encoding="utf-8"))
    assert described["observed"] == [{"outside_labels": {"small": small}}]
    assert outcome.json["protocols"]["strict"]["micro"]["f1"] > 0.9


def test_without_json_the_scores_on_dev_are_tables(cli: Cli, given: list[str]) -> None:
    outcome = cli("train", *given, "--epochs", "1", "--out", "model", "--class-weights")
    assert outcome.code == 0
    assert "strict match" in outcome.out
    assert "model  model" in outcome.err
    again = cli("train", *given, "--epochs", "1", "--out", "model")
    assert again.code == 2
    assert "not an empty folder" in again.err


def test_entities_that_sentences_cut_are_said_and_kept(cli: Cli, given: list[str]) -> None:
    entity = {"label": "big", "start": 3, "end": 7}
    with Path("corpus/dev.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"text": "At A. B too", "entities": [entity]}) + "\n")
    outcome = cli("train", *given, "--epochs", "1", "--out", "model")
    said = re.search(
        r"units      (gold entities cut by sentences.* 1 of \d+ of dev;.*)", outcome.err
    )
    assert said is not None
    assert said[1].endswith("of dev; --tokens gives other sentences")
    kept = json.loads(Path("model/training.json").read_text(encoding="utf-8"))["cut_by_units"]
    assert [one["cut"] for one in kept["splits"].values()] == [0, 1]
    assert said[1] in cli("train", *given, "--plan").out
    flags = ["--tagger", "encoder", "--model", "model", "--corpus", "corpus:jsonl"]
    assert said[1] in cli("eval", *flags, "--split", "dev", "--out", "run").err
    assert said[1] in cli("train", *given, "--epochs", "1", "--sizes", "9", "--out", "sizes").err


def test_a_model_that_tags_no_words_is_refused(cli: Cli, given: list[str]) -> None:
    del given
    outcome = cli("eval", "--tagger", "encoder", "--model", "bert", "--out", "run")
    assert outcome.code == 2
    assert "was not trained to tag words" in outcome.err
    assert "nerharness train" in outcome.err
    outcome = cli("eval", "--tagger", "encoder", "--out", "run")
    assert outcome.code == 2
    assert "the encoder needs a model" in outcome.err


def test_an_adapter_is_evaluated_as_it_was_trained(cli: Cli, given: list[str]) -> None:
    for needed in ("datasets", "peft", "trl"):
        pytest.importorskip(needed)
    from backends.tiny import save_letters

    del given
    save_letters(Path("letters"))
    flags = "--method lora --corpus corpus:jsonl --model letters --epochs 1 --dev-limit 2 --limit 8"
    more = "--strategy few-shot --shots 1 --retriever bm25 --format brackets --device cpu"
    trained = cli("train", *flags.split(), *more.split(), "--out", "adapter", "--json")
    assert trained.code == 0
    asked = ["eval", "--adapter", "adapter", "--corpus", "corpus:jsonl", "--limit", "2", "--json"]
    assert cli(*asked, "--max-tokens", "8", "--out", "run").code == 0
    spec = json.loads(Path("run/run.json").read_text(encoding="utf-8"))["spec"]
    assert {kind: one["name"] for kind, one in spec["plugins"].items()} == {
        "backends": "hf", "strategies": "few-shot", "formats": "brackets", "retrievers": "bm25",
    }  # fmt: skip
    assert spec["plugins"]["strategies"]["options"]["shots"] == 1
    assert spec["plugins"]["backends"]["options"]["model"] == "letters"
    cli(*asked, "--max-tokens", "8", "--format", "lines", "--out", "other")
    other = json.loads(Path("other/run.json").read_text(encoding="utf-8"))["spec"]
    assert other["plugins"]["formats"]["name"] == "lines"
    merged = cli("train", "merge", "--adapter", "adapter", "--out", "whole")
    assert merged.code == 0
    shape = [
        "--strategy",
        "few-shot",
        "--shots",
        "1",
        "--retriever",
        "bm25",
        "--format",
        "brackets",
    ]
    plain = ["eval", "--model", "whole", *shape, *asked[3:], "--max-tokens", "8", "--out", "merged"]
    assert cli(*plain, "--dtype", "float32").code == 0
    cli(*asked, "--max-tokens", "8", "--dtype", "float32", "--out", "apart")
    answers = [
        [exchange["completion"] for record in journal(name) for exchange in record["transcript"]]
        for name in ("merged", "apart")
    ]
    assert answers[0] == answers[1] != []
    again = cli("train", "merge", "--adapter", "adapter", "--out", "whole")
    assert again.code == 2
    assert "not an empty folder" in again.err


def journal(run: str) -> list[dict[str, Any]]:
    return [record.to_json() for record in RunFolder.open(Path(run)).records()]


def test_flags_of_another_method_are_refused(cli: Cli, given: list[str]) -> None:
    for flags in (["--rank", "8"], ["--format", "json"], ["--shots", "2"], ["--mix", "sample"]):
        outcome = cli("train", *given, *flags, "--out", "model")
        assert outcome.code == 2
        assert "of no use with --method encoder" in outcome.err
    outcome = cli("train", *given, "--method", "full", "--rank", "8", "--out", "model")
    assert "of no use with --method full" in outcome.err


@pytest.mark.parametrize("sizes", [[], ["--sizes", "8,all"]])
def test_an_interrupted_training_says_how_to_go_on(
    cli: Cli, given: list[str], monkeypatch: pytest.MonkeyPatch, sizes: list[str]
) -> None:
    begun = True

    def stop(*_: Any, **__: Any) -> None:
        if begun:
            Path("model/8").mkdir(parents=True)
        raise KeyboardInterrupt

    # In this order: imported now, or the curve would keep the other one.
    monkeypatch.setattr("nerharness.runs.sizes.train_sizes", stop)
    monkeypatch.setattr("nerharness.runs.training.train", stop)
    outcome = cli("train", *given, *sizes, "--out", "model")
    assert outcome.code == 130
    hint = "go on with: the same flags, --out model among them, and --resume"
    assert hint in outcome.err
    begun = False
    outcome = cli("train", *given, *sizes, "--out", "nothing")
    assert outcome.code == 130
    assert "--resume" not in outcome.err


def test_seeds_are_averaged_in_one_table(cli: Cli, given: list[str]) -> None:
    flags = [*given, "--epochs", "1", "--limit", "16", "--seeds", "0, 1"]
    for wrong, message in (
        (["--seed", "1"], "--seeds stands in place of --seed"),
        (["--plan"], "--plan is about one training"),
        (["--seeds", "0,00"], "a seed is given twice"),
        (["--seeds", "0,x"], "'x' is no seed"),
        (["--seeds", "0,4294967296"], "'4294967296' is no seed from 0 to 4294967295"),
        (["--seed", "-1"], "-1 is not in the range 0<=x<=4294967295"),
    ):
        outcome = cli("train", *flags, *wrong, "--out", "models")
        assert outcome.code == 2
        assert message in outcome.err
    outcome = cli("train", *flags, "--out", "models")
    assert outcome.code == 0
    assert "seed 1: step" in outcome.err and "models  models" in outcome.err
    told = json.loads(Path("models/sizes.json").read_text(encoding="utf-8"))
    (mean,) = told["means"]
    (row,) = (line.split() for line in outcome.out.splitlines() if line.split()[:1] == ["all"])
    micro = mean["micro"]
    assert row[1:5] == ["16", "2", f"{micro['mean']:.3f}", f"{micro['deviation']:.3f}"]
    assert Path("models/seed-1/model.safetensors").is_file()


def test_the_help_says_what_a_plan_passes_over(cli: Cli) -> None:
    assert "nothing is written, --out and --resume are passed over" in " ".join(
        cli("train", "--help").out.split()
    )
