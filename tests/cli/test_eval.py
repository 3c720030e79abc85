"""`nerharness eval`: what it prints, what it writes, and what it does when answers go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness.scoring.protocols import PROTOCOLS
from nerharness.types import Completion, Prompt, Usage

Cli = Callable[..., Any]
Answering = Callable[[Callable[[Prompt], Completion | str]], list[Prompt]]

COUNTED = {"precision": float, "recall": float, "f1": float, "tp": float, "fp": float, "fn": float}
RATES = {"precision": float, "recall": float, "f1": float}
OUTPUTS = {
    **dict.fromkeys(("total", "parse_failed", "repaired", "truncated"), int),
    "problems": dict,
    "reasoning": int,
}
MENTIONS = dict.fromkeys(["total", "exact", "folded", "fuzzy", "ungrounded"], int)
USAGE = {
    **dict.fromkeys(("prompt_tokens", "completion_tokens", "cached", "cached_tokens"), int),
    "cost": type(None),
    "unpriced": int,
    "reasoning_tokens": int,
}
LABELS = ["disease", "rare_disease", "sign", "skin_rare_disease", "symptom"]


def records(folder: str = "run") -> list[dict[str, Any]]:
    lines = Path(folder, "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def assert_shape(value: dict[str, Any], shape: dict[str, type]) -> None:
    assert list(value) == list(shape)
    for name, kind in shape.items():
        assert isinstance(value[name], (int, float) if kind is float else kind), name


def assert_row(row: dict[str, Any], shape: dict[str, type]) -> None:
    """See that a row of figures has its intervals, unless there is nothing to count."""
    known = row.pop("intervals", {})
    assert_shape(row, shape)
    assert list(known) in ([], list(RATES))
    for figure, intervals in known.items():
        assert list(intervals) == ["percentile", "bca"]
        low, high = intervals["percentile"]
        assert 0 <= low <= high <= 1
        assert low - 0.2 < row[figure] < high + 0.2
    row["intervals"] = known


def assert_documented(scores: dict[str, Any]) -> None:
    """See that the shape is that of docs/scoring.md."""
    assert list(scores) == [
        "schema", "protocols", "errors", "oracles", "strata", "by_document", "calibration",
        "resampling", "warnings", "documents", "mentions", "cut_by_units", "outputs", "retrieval",
        "usage", "seconds",
    ]  # fmt: skip
    assert scores["schema"] == 1
    assert list(scores["protocols"]) == list(PROTOCOLS)
    for protocol in scores["protocols"].values():
        assert list(protocol) == ["micro", "macro", "weighted", "labels"]
        assert_row(protocol["micro"], COUNTED)
        assert_row(protocol["macro"], RATES)
        assert_row(protocol["weighted"], RATES)
        for counts in protocol["labels"].values():
            assert_row(counts, COUNTED)
        for name in ("tp", "fp", "fn"):
            total = sum(counts[name] for counts in protocol["labels"].values())
            assert protocol["micro"][name] == pytest.approx(total)
    for side in ("fp", "fn"):
        faults = sum(scores["errors"][side].values())
        assert faults == scores["protocols"]["strict"]["micro"][side]
    for name in ("tp", "fp", "fn"):
        total = sum(counts[name] for counts in scores["by_document"].values())
        assert total == scores["protocols"]["strict"]["micro"][name]
    assert scores["resampling"] == {"draws": 10_000, "seed": 0, "level": 0.95}
    assert_shape(scores["documents"], {"total": int, "failed": int})
    assert_shape(scores["mentions"], MENTIONS)
    assert_shape(scores["outputs"], OUTPUTS)
    assert_shape(scores["usage"], USAGE)
    assert isinstance(scores["seconds"], float)


def test_json_is_one_object_of_the_documented_shape_and_all_else_is_on_stderr(
    cli: Cli, tagger_eval: list[str]
) -> None:
    code, out, err = outcome = cli(*tagger_eval, "--json", "--out", "run")
    assert code == 0
    assert out.count("\n") == 1
    assert_documented(outcome.json)
    assert sorted(outcome.json["protocols"]["strict"]["labels"]) == LABELS
    assert "strict match" in err
    assert "run folder  run" in err


def test_scores_json_in_the_folder_is_what_json_prints(cli: Cli, tagger_eval: list[str]) -> None:
    outcome = cli(*tagger_eval, "--json", "--limit", "5", "--out", "run")
    assert json.loads(Path("run/scores.json").read_text(encoding="utf-8")) == outcome.json


def test_without_json_the_tables_are_on_stdout(cli: Cli, tagger_eval: list[str]) -> None:
    code, out, err = cli(*tagger_eval, "--limit", "3", "--out", "run")
    assert code == 0
    assert "strict match" in out
    assert "why strict match fails" in out
    assert "documents  3, failed 0" in out
    assert "match" not in err
    assert "Traceback" not in err


def test_show_says_how_many_documents_are_shown(cli: Cli, tagger_eval: list[str]) -> None:
    texts = []
    for shown in (0, 1, 3):
        flags = ["--limit", "3", "--show", shown, "--out", f"run{shown}"]
        out = cli(*tagger_eval, *flags).out
        starts = [record["id"] for record in records(f"run{shown}") if record["id"] in out]
        texts.append(len(starts))
    assert texts == [0, 1, 3]


def test_without_out_each_run_gets_a_folder_of_its_own_in_runs(
    cli: Cli, tagger_eval: list[str]
) -> None:
    assert cli(*tagger_eval, "--limit", "1").code == 0
    (folder,) = Path("runs").iterdir()
    assert folder.name.endswith("-sample-gazetteer")
    assert {file.name for file in folder.iterdir()} == {
        "run.json", "journal.jsonl", "scores.json"
    }  # fmt: skip


def test_two_runs_may_start_in_the_same_second(cli: Cli, tagger_eval: list[str]) -> None:
    codes = [cli(*tagger_eval, "--limit", "1", "--show", "0").code for _ in range(3)]
    assert codes == [0, 0, 0]
    assert len(list(Path("runs").iterdir())) == 3


def test_the_name_of_the_run_folder_is_printed_as_it_is(cli: Cli, tagger_eval: list[str]) -> None:
    outcome = cli(*tagger_eval, "--limit", "1", "--out", "a [b] [red]c")
    assert "run folder  a [b] [red]c\n" in outcome.out


def test_run_json_says_all_that_the_run_depended_on(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(lambda prompt: "[]")
    flags = ["--limit", "2", "--seed", "3", "--threshold", "0.9", "--out", "run"]
    assert cli(*scripted_eval, *flags).code == 0
    run = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert run["schema"] == 1
    spec = run["spec"]
    names = {kind: plugin["name"] for kind, plugin in spec.pop("plugins").items()}
    assert names == {
        "backends": "scripted",
        "strategies": "zero-shot",
        "formats": "json",
        "retrievers": "dense",
    }
    assert spec == {
        "corpus": "sample",
        "split": "test",
        "limit": 2,
        "unit": "document",
        "decode": "free",
        "read_as": None,
        "confidence": False,
        "continuations": 0,
        "reasoning_tokens": 0,
        "threshold": 0.9,
        "seed": 3,
        "knowledge": None,
        "hints": "none",
        "tokens": None,
        "protected": False,
        "labels": None,
        "guidelines": None,
        "templates": None,
        "training": None,
    }
    assert [label["name"] for label in run["labels"]] == [
        "disease", "rare_disease", "skin_rare_disease", "sign", "symptom"
    ]  # fmt: skip
    assert run["corpus"]["documents"] == 2
    assert run["model"] == {"model": "scripted"}
    for digest in (run["first_prompt_sha256"], *run["templates_sha256"].values()):
        assert len(digest) == 64
    assert {"versions", "git", "platform", "started"} <= set(run)


def perfect(prompt: Prompt) -> str:
    """Name every fever and cough of the text."""
    text = prompt.messages[-1].content
    items = [{"text": word, "label": "sign"} for word in ("fever", "cough") if word in text]
    return json.dumps(items)


@pytest.fixture
def notes() -> str:
    texts = ["No fever.", "A cough and fever.", "Nothing else.", "More cough.", "Fever again."]
    lines = []
    for text in texts:
        found = [
            {"label": "sign", "start": text.index(word), "end": text.index(word) + len(word)}
            for word in ("fever", "cough")
            if word in text
        ]
        lines.append(json.dumps({"id": text, "text": text, "entities": found}))
    Path("notes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return "notes.jsonl"


def test_concepts_that_are_left_out_are_said(
    cli: Cli, answering: Answering, scripted_eval: list[str], notes: str
) -> None:
    answering(perfect)
    ontology = Path("x.obo")
    ontology.write_text(
        "[Term]\nid: X:1\nname: gout\n\n[Term]\nid: X:2\nname: old\nis_obsolete: true\n"
    )
    outcome = cli(*scripted_eval, "--corpus", notes, "--knowledge", ontology, "--out", "run")
    assert "knowledge  1 passages; left out: 1 obsolete" in outcome.err
    assert outcome.code == 0
    described = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert described["knowledge"] == {"passages": 1, "skipped": {"obsolete": 1}}
    assert described["spec"]["knowledge"] == "x.obo"


CUT = "gold entities cut by sentences, which can neither be found nor shown: 1 of 1 of test"


def test_entities_that_units_cut_are_said_and_kept(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(lambda prompt: "[]")
    entity = {"label": "S", "start": 3, "end": 7}
    Path("c").mkdir()
    Path("c/test.jsonl").write_text(json.dumps({"text": "At A. B too", "entities": [entity]}))
    flags = [*scripted_eval[1:], "--corpus", "c", "--unit", "sentence"]
    outcome = cli("eval", *flags, "--out", "run")
    assert f"units      {CUT}; --unit document reads whole documents" in outcome.err
    assert "units      cut 1 of 1 gold entities: recall is at most 0.000" in outcome.out
    run, scores = (
        json.loads(Path("run", name).read_text(encoding="utf-8"))["cut_by_units"]
        for name in ("run.json", "scores.json")
    )
    assert scores == {"gold": 1, "cut": 1, "recall": 0}
    assert (
        run
        == {"unit": "sentence", "splits": {"test": scores}}
        == (cli("plan", *flags, "--json").json["cut_by_units"])
    )
    assert CUT in cli("plan", *flags).out
    assert CUT in " ".join(cli("validate", "c").out.split())
    whole = cli("eval", *flags, "--unit", "document")
    assert "cut by" not in whole.err and "recall is at most" not in whole.out


def test_perfect_answers_score_one(
    cli: Cli, answering: Answering, scripted_eval: list[str], notes: str
) -> None:
    asked = answering(perfect)
    outcome = cli(*scripted_eval, "--corpus", notes, "--json", "--out", "run")
    scores = outcome.json
    assert_documented(scores)
    assert scores["protocols"]["strict"]["micro"] == {
        "precision": 1.0, "recall": 1.0, "f1": 1.0, "tp": 4, "fp": 0, "fn": 0,
        "intervals": {key: {"percentile": [1.0, 1.0], "bca": [1.0, 1.0]} for key in RATES},
    }  # fmt: skip
    assert scores["mentions"] == {
        "total": 4, "exact": 4, "folded": 0, "fuzzy": 0, "ungrounded": 0
    }  # fmt: skip
    assert (scores["usage"]["prompt_tokens"], scores["usage"]["completion_tokens"]) == (35, 15)
    assert scores["usage"]["cached"] == 0
    assert scores["outputs"]["total"] == 5 == len(asked)


def test_a_document_that_fails_is_recorded_and_the_exit_code_says_so(
    cli: Cli, answering: Answering, scripted_eval: list[str], notes: str
) -> None:
    def answer(prompt: Prompt) -> Completion | str:
        if "cough and" in prompt.messages[-1].content:
            return Completion("", "error", Usage(), error="out of luck \ud83d")
        return perfect(prompt)

    answering(answer)
    outcome = cli(*scripted_eval, "--corpus", notes, "--json", "--out", "run")
    assert outcome.code == 1
    assert outcome.json["documents"] == {"total": 5, "failed": 1}
    strict = outcome.json["protocols"]["strict"]["micro"]
    assert (strict["tp"], strict["fp"], strict["fn"]) == (2, 0, 2)
    failed = {record["id"]: record["error"] for record in records() if record["error"]}
    assert list(failed) == ["A cough and fever."]
    assert failed["A cough and fever."].startswith("out of luck")


def test_a_backend_that_raises_costs_only_the_documents_it_cannot_answer(
    cli: Cli, answering: Answering, scripted_eval: list[str], notes: str
) -> None:
    def answer(prompt: Prompt) -> str:
        if "Nothing" in prompt.messages[-1].content:
            raise RuntimeError("out of memory \ud83d")
        return perfect(prompt)

    answering(answer)
    outcome = cli(*scripted_eval, "--corpus", notes, "--json", "--out", "run")
    assert outcome.code == 1
    assert outcome.json["documents"] == {"total": 5, "failed": 1}
    assert outcome.json["protocols"]["strict"]["micro"]["tp"] == 4
    (failed,) = [record for record in records() if record["error"]]
    assert failed["error"].startswith("RuntimeError: out of memory")


ODD_ANSWERS = {
    "nothing": "",
    "prose": "I am sorry, but I cannot do that.",
    "other JSON": "5",
    "cut off": '[{"text": "fever", "lab',
    "half a character, escaped": r'[{"text": "\ud83d", "label": "sign"}]',
    "half a character in a longer text": r'[{"text": "fever \ud83d", "label": "sign"}]',
    "half a character as it is": "fever \ud83d",
    "control characters": '[{"text": "\x00\x1b[31m", "label": "sign"}]',
    "deep nesting": "[" * 100_000,
    "an endless number": '[{"text": ' + "9" * 5000 + ', "label": "sign"}]',
    "infinity": '[{"text": Infinity, "label": "sign"}]',
    "markup": '[{"text": "[/red]", "label": "sign"}, {"text": "fever", "label": "[b]"}]',
    "empty texts": '[{"text": "", "label": "sign"}, {"text": " ", "label": ""}]',
    "the same a thousand times": json.dumps([{"text": "fever", "label": "sign"}] * 1000),
}


@pytest.mark.parametrize("form", ["json", "bio"])
@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS.keys())
def test_no_answer_however_odd_stops_a_run(
    cli: Cli, answering: Answering, scripted_eval: list[str], notes: str, form: str, answer: str
) -> None:
    answering(lambda prompt: answer)
    outcome = cli(*scripted_eval, "--corpus", notes, "--format", form, "--json", "--out", "run")
    assert outcome.code in (0, 1)
    assert outcome.json["documents"]["total"] == 5
    assert len(records()) == 5
    assert cli("score", "run", "--json").json == outcome.json


@pytest.mark.parametrize("form", ["json", "bio"])
def test_tokens_of_the_corpus_are_used_by_every_format(
    cli: Cli, answering: Answering, scripted_eval: list[str], form: str
) -> None:
    entity = {"label": "sign", "start": 3, "end": 8}
    line = {"text": "no fever", "entities": [entity], "tokens": [[0, 2], [3, 8]]}
    Path("notes.jsonl").write_text(json.dumps(line), encoding="utf-8")
    answers = {"json": '[{"text": "fever", "label": "sign"}]', "bio": "no : O\nfever : B-sign"}
    answering(lambda prompt: answers[form])
    outcome = cli(*scripted_eval, "--corpus", "notes.jsonl", "--format", form, "--json")
    assert outcome.json["protocols"]["strict"]["micro"]["f1"] == 1.0


@pytest.mark.parametrize("flags", [[], ["--split", "train"]])
def test_a_tagger_is_not_tested_on_what_it_learns_from(
    cli: Cli, tagger_eval: list[str], flags: list[str]
) -> None:
    Path("notes").mkdir()
    line = {"text": "fever", "entities": [{"label": "sign", "start": 0, "end": 5}]}
    Path("notes/train.jsonl").write_text(json.dumps(line), encoding="utf-8")
    outcome = cli(*tagger_eval, "--corpus", "notes", *flags, "--out", "run")
    assert outcome.code == 2
    assert "a tagger cannot be tested on what it learns from" in outcome.err
    assert not Path("run").exists()


def test_a_warning_is_one_line_on_stderr(
    cli: Cli, tagger_eval: list[str], recwarn: pytest.WarningsRecorder
) -> None:
    for split in ("train", "test"):
        Path(split).mkdir()
        Path(split, "a.txt").write_text("fever", encoding="utf-8")
        Path(split, "a.ann").write_text("T1\tSign 0 5\tfever\n", encoding="utf-8")
    Path("test", "b.txt").write_text("cough", encoding="utf-8")
    outcome = cli(*tagger_eval, "--corpus", ".", "--json", "--out", "run")
    assert outcome.code == 0
    assert outcome.json["protocols"]["strict"]["micro"]["f1"] == 1.0
    (line,) = [line for line in outcome.err.splitlines() if "without .ann" in line]
    assert line.startswith("nerharness: warning: ")
