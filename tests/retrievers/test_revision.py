"""The encoder of a hub is that of one commit: in vectors, in their cache, and in a run's record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("faiss")
pytest.importorskip("torch")

from backends.hub import MODEL, Hub
from training.tiny_bert import save_two

from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.plugin import Indexed
from nerharness.plugin.host import Host
from nerharness.runs.evaluation import prepare
from nerharness.runs.inputs import Inputs
from nerharness.runs.spec import Spec

FIRST, SECOND = "a" * 40, "b" * 40
ITEMS = [Indexed(text) for text in ("gaze at the moon", "a lazy zebra", "apple tree", "roof lamp")]

Make = Callable[..., Any]


@pytest.fixture
def moved(hub: Hub, tmp_path: Path) -> Hub:
    """A hub whose branch has moved from the first to the second commit."""
    save_two(tmp_path)
    for letter in "ab":
        hub.commit(letter, tmp_path / letter)
    hub.move(FIRST, "dev")
    return hub


@pytest.fixture
def make(host: Host, moved: Hub) -> Make:
    def make(name: str = "dense", revision: str | None = None, model: str = MODEL) -> Any:
        options = {"embedding_model": model, "embedding_revision": revision}
        return host.make("retrievers", name, options=options)

    return make


def scores(retriever: Any) -> list[float]:
    return [hit.score for hit in retriever.index(ITEMS).search(["zebra"], 4)[0]]


def test_a_branch_or_a_commit_can_be_asked_for(make: Make) -> None:
    found = {revision: make(revision=revision) for revision in (None, "dev", FIRST, SECOND)}
    assert {key: made.identity["revision"] for key, made in found.items()} == {
        None: SECOND, "dev": FIRST, FIRST: FIRST, SECOND: SECOND,
    }  # fmt: skip
    assert scores(found["dev"]) == scores(found[FIRST]) != scores(found[None])


@pytest.mark.parametrize("name", ["hybrid", "diverse"])
def test_what_is_made_of_it_takes_it_too(make: Make, name: str) -> None:
    assert make(name, "dev").identity == {"model": MODEL, "revision": FIRST}


def test_it_stays_with_its_commit_wherever_the_branch_goes(make: Make, moved: Hub) -> None:
    retriever = make()
    moved.move(FIRST)
    assert scores(retriever) == scores(make(revision=SECOND))


def test_two_commits_share_no_vectors_in_the_cache(make: Make, own_cache: Path) -> None:
    kept = own_cache / "index"
    first = scores(make(revision=FIRST))
    assert len(list(kept.iterdir())) == 1
    assert scores(make(revision="dev")) == first
    assert len(list(kept.iterdir())) == 1, "the same commit by another name"
    assert scores(make(revision=SECOND)) != first
    assert len(list(kept.iterdir())) == 2
    assert scores(make(revision=FIRST)) == first


def test_a_model_whose_transformer_lies_in_a_folder_is_found(
    hub: Hub, make: Make, tmp_path: Path
) -> None:
    commit = hub.commit("c", tmp_path / "a")
    place = tmp_path / "hub" / "models--nobody--tiny" / "snapshots" / commit
    inner = place / "0_Transformer"
    files = list(place.iterdir())
    inner.mkdir()
    for file in files:
        file.rename(inner / file.name)
    module = {"type": "sentence_transformers.models.Transformer", "path": "0_Transformer"}
    (place / "modules.json").write_text(json.dumps([module]))
    assert make().identity["revision"] == commit
    assert scores(make()) == scores(make(revision=FIRST))


def test_a_local_model_has_a_digest_and_no_revisions(make: Make, tmp_path: Path) -> None:
    local = str(tmp_path / "a")
    assert set(make(model=local).identity) == {"model", "sha256"}
    with pytest.raises(UsageError, match=r"--embedding-revision: .* is on this machine"):
        make(model=local, revision=FIRST)


def test_a_revision_that_is_not_there_is_one_clear_error(make: Make) -> None:
    with pytest.raises(ModelNotFoundError, match=f"--embedding-model: model '{MODEL}' is neither"):
        make(revision="other")


def test_workers_are_told_the_commit(moved: Hub, host: Host) -> None:
    class Gathered(Exception):  # noqa: N818 - nothing went wrong
        pass

    def gather(inputs: Inputs) -> Any:
        moved.move(FIRST)
        assert inputs.pinned("retrievers")["embedding_revision"] == SECOND
        raise Gathered

    options = {"embedding_model": MODEL, "shots": 1, "index": "flat"}
    with pytest.raises(Gathered):
        prepare(Spec("replay", "few-shot", limit=1, options=options), host, gather=gather)
