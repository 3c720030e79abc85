"""What of a model is run, and how its weights are held."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from backends.tiny import ask, complete, make, save_words

from nerharness.errors import MissingDependencyError, UsageError
from nerharness.plugin.host import Host

torch = pytest.importorskip("torch")

CODE = "raise SystemExit('this ran')\n"


def test_code_of_a_model_is_not_run_unless_asked_for(
    host: Host, folder: Path, tmp_path: Path
) -> None:
    import json

    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["model_type"] = "foreign"
    config["auto_map"] = {"AutoConfig": "foreign.Config", "AutoModelForCausalLM": "foreign.Model"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "foreign.py").write_text(CODE)
    with pytest.raises(UsageError, match=r"cannot be loaded"):
        make(host, model=str(tmp_path))
    with pytest.raises(SystemExit, match="this ran"):
        make(host, model=str(tmp_path), trust_remote_code=True)


def test_pickled_weights_are_read_if_asked_for(host: Host, folder: Path, tmp_path: Path) -> None:
    import transformers

    for file in folder.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UsageError, match="safetensors"):
        make(host, model=str(tmp_path))
    expected = complete(make(host, model=str(folder)), ask("gout"))
    trusting = make(host, model=str(tmp_path), pickled_weights=True)
    assert complete(trusting, ask("gout")) == expected


def test_a_device_map_places_the_model(host: Host, folder: Path) -> None:
    pytest.importorskip("accelerate")
    expected = complete(make(host, model=str(folder)), ask("gout", "fever"))
    spread = make(host, model=str(folder), device_map="auto")
    assert complete(spread, ask("gout", "fever")) == expected


def test_a_gguf_file_is_not_quantized_again(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    with pytest.raises(UsageError, match="quantized already"):
        make(host, model=str(file), quantization="4bit")


def test_quantization_without_its_library_says_what_to_install(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(MissingDependencyError, match="bitsandbytes"):
        make(host, model=str(folder), quantization="8bit")


@pytest.mark.parametrize("bits", ["8bit", "4bit"])
def test_quantized_weights_answer(host: Host, tmp_path: Path, bits: str) -> None:
    pytest.importorskip("bitsandbytes")
    save_words(tmp_path, size=64)  # blocks of 64 weights share a scale
    backend: Any = make(host, model=str(tmp_path), quantization=bits)
    assert backend.identity["quantization"] == bits
    (answer,) = complete(backend, ask("gout"))
    assert answer.finish in {"stop", "length"}


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_what_positions_are_computed_from_is_never_rounded(
    host: Host, folder: Path, dtype: str
) -> None:
    model = make(host, model=str(folder), dtype=dtype)._model
    assert str(model.dtype) == f"torch.{dtype}"
    assert model.model.rotary_emb.inv_freq.dtype == torch.float32


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_weights_in_bfloat16_are_laid_out_for_the_processor(
    host: Host, folder: Path, dtype: str
) -> None:
    backend: Any = make(host, model=str(folder), dtype=dtype)
    linears = [layer for layer in backend._model.modules() if type(layer) is torch.nn.Linear]
    laid_out = dtype == "bfloat16" and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    assert (not linears) is laid_out
    (answer,) = complete(backend, ask("gout"))
    assert answer.finish in {"stop", "length"}
