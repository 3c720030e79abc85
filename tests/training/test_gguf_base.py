"""A GGUF file as base model: its unpacked weights are trained, saved and loaded again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

pytest.importorskip("gguf")
pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

from backends import tiny
from training.tiny_bert import save_corpus
from training.tiny_gguf import save_gguf
from training.tiny_prompts import prompting

from nerharness.plugin.host import Host
from nerharness.runs.merging import merge
from nerharness.runs.train_data import TrainSpec
from nerharness.runs.training import train
from nerharness.training.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gguf")
    (place / "corpus").mkdir()
    save_corpus(place / "corpus")
    save_gguf(place / "base.gguf")
    return place


def spec(place: Path, method: Any, **rest: Any) -> TrainSpec:
    settings = Settings(epochs=1, batch_size=8, learning_rate=5e-2, **rest)
    return TrainSpec(
        str(place / "base.gguf"), f"{place / 'corpus'}:jsonl", method, settings,
        dev_limit=1, limit=16, prompting=prompting(),
    )  # fmt: skip


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.arange(20)[None]).logits


def test_an_adapter_on_a_gguf_file_is_loaded_again_and_merged(host: Host, place: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    out, whole = place / "adapter", place / "whole"
    with patch("peft.utils.save_and_load.check_file_exists_on_hf_hub") as hub:
        train(spec(place, "lora", rank=4, alpha=8), host, out)
    assert not hub.called, "nothing is asked about the base model"
    named = json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"]
    assert named == str(place / "base.gguf")
    plain = tiny.make(host, model=str(place / "base.gguf"))
    adapted = tiny.make(host, model=str(place / "base.gguf"), adapter=str(out))
    assert not torch.allclose(logits(plain._model), logits(adapted._model), atol=1e-2)
    merge(out, None, whole)
    assert "quantization_config" not in json.loads((whole / "config.json").read_text())
    merged = AutoModelForCausalLM.from_pretrained(whole)
    assert torch.allclose(logits(merged), logits(adapted._model), atol=1e-4)


def test_unpacked_weights_are_trained_as_a_whole_and_loaded_again(host: Host, place: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    out = place / "full"
    done = train(spec(place, "full"), host, out)
    assert done.trained.steps == 2
    assert "quantization_config" not in json.loads((out / "config.json").read_text())
    plain = tiny.make(host, model=str(place / "base.gguf"))
    trained = AutoModelForCausalLM.from_pretrained(out)
    assert not torch.allclose(logits(plain._model), logits(trained), atol=1e-2)
    assert torch.equal(logits(trained), logits(tiny.make(host, model=str(out))._model))
    text = "<|im_start|>user\nlazy abba<|im_end|>"
    ids = AutoTokenizer.from_pretrained(out)(text)["input_ids"]
    assert ids == AutoTokenizer.from_pretrained(place, gguf_file="base.gguf")(text)["input_ids"]
