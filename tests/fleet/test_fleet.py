"""A run on a Ray cluster is the run on one machine, whatever becomes of the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nerharness.errors import NerharnessError, PluginError, RunError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.evaluation import Evaluation, prepare
from nerharness.runs.inputs import read_inputs
from nerharness.runs.record import Record
from nerharness.runs.resume import Known
from nerharness.runs.scores import Scores
from nerharness.runs.spec import Spec
from nerharness.telemetry import OFF

pytest.importorskip("ray")

import ray
from ray.exceptions import (
    NodeDiedError,
    OutOfMemoryError,
    RayError,
    RaySystemError,
    WorkerCrashedError,
)

from nerharness.fleet.cluster import Size, joined
from nerharness.fleet.crew import cause
from nerharness.fleet.fleet import Fleet
from nerharness.fleet.worker import Bunch, Card, Worker

SpecOf = Callable[..., Spec]

BY_DEFAULT = Size()


def spread(spec: Spec, host: Host, size: Size = BY_DEFAULT) -> Evaluation:
    return prepare(spec, host, gather=lambda inputs: Fleet(inputs, size))


def plain(records: Iterator[Record] | list[Record]) -> dict[str, Record]:
    """Return the records by id; a document that comes twice is a mistake."""
    found: dict[str, Record] = {}
    for record in records:
        assert record.id not in found
        found[record.id] = replace(record, seconds=0.0)
    return found


def scores(records: dict[str, Record]) -> dict[str, Any]:
    return Scores.of(iter(records.values()), ("sign",)).to_json()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes"
    file.touch()
    return file


def asked(notes: Path) -> Counter[str]:
    return Counter(line.split()[1].rstrip(".") for line in notes.read_text().splitlines())


@pytest.fixture
def whole(host: Host, spec_of: SpecOf) -> dict[str, Record]:
    """What one machine finds."""
    found = plain(prepare(spec_of(), host).records())
    assert all(record.entities for record in found.values())
    return found


def test_the_records_and_scores_are_those_of_one_machine(
    nodes: list[Any], host: Host, spec_of: SpecOf, notes: Path, whole: dict[str, Record]
) -> None:
    evaluation = spread(spec_of(notes=str(notes), seconds=0.01), host)
    ticks: list[int] = []
    found = plain(evaluation.records(tick=ticks.append))
    assert found == whole
    assert scores(found) == scores(whole)
    assert sum(ticks) == evaluation.steps() == asked(notes).total()
    assert len({line.split()[0] for line in notes.read_text().splitlines()}) == 2, "two workers"
    assert evaluation.observed == {"ray": {"workers": 2, "lost": 0}}
    assert evaluation.description["model"] == {"model": "one"}


def test_answers_are_read_in_the_format_that_is_not_asked_for_there_too(
    nodes: list[Any], host: Host, spec_of: SpecOf
) -> None:
    unread = replace(spec_of(), format="lines", limit=9)
    spec = replace(unread, read_as="json")
    here = plain(prepare(spec, host).records())
    assert plain(spread(spec, host).records()) == here
    assert all(record.entities for record in here.values())
    assert not any(record.entities for record in plain(spread(unread, host).records()).values())


def test_documents_of_a_node_that_dies_are_done_again_once(
    cluster: Any,
    nodes: list[Any],
    host: Host,
    spec_of: SpecOf,
    notes: Path,
    whole: dict[str, Record],
) -> None:
    evaluation = spread(spec_of(notes=str(notes), seconds=0.03), host)
    records, arrived = evaluation.records(), list[Record]()
    with pytest.warns(UserWarning, match=r"a worker was lost: \d+ documents are done again"):
        for record in records:
            arrived.append(record)
            if len(arrived) == 5:
                cluster.remove_node(nodes[0], allow_graceful=False)
    found = plain(arrived)
    assert found == whole
    assert scores(found) == scores(whole)
    assert evaluation.observed["ray"]["lost"] >= 1
    prompts, again = asked(notes), evaluation.steps()
    assert again < prompts.total() <= again + 64, "no more than what the worker had in hand"
    known = {record.id for record in arrived[:5]}
    assert all(prompts[id] == 1 + int(id[1:]) % 3 for id in known), "finished is finished"


def test_a_worker_that_is_killed_is_replaced(
    nodes: list[Any], host: Host, spec_of: SpecOf, notes: Path, whole: dict[str, Record]
) -> None:
    evaluation = spread(spec_of(notes=str(notes), seconds=0.02), host, Size(workers=1))
    arrived: list[Record] = []
    with pytest.warns(UserWarning, match="a worker was lost"):
        for record in evaluation.records():
            arrived.append(record)
            if len(arrived) == 1:
                os.kill(int(notes.read_text().split()[0]), signal.SIGKILL)
    assert plain(arrived) == whole
    assert evaluation.observed == {"ray": {"workers": 2, "lost": 1}}


LOST = [
    OutOfMemoryError("Memory on the node was 22.9GB used / 23.5GB limit\nTop 10 memory users:"),
    NodeDiedError("The node is gone"),
    WorkerCrashedError(),
]


class Failing:
    """`ray.get` that raises so many times instead of returning what holds records, or a card."""

    def __init__(self, error: RayError, times: int, kind: type[Bunch] | type[Card] = Bunch) -> None:
        self.error, self.times, self.kind = error, times, kind
        self.get = ray.get

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        value = self.get(*arguments, **options)
        if self.times and isinstance(value, self.kind) and getattr(value, "records", True):
            self.times -= 1
            raise self.error
        return value


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_whatever_ray_calls_a_lost_worker_it_is_replaced(
    nodes: list[Any],
    host: Host,
    spec_of: SpecOf,
    whole: dict[str, Record],
    monkeypatch: pytest.MonkeyPatch,
    error: RayError,
) -> None:
    monkeypatch.setattr(ray, "get", Failing(error, 1, Card))
    evaluation = spread(spec_of(), host, Size(workers=1))
    monkeypatch.setattr(ray, "get", Failing(error, 1))
    with pytest.warns(UserWarning, match="a worker was lost"):
        assert plain(evaluation.records()) == whole
    assert evaluation.observed == {"ray": {"workers": 2, "lost": 2}}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Card, "workers die while they load the model: Memory on the node was"),
        (Bunch, "3 workers were lost while they labelled the same documents: Memory on the node"),
    ],
)
def test_workers_that_are_lost_again_and_again_end_the_run_with_a_hint(
    nodes: list[Any],
    host: Host,
    spec_of: SpecOf,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Bunch] | type[Card],
    said: str,
) -> None:
    monkeypatch.setattr(ray, "get", Failing(LOST[0], 9, kind))
    with warnings.catch_warnings(), pytest.raises(RunError, match=said) as caught:
        warnings.simplefilter("ignore")
        list(spread(spec_of(), host, Size(workers=1)).records())
    assert "fewer workers" in caught.value.hint
    assert "Top 10" not in str(caught.value)


@pytest.mark.parametrize("kind", [Card, Bunch])
def test_another_error_of_ray_is_told_as_one(
    nodes: list[Any],
    host: Host,
    spec_of: SpecOf,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Bunch] | type[Card],
) -> None:
    monkeypatch.setattr(ray, "get", Failing(RaySystemError("it broke"), 9, kind))
    with pytest.raises(RunError, match="Ray failed: System error: it broke"):
        list(spread(spec_of(), host, Size(workers=1)).records())


def test_an_error_of_ray_anywhere_else_is_told_as_one(cluster: Any) -> None:
    with pytest.raises(RunError, match="Ray failed: System error: it broke"), joined(None):
        raise RaySystemError("it broke")
    assert ray.is_initialized(), "it was before, and stays"


def test_workers_that_rays_memory_monitor_kills_end_the_command_with_one_line(
    site: Path, corpus: Path, tmp_path: Path
) -> None:
    path = os.pathsep.join([str(site), *filter(None, sys.path)])
    settings = {"PYTHONPATH": path, "RAY_memory_usage_threshold": "0.001"}
    environment = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"} | settings
    flags = ["--backend", "noting", "--strategy", "zero-shot", "--corpus", str(corpus)]
    spread = ["--executor", "ray", "--workers", "1", "--cpus-per-worker", "1", "--out", "run"]
    command = [sys.executable, "-m", "nerharness", "eval", *flags, *spread]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "workers die while they load the model: " in done.stderr
    assert "low on memory" in done.stderr


def test_a_worker_that_comes_later_loads_the_revision_of_the_first(
    nodes: list[Any],
    host: Host,
    spec_of: SpecOf,
    tmp_path: Path,
    whole: dict[str, Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    branch = tmp_path / "branch"
    branch.write_text("first")
    evaluation = spread(spec_of(branch=str(branch)), host, Size(workers=1))
    branch.write_text("second")
    monkeypatch.setattr(ray, "get", Failing(LOST[0], 1))
    with pytest.warns(UserWarning, match="a worker was lost"):
        assert plain(evaluation.records()) == whole
    assert evaluation.observed == {"ray": {"workers": 2, "lost": 1}}
    resumed = partial(Fleet, size=Size(workers=1))
    model = evaluation.description["model"]
    again = prepare(evaluation.inputs.spec, host, gather=resumed, known=Known(model))
    assert again.description["model"] == model == {"model": "one", "revision": "first"}


def test_once_it_is_to_stop_documents_that_are_begun_are_finished_and_the_rest_can_follow(
    nodes: list[Any], host: Host, spec_of: SpecOf, notes: Path, whole: dict[str, Record]
) -> None:
    spec = spec_of(notes=str(notes), seconds=0.05)
    arrived: list[Record] = []
    arrived += spread(spec, host).records(stop=lambda: bool(notes.stat().st_size))
    first = plain(arrived)
    assert 0 < len(first) < len(whole)
    assert first.items() <= whole.items()
    assert {**first, **plain(spread(spec_of(), host).records(done=first))} == whole


def test_documents_that_kill_every_worker_end_the_run_and_the_others_are_kept(
    nodes: list[Any], host: Host, spec_of: SpecOf, notes: Path
) -> None:
    spec = spec_of(notes=str(notes), seconds=0.02, deadly="d1.")
    with (
        pytest.warns(UserWarning, match="a worker was lost"),
        pytest.raises(RunError, match="3 workers were lost while they labelled the same") as caught,
    ):
        list(spread(spec, host).records())
    assert caught.value.where == "d0"
    assert "worker process has died" in caught.value.what


def test_a_model_that_cannot_be_loaded_is_the_error_of_the_worker(
    nodes: list[Any], host: Host, spec_of: SpecOf
) -> None:
    fault = "backend 'noting' of noting: cannot be made: OSError: no model here"
    with pytest.raises(PluginError, match=fault):
        spread(spec_of(model="missing"), host)


def test_what_a_worker_raises_that_is_no_error_of_ours_becomes_one() -> None:
    assert str(cause(OSError("no model here"))) == "a worker: OSError: no model here"
    ours = PluginError("cannot be made", where="backend 'noting'")
    assert cause(ours) is ours


def test_a_worker_with_another_model_is_missed(
    nodes: list[Any], host: Host, spec_of: SpecOf, notes: Path
) -> None:
    with pytest.warns(UserWarning, match="is missed: .* it holds another model"):
        evaluation = spread(spec_of(model="own", notes=str(notes), seconds=0.02), host)
        found = plain(evaluation.records())
    assert len(found) == len(evaluation.inputs.selection.examples)
    assert evaluation.observed["ray"]["workers"] == 1


def test_a_worker_turns_telemetry_off_whatever_its_node_allows(
    host: Host, spec_of: SpecOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in OFF:
        monkeypatch.setenv(name, "allowed")
    Worker(read_inputs(spec_of(), host), Path.cwd(), {}).load()
    assert {name: os.environ[name] for name in OFF} == OFF


def test_protected_texts_stay_on_this_node(
    nodes: list[Any], host: Host, spec_of: SpecOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    here = ray.nodes()
    elsewhere = {**here[0], "NodeManagerAddress": "192.0.2.77"}
    monkeypatch.setattr(ray, "nodes", lambda: [*here, elsewhere])
    with pytest.raises(UsageError, match="protected, and the cluster has other machines"):
        spread(replace(spec_of(), protected=True), host)


@pytest.mark.parametrize(
    ("changes", "cache", "match"),
    [
        ({"tagger": "null", "options": {}}, "off", "a tagger works on this machine alone"),
        ({}, "on", "the cache is of this machine alone"),
        ({"backend": "openai", "options": {}}, "off", "workers add nothing; it scales by"),
    ],
)
def test_what_cannot_be_spread_is_refused_before_anything_is_read(
    host: Host, spec_of: SpecOf, changes: dict[str, Any], cache: Any, match: str
) -> None:
    spec = replace(spec_of(), corpus="/nowhere", **changes)
    with pytest.raises(NerharnessError, match=match):
        prepare(spec, host, cache=cache, gather=lambda inputs: Fleet(inputs, BY_DEFAULT))
