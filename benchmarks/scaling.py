"""How a run grows: with its units on one machine, and with its workers on a Ray cluster.

A backend with the right answers to all, which takes a given time over each as a model on a GPU
would, labels documents of ten sentences; Ray's nodes are processes on this machine. The scores are
compared with those of one machine first. Time counts from the first unit to the last line in the
journal; the driver's own is that of its processor, and bounds how many workers it can keep busy.

    python -m benchmarks.scaling [--units 100,1000,10000,100000] [--workers 1,2] [--delay 0,5]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.prose import labelled_sentence
from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.host import Host, load_host
from nerharness.runs.evaluation import prepare
from nerharness.runs.folder import RunFolder
from nerharness.runs.spec import Spec
from nerharness.types import Completion, Prompt, Usage

SENTENCES = 10
SEED = 2026


class Answering:
    """Answers after `delay` milliseconds what a file says; leaves its process' number beside it."""

    abilities: frozenset[str] = frozenset()

    def __init__(self, answers: str, delay: float) -> None:
        file = Path(answers)
        self._answers: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        self._seconds = delay / 1000
        self.identity: Mapping[str, str] = {"model": "answering"}
        (file.parent / f"{os.getpid()}.pid").touch()

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield the answers in order."""
        for index, prompt in enumerate(prompts):
            time.sleep(self._seconds)
            text = prompt.messages[-1].content.removeprefix("Text: ")
            yield index, Completion(self._answers[text], "stop", Usage(100, 20))


@hookimpl
def nerharness_backends() -> dict[str, Provider]:
    """Offer the backend."""
    options = (Option("answers", str, "", "file"), Option("delay", float, 0.0, "ms per answer"))
    return {"answering": Provider(Answering, "answers", options, remote=False)}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds until all was ready, for the rest, and of the driver's processor; MiB of memory."""

    units: int
    start: float
    seconds: float
    cpu: float
    driver: int
    worker: int
    scores: dict[str, Any]


def measure(spec: Spec, host: Host, folder: Path, workers: int) -> Measured:
    """Evaluate here for 0 workers, and on a cluster of as many nodes for more."""
    began = time.perf_counter()
    with _cluster(workers) as gather:
        evaluation = prepare(spec, host, gather=gather)
        with RunFolder.create(folder / "run", evaluation.description) as run:
            ready, cpu = time.perf_counter(), time.process_time()
            for record in evaluation.records():
                run.append(record)
            done, cpu = time.perf_counter(), time.process_time() - cpu
            others = [int(file.stem) for file in folder.glob("*.pid")]
            memory = [_peak(pid) for pid in others if pid != os.getpid()]
            scores = run.score(evaluation.labels, None).to_json()
    del scores["seconds"]
    held = _peak(os.getpid()), max(memory, default=0)
    return Measured(evaluation.steps(), ready - began, done - ready, cpu, *held, scores)


@contextmanager
def _cluster(workers: int) -> Iterator[Any]:
    if not workers:
        yield None
        return
    from ray.cluster_utils import Cluster

    from nerharness.fleet.cluster import Size, joined

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(workers):
        cluster.add_node(num_cpus=1)
    try:
        with joined(cluster.address):
            from nerharness.fleet.fleet import Fleet

            yield lambda inputs: Fleet(inputs, Size(workers))
    finally:
        cluster.shutdown()


def _peak(pid: int) -> int:
    """Return the most memory a process has held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def write_corpus(folder: Path, units: int) -> Path:
    """Write documents with that many sentences in all, and the answers; returns the answers."""
    rng, answers = Random(SEED), dict[str, str]()
    with (folder / "test.jsonl").open("w", encoding="utf-8") as file:
        for number in range(units // SENTENCES):
            texts, entities, at = [], [], 0
            for _ in range(SENTENCES):
                text, label, term = labelled_sentence(rng)
                start = at + text.index(term)
                entities.append({"start": start, "end": start + len(term), "label": label})
                answers[text] = json.dumps([{"text": term, "label": label}], ensure_ascii=False)
                texts.append(text)
                at += len(text) + 1
            line = {"id": f"d{number}", "text": " ".join(texts), "entities": entities}
            file.write(json.dumps(line) + "\n")
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
    return folder / "answers.json"


def _alone(units: int, workers: int, delay: float) -> None:
    """Measure in this process, which has held no memory yet; prints JSON."""
    with TemporaryDirectory(dir=os.environ.get("NERHARNESS_BENCH_FOLDER")) as place:
        folder = Path(place)
        answers = write_corpus(folder, units)
        options = {"answers": str(answers), "delay": delay}
        spec = Spec("answering", "zero-shot", retriever="bm25", corpus=str(folder), options=options)
        found = measure(spec, load_host(), folder, workers)
    print(json.dumps(astuple(found)))


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """Install the backend for processes that get this environment."""
    with TemporaryDirectory() as site:
        info = Path(site) / "answering-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: answering\nVersion: 1\n")
        point = "[nerharness]\nanswering = benchmarks.scaling\n"
        (info / "entry_points.txt").write_text(point)
        path = os.pathsep.join([site, str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
        yield {**os.environ, "PYTHONPATH": path, "RAY_USAGE_STATS_ENABLED": "0"}


def _in_process(environ: dict[str, str], units: int, workers: int, delay: float) -> Measured:
    import subprocess

    words = ["--alone", str(units), str(workers), str(delay)]
    command = [sys.executable, "-m", "benchmarks.scaling", *words]
    done = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE)
    return Measured(*json.loads(done.stdout))


def _row(found: Measured, workers: int) -> list[str]:
    return [
        f"{found.units:,}",
        str(workers or "local"),
        f"{found.start:.1f}",
        f"{found.seconds:.2f}",
        f"{found.seconds / found.units * 1000:.3f}",
        f"{found.cpu / found.units * 1000:.3f}",
        str(found.driver),
        str(found.worker or ""),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", default="100,1000,10000,100000")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--delay", default="0,5", help="milliseconds per unit")
    parser.add_argument("--most", type=float, default=120, help="leave out what takes longer, in s")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        units, workers, delay = asked.alone
        _alone(int(units), int(workers), float(delay))
        return
    columns = ["asked ms/unit", "units", "workers", "start s", "run s", "ms/unit",
               "driver's ms/unit", "driver MiB", "worker MiB"]  # fmt: skip
    table = Table(*columns)
    with installed() as environ:
        for delay in map(float, asked.delay.split(",")):
            for units in map(int, asked.units.split(",")):
                if units * delay / 1000 > asked.most:
                    continue
                expected = None
                for workers in [0, *map(int, asked.workers.split(","))]:
                    found = _in_process(environ, units, workers, delay)
                    expected = expected or found.scores
                    assert found.scores == expected, "other scores than on one machine"
                    table.add_row(f"{delay:g}", *_row(found, workers))
                    Console(stderr=True).print(_row(found, workers))
    Console().print(table)


if __name__ == "__main__":
    main()
