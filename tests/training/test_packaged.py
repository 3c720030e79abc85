"""The packaged models learn a little of the packaged corpus, in a few steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from statistics import fmean

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from nerharness.plugin.host import Host
from nerharness.runs.spec import Spec
from nerharness.runs.train_data import TrainSpec
from nerharness.runs.training import train
from nerharness.training.settings import USUAL, Method, Progress, Settings

pytestmark = pytest.mark.filterwarnings("ignore")


def shortest(folder: Path, **counts: int) -> str:
    """Write the shortest documents of the sample corpus; return what to call that corpus."""
    sample = Path(str(files("nerharness"))) / "data" / "sample"
    (folder / "corpus.toml").write_bytes((sample / "corpus.toml").read_bytes())
    for split, count in counts.items():
        lines = (sample / f"{split}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        kept = sorted(lines, key=lambda line: len(json.loads(line)["text"]))[:count]
        (folder / f"{split}.jsonl").write_text("".join(kept), encoding="utf-8")
    return f"{folder}:jsonl"


def settings(method: Method, batch_size: int) -> Settings:
    return replace(USUAL[method], epochs=2, batch_size=batch_size, warmup=0.0)


def falls(history: Sequence[Progress]) -> bool:
    """Tell whether the loss of the second epoch is lower than that of the first."""
    told = [(one.epoch, one.loss) for one in history if one.loss is not None]
    first, second = (
        fmean(loss for epoch, loss in told if past < epoch <= past + 1) for past in (0, 1)
    )
    return second < 0.9 * first


def test_the_packaged_encoder_learns(minilm: str, host: Host, tmp_path: Path) -> None:
    corpus = shortest(tmp_path, train=8, dev=3)
    spec = TrainSpec(minilm, corpus, settings=settings("encoder", 8), lacking=True)
    done = train(spec, host, tmp_path / "model")
    assert falls(done.trained.history)
    strict = done.dev.protocols["strict"].micro
    assert strict.f1 == done.trained.best_f1


@pytest.mark.usefixtures("packaged")
def test_the_packaged_language_model_learns(host: Host, tmp_path: Path) -> None:
    for needed in ("datasets", "peft", "trl"):
        pytest.importorskip(needed)
    from safetensors.numpy import load_file

    spec = TrainSpec(
        "smollm2-135m-instruct",
        shortest(tmp_path, train=2, dev=1),
        "lora",
        settings("lora", 4),
        lacking=True,
        prompting=Spec(strategy="zero-shot", format="lines", options={"max_tokens": 8}),
    )
    done = train(spec, host, tmp_path / "adapter")
    assert falls(done.trained.history)
    assert not done.dev.failures, "answers of the model as it was saved"
    written = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    assert all(weight.any() for weight in written.values())
