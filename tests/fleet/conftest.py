"""A corpus, a backend that is installed for workers, and a cluster of three nodes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nerharness.plugin.host import Host, load_host
from nerharness.runs.spec import Spec

DOCUMENTS = 90

BACKEND = '''
import os
import time
from pathlib import Path

from nerharness.plugin import Option, Provider, hookimpl
from nerharness.types import Completion, Usage


class Backend:
    """Names the second word of a text as a sign; notes down who was asked about which document.

    A worker with its `own` model waits until there is a second one. Its revision is what the file
    `branch` says, if none is asked for.
    """

    def __init__(self, notes, seconds, deadly, model, branch, revision):
        self.notes, self.seconds, self.deadly = Path(notes), seconds, deadly
        if model == "missing":
            raise OSError("no model here")
        self.identity = {"model": str(os.getpid()) if model == "own" else model}
        if branch:
            self.identity["revision"] = revision or Path(branch).read_text()
        self.peers = Path(f"{notes}.peers") if model == "own" else None
        if self.peers:
            self.peers.mkdir(exist_ok=True)
            (self.peers / str(os.getpid())).touch()

    def generate(self, prompts, /):
        while self.peers and len(list(self.peers.iterdir())) < 2:
            time.sleep(0.02)
        for index, prompt in enumerate(prompts):
            words = prompt.messages[-1].content.partition("Text: ")[2].split()
            if self.deadly and self.deadly in words:
                os._exit(1)
            with self.notes.open("a") as file:
                file.write(f"{os.getpid()} {words[-1]}\\n")
            time.sleep(self.seconds)
            answer = '[{"text": "%s", "label": "sign"}]' % words[1]
            yield index, Completion(answer, "stop", Usage(7, 3))


@hookimpl
def nerharness_backends():
    options = (
        Option("notes", str, "/dev/null", "where to note"),
        Option("seconds", float, 0.0, "time per prompt"),
        Option("deadly", str, "", "word that kills"),
        Option("model", str, "one", "its model"),
        Option("branch", str, "", "where its revision stands"),
        Option("revision", str, None, "its revision"),
    )
    return {"noting": Provider(Backend, "notes what it is asked", options, remote=False)}
'''


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed package that offers the backend."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "noting.py").write_text(BACKEND, encoding="utf-8")
    info = folder / "noting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: noting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[nerharness]\nnoting = noting\n")
    return folder


@pytest.fixture
def host(site: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.syspath_prepend(str(site))
    return load_host()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of one to three sentences; the last word of each is its name."""
    folder = tmp_path_factory.mktemp("corpus")
    with (folder / "test.jsonl").open("w", encoding="utf-8") as file:
        for number in range(DOCUMENTS):
            text = " ".join(f"The ache lasts d{number}." for _ in range(1 + number % 3))
            gold = [{"start": 4, "end": 8, "label": "sign"}]
            file.write(json.dumps({"id": f"d{number}", "text": text, "entities": gold}) + "\n")
    return folder


@pytest.fixture
def spec_of(corpus: Path) -> Callable[..., Spec]:
    """Return the spec of a run over the corpus, given the backend's options."""

    def make(**options: Any) -> Spec:
        return Spec("noting", "zero-shot", retriever="bm25", corpus=str(corpus), options=options)

    return make


@pytest.fixture(scope="session")
def cluster(site: Path) -> Iterator[Any]:
    """A cluster with a head that has no cores; tests add nodes."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        made.connect()
        yield made
        import ray

        ray.shutdown()
        made.shutdown()


@pytest.fixture
def nodes(cluster: Any) -> Iterator[list[Any]]:
    """Two nodes of the cluster, a core each."""
    added = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()
    yield added
    for node in added:
        if node in cluster.worker_nodes:
            cluster.remove_node(node)
