"""A run whose retriever's model is a hub's records the commit, and goes on with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("faiss")
pytest.importorskip("torch")

from backends.hub import MODEL, Hub
from training.tiny_bert import save_two

FIRST, SECOND = "a" * 40, "b" * 40
EVAL = ["eval", "--backend", "scripted", "--unit", "document", "--limit", "2"]
ENCODER = ["--retriever", "dense", "--embedding-model", MODEL]
FEW = ["--strategy", "few-shot", "--shots", "1"]
LATER = ["--strategy", "zero-shot+verify", "--verify-shots", "1"]
"""Nothing is looked up for the first turn."""
FOUND = '[{"text": "and", "label": "disease"}]'


@pytest.fixture(autouse=True)
def encoder(answering: Any, hub: Hub, tmp_path: Path) -> None:
    """A hub's encoder before its branch moved, and a backend that finds something."""
    answering(lambda _: FOUND)
    save_two(tmp_path)
    hub.commit("a", tmp_path / "a")


def description(run: str) -> Any:
    return json.loads(Path(run, "run.json").read_text(encoding="utf-8"))


def forget_the_last_document() -> None:
    journal = Path("run/journal.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])


def test_a_run_records_the_commit_and_goes_on_with_it(cli: Any, hub: Hub, tmp_path: Path) -> None:
    flags = [*EVAL, *ENCODER, *FEW]
    assert cli(*flags, "--out", "run").code == 0
    assert description("run")["retriever"] == {"model": MODEL, "revision": FIRST}
    hub.commit("b", tmp_path / "b")
    forget_the_last_document()
    refused = cli(*flags, "--embedding-revision", SECOND, "--resume", "run")
    assert refused.code == 2
    assert f"embedding_revision was None, is '{SECOND}'" in refused.err
    for again in (["eval"], flags, [*flags, "--embedding-revision", FIRST]):
        assert cli(*again, "--resume", "run").code == 0
        forget_the_last_document()
    assert description("run")["retriever"]["revision"] == FIRST
    assert cli(*flags, "--out", "other").code == 0
    assert description("other")["retriever"]["revision"] == SECOND
    assert cli(*flags, "--embedding-revision", FIRST, "--out", "same").code == 0
    assert description("same")["first_prompt_sha256"] == description("run")["first_prompt_sha256"]


def test_a_commit_that_a_later_turn_needs_first_is_recorded_too(
    cli: Any, hub: Hub, tmp_path: Path
) -> None:
    assert cli(*EVAL, *ENCODER, *LATER, "--out", "run").code == 0
    assert "retriever" not in description("run")
    assert description("run")["observed"] == [{"retriever": {"model": MODEL, "revision": FIRST}}]
    hub.commit("b", tmp_path / "b")
    forget_the_last_document()
    assert cli("eval", "--resume", "run").code == 0
    sittings = [one["retriever"]["revision"] for one in description("run")["observed"]]
    assert sittings == [FIRST, FIRST]


def test_a_run_that_looks_nothing_up_asks_for_no_encoder(cli: Any) -> None:
    flags = [*EVAL, "--strategy", "zero-shot", "--embedding-model", "nobody/none"]
    assert cli(*flags, "--out", "run").code == 0
    assert not {"retriever", "observed"} & set(description("run"))
