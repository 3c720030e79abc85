"""Sentence encoders: what their folders say, and that it is what is computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
import torch

from nerharness.errors import UsageError
from nerharness.models import locate
from nerharness.retrievers.embedding import Embedder, pool
from nerharness.retrievers.encoder import Encoder, Pooling

TEXTS = ["Copper builds up in the liver in Wilson disease.", "Gout.", "Fever, and a rash.", "Gout."]


def encoder(files: dict[str, Any]) -> Encoder:
    said = {path: json.dumps(content) for path, content in files.items()}
    return Encoder.read(said.get, where="--embedding-model x")


def modules(*kinds: str) -> list[dict[str, str]]:
    package = "sentence_transformers.models."
    return [
        {"type": package + kind, "path": f"{n}_{kind}" if n else ""} for n, kind in enumerate(kinds)
    ]


PLAIN = {"modules.json": modules("Transformer", "Pooling", "Normalize")}


@pytest.mark.parametrize(
    ("config", "poolings"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ("cls",)),
        ({"pooling_mode_max_tokens": True}, ("max",)),
        ({"pooling_mode_lasttoken": True}, ("lasttoken",)),
        ({"pooling_mode": "weightedmean"}, ("weightedmean",)),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, ("cls", "mean")),
    ],
)
def test_pooling_is_read(config: dict[str, Any], poolings: tuple[str, ...]) -> None:
    assert encoder({**PLAIN, "1_Pooling/config.json": config}).poolings == poolings


def test_a_plain_transformer_is_pooled_by_the_mean() -> None:
    assert encoder({}) == Encoder(prefixes={"query": "", "document": ""})


def test_window_case_and_folder_are_read() -> None:
    found = encoder(
        {
            "modules.json": [
                {"type": "sentence_transformers.base.modules.Transformer", "path": "0_T"},
            ],
            "0_T/sentence_bert_config.json": {"max_seq_length": 77, "do_lower_case": True},
        }
    )
    assert (found.subfolder, found.window, found.lower) == ("0_T", 77, True)
    assert found.prepare(" CF ", "query") == "cf"


@pytest.mark.parametrize(
    ("config", "query", "document"),
    [
        ({}, "", ""),
        ({"prompts": {"query": "Q: ", "passage": "P: "}}, "Q: ", "P: "),
        ({"prompts": {"query": "Q: ", "document": ""}}, "Q: ", ""),
        ({"prompts": {"x": "X: "}, "default_prompt_name": "x"}, "X: ", "X: "),
        ({"prompts": {"x": "X: "}, "default_prompt_name": None}, "", ""),
    ],
)
def test_prompts_are_put_before_texts_by_role(
    config: dict[str, Any], query: str, document: str
) -> None:
    found = encoder({"config_sentence_transformers.json": config})
    assert found.prepare("gout", "query") == f"{query}gout"
    assert found.prepare("gout", "document") == f"{document}gout"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"modules.json": modules("Transformer", "Pooling", "Dense")}, "has a Dense module"),
        ({"modules.json": {"a": 1}}, "modules.json cannot be read"),
        ({**PLAIN, "1_Pooling/config.json": {}}, "pooling of its own"),
        ({**PLAIN, "1_Pooling/config.json": {"pooling_mode": "odd"}}, "odd pooling"),
        (
            {
                **PLAIN,
                "1_Pooling/config.json": {"pooling_mode_mean_tokens": 1, "include_prompt": False},
                "config_sentence_transformers.json": {"prompts": {"query": "Q: "}},
            },
            "leaves the prompt out",
        ),
    ],
)
def test_what_is_not_supported_is_said(files: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"--embedding-model x: .*{message}"):
        encoder(files)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("cls", [[1, 8], [4, 2]]),
        ("max", [[3, 8], [4, 2]]),
        ("mean", [[2, 6], [4, 2]]),
        ("mean_sqrt_len", [[4 / 2**0.5, 12 / 2**0.5], [4, 2]]),
        ("weightedmean", [[7 / 3, 16 / 3], [4, 2]]),
        ("lasttoken", [[3, 4], [4, 2]]),
    ],
)
def test_pooling_leaves_padding_out(mode: Pooling, expected: list[list[float]]) -> None:
    hidden = torch.tensor([[[1.0, 8], [3, 4]], [[4, 2], [99, -99]]])
    mask = torch.tensor([[1, 1], [1, 0]])
    assert pool(hidden, mask, mode).numpy() == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)], ids=str
)
def test_embeddings_are_those_of_one_text_at_a_time(
    minilm: str, dtype: torch.dtype, tolerance: float
) -> None:
    from transformers import AutoModel, AutoTokenizer

    path = str(locate(minilm).path)
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    rows = Embedder(minilm, budget=24, dtype=dtype).embed(TEXTS)
    for text, row in zip(TEXTS, rows, strict=True):
        with torch.inference_mode():
            mean = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(0)
        assert row == pytest.approx((mean / mean.norm()).numpy(), abs=tolerance)
    assert (rows[1] == rows[3]).all()


def test_the_digest_tells_settings_and_number_formats_apart(minilm: str, tmp_path: Path) -> None:
    found = Path(str(locate(minilm).path))
    for file in found.rglob("*"):
        if file.is_file():
            place = tmp_path / file.relative_to(found)
            place.parent.mkdir(exist_ok=True)
            place.symlink_to(file)
    own = Embedder(str(tmp_path), dtype=torch.float32).digest
    assert own == Embedder(minilm, dtype=torch.float32).digest
    assert own != Embedder(minilm, dtype=torch.bfloat16).digest
    settings = tmp_path / "1_Pooling" / "config.json"
    settings.unlink()
    settings.write_text('{"pooling_mode_cls_token": true}', encoding="utf-8")
    assert own != Embedder(str(tmp_path), dtype=torch.float32).digest


def test_embeddings_are_those_of_the_sentence_transformers_library(minilm: str) -> None:
    library = pytest.importorskip("sentence_transformers")
    theirs = library.SentenceTransformer(str(locate(minilm).path), device="cpu")
    ours = Embedder(minilm, dtype=torch.float32).embed(TEXTS)
    assert ours == pytest.approx(theirs.encode(TEXTS), abs=1e-5)
