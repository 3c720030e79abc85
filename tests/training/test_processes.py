"""Several processes that train together, on the processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("accelerate")

from backends import tiny
from training.tiny_bert import save_bert, save_corpus

from nerharness.errors import UsageError
from nerharness.training import processes

TRAIN = "--corpus corpus:jsonl --learning-rate 5e-3 --batch-size 8 --epochs 2"
METHODS = {
    "encoder": "--model bert",
    "lora": "--method lora --model letters --rank 4 --dropout 0 --dtype float32 --dev-limit 2",
}


@pytest.mark.parametrize(("method", "near"), [("encoder", 0.25), ("lora", 0.01)])
def test_two_processes_share_each_step_and_one_of_them_writes(
    tmp_path: Path, method: str, near: float
) -> None:
    for library in ("datasets", "peft", "trl"):
        pytest.importorskip(library)
    (tmp_path / "corpus").mkdir()
    save_corpus(tmp_path / "corpus")
    save_bert(tmp_path / "bert")
    tiny.save_letters(tmp_path / "letters")
    given = [*TRAIN.split(), *METHODS[method].split()]
    launched = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    told = {}
    for name, start in {"alone": [], "together": launched}.items():
        command = [sys.executable, *start, "-m", "nerharness", "train", *given]
        done = subprocess.run(
            [*command, "--out", name, "--json"],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert json.loads(done.stdout)["steps"] == 12  # one process speaks, about whole steps
        text = (tmp_path / name / "training.json").read_text(encoding="utf-8")
        told[name] = json.loads(text)
    assert not (tmp_path / "together" / "checkpoints").exists()
    losses = {
        name: [one["loss"] for one in told[name]["history"] if one["loss"] is not None]
        for name in told
    }
    assert losses["together"] == pytest.approx(losses["alone"], rel=near)


def test_a_step_that_cannot_be_shared_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert processes.share(6) == 2
    with pytest.raises(UsageError, match="16 rows in a step cannot be shared by 3 processes"):
        processes.share(16)


def test_processes_that_do_not_meet_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")

    class Lonely:
        """Stands for accelerate's state of a process that is alone."""

        num_processes = 1

        def __init__(self, **_: object) -> None: ...

    monkeypatch.setattr("accelerate.PartialState", Lonely)
    with pytest.raises(UsageError, match="2 processes were started, but 1 train together"):
        processes.join("cpu")
