"""Going on with a run: exactly what is missing, and only with the same task and method."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nerharness.errors import RunError
from nerharness.plugin.host import Host
from nerharness.runs.evaluation import Evaluation, prepare
from nerharness.runs.folder import RunFolder
from nerharness.runs.resume import check_same
from nerharness.runs.spec import Spec
from nerharness.types import Completion, Prompt

Scripted = Callable[[Callable[[Prompt], Completion | str]], Any]

SPEC = Spec(
    backend="scripted",
    strategy="few-shot",
    retriever="random",
    limit=6,
    unit="document",
    options={"shots": 2},
)


@pytest.fixture
def asked(scripted: Scripted) -> list[Prompt]:
    """What the scripted backend has been asked so far."""
    backend = scripted(lambda prompt: "[]")
    return backend.asked  # type: ignore[no-any-return]


@pytest.fixture
def evaluate(host: Host, asked: list[Prompt]) -> Callable[..., Evaluation]:
    return lambda **changes: prepare(replace(SPEC, **changes), host)


def described(evaluation: Evaluation) -> dict[str, Any]:
    """The description as it comes back from `run.json`."""
    return json.loads(json.dumps(dict(evaluation.description)))  # type: ignore[no-any-return]


def test_the_same_spec_may_go_on(evaluate: Callable[..., Evaluation]) -> None:
    check_same(described(evaluate()), evaluate().description, "run")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            {"strategy": "zero-shot", "options": {}},
            "spec.plugins.strategies.name was 'few-shot', is 'zero-shot'",
        ),
        ({"format": "bio"}, "spec.plugins.formats.name was 'json', is 'bio'"),
        ({"options": {"shots": 3}}, "spec.plugins.strategies.options.shots was 2, is 3"),
        ({"seed": 4}, "spec.seed was 0, is 4"),
        ({"seed": 4}, "spec.plugins.retrievers.options.seed was 0, is 4"),
        ({"limit": 5}, "spec.limit was 6, is 5"),
        ({"split": "dev"}, "spec.split was 'test', is 'dev'"),
        ({"unit": "sentence"}, "spec.unit was 'document', is 'sentence'"),
        ({"threshold": 0.9}, "spec.threshold was 0.8, is 0.9"),
    ],
)
def test_a_difference_is_named_with_both_values(
    evaluate: Callable[..., Evaluation], change: dict[str, Any], named: str
) -> None:
    with pytest.raises(RunError) as caught:
        check_same(described(evaluate()), evaluate(**change).description, "run")
    assert named in str(caught.value)
    assert "--out" in caught.value.hint


def test_what_follows_from_another_flag_is_not_named(evaluate: Callable[..., Evaluation]) -> None:
    with pytest.raises(RunError) as caught:
        check_same(described(evaluate()), evaluate(limit=5).description, "run")
    assert "made differently: spec.limit was 6, is 5; give" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ({"retriever": "bm25"}, "spec.plugins.retrievers.name was 'random', is 'bm25'"),
        (
            {"retriever": "bm25", "options": {"shots": 3}},
            "spec.plugins.retrievers.name was 'random', is 'bm25'; "
            "spec.plugins.strategies.options.shots was 2, is 3",
        ),
    ],
)
def test_of_another_plugin_the_name_alone_is_named(
    evaluate: Callable[..., Evaluation], change: dict[str, Any], differences: str
) -> None:
    with pytest.raises(RunError) as caught:
        check_same(described(evaluate()), evaluate(**change).description, "run")
    assert f"made differently: {differences}; give" in str(caught.value)


def test_of_what_is_labelled_otherwise_the_names_alone_are_named(
    evaluate: Callable[..., Evaluation], host: Host
) -> None:
    other = prepare(Spec(tagger="gazetteer", limit=6, unit="document"), host).description
    with pytest.raises(RunError) as caught:
        check_same(described(evaluate()), other, "run")
    assert "spec.plugins.backends was 'scripted', is None" in str(caught.value)
    assert "options" not in str(caught.value)


@pytest.mark.parametrize("split", ["test", "train"])
def test_a_changed_corpus_is_noticed(
    tmp_path: Path, evaluate: Callable[..., Evaluation], split: str
) -> None:
    for name in ("train", "test"):
        lines = [json.dumps({"text": f"{name} {number}"}) for number in range(3)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "corpus.toml").write_text('labels = [{name = "sign"}]', encoding="utf-8")
    before = described(evaluate(corpus=str(tmp_path)))
    changed = {"text": f"{split} 1", "entities": [{"label": "sign", "start": 0, "end": 4}]}
    file = tmp_path / f"{split}.jsonl"
    file.write_text(file.read_text().replace(f'{{"text": "{split} 1"}}', json.dumps(changed)))
    key = "corpus.sha256" if split == "test" else "corpus.train_sha256"
    with pytest.raises(RunError, match=key):
        check_same(before, evaluate(corpus=str(tmp_path)).description, "run")


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (["model", "model"], "another"),
        (["labels", 0, "definition"], "another"),
        (["templates_sha256", "system"], "0"),
        (["first_prompt_sha256"], "0"),
    ],
)
def test_a_changed_model_definition_or_prompt_is_noticed(
    evaluate: Callable[..., Evaluation], way: list[Any], value: str
) -> None:
    now = described(evaluate())
    before = copy.deepcopy(now)
    place: Any = before
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    with pytest.raises(RunError, match=str(way[0])):
        check_same(before, now, "run")


def test_versions_machine_and_time_decide_nothing(evaluate: Callable[..., Evaluation]) -> None:
    now = described(evaluate())
    before = {**now, "versions": {}, "git": None, "platform": "x", "started": "1970-01-01"}
    check_same(before, now, "run")


@pytest.mark.parametrize("done", [0, 1, 3, 6])
def test_exactly_the_missing_documents_are_asked_for(
    tmp_path: Path, evaluate: Callable[..., Evaluation], asked: list[Prompt], done: int
) -> None:
    evaluation = evaluate()
    whole = list(evaluation.records())
    asked.clear()
    folder = RunFolder.create(tmp_path / "run", evaluation.description)
    for record in whole[:done]:
        folder.append(record)
    ids = [record.id for record in folder.records()]
    rest = list(evaluation.records(done=ids))
    assert [record.id for record in rest] == [record.id for record in whole[done:]]
    questions = [prompt.messages[-1].content for prompt in asked]
    assert questions == [f"Text: {record.text}" for record in whole[done:]]


def test_a_run_in_two_parts_equals_a_run_in_one(evaluate: Callable[..., Evaluation]) -> None:
    whole = [replace(record, seconds=0) for record in evaluate().records()]
    parts = [
        replace(record, seconds=0)
        for record in evaluate().records(done=[record.id for record in whole[:4]])
    ]
    assert whole[:4] + parts == whole
