"""Adapters on weights that are held in 4 bits, as far as that can be tried on a processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")
pytest.importorskip("bitsandbytes")

import torch
import transformers
from backends import tiny

from nerharness.backends.loading import four_bits, load_model
from nerharness.models import locate
from nerharness.training import attention, prompted
from nerharness.training.dev_score import DevScore
from nerharness.training.lessons import Lesson
from nerharness.training.prompted import train_prompted, with_adapters
from nerharness.training.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore")

SETTINGS = Settings(epochs=1, learning_rate=1e-2, batch_size=2, rank=4, alpha=8)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_they_compute_in_the_chosen_format_and_nothing_twice(
    dtype: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.save_words(tmp_path / "base", size=128)
    source = locate(str(tmp_path / "base"))
    model = with_adapters(load_model(source, None, dtype, four_bits(dtype)), SETTINGS)
    assert any(type(one).__name__ == "Params4bit" for one in model.parameters())
    assert not model.is_gradient_checkpointing
    made: list[Any] = []
    tuner = prompted._tuner

    def noting(evaluate: Any) -> Any:
        kind = tuner(evaluate)

        def make(**given: Any) -> Any:
            made.append(given["args"])
            return kind(**given)

        return make

    monkeypatch.setattr(prompted, "_tuner", noting)
    monkeypatch.setattr(attention, "_in_products", lambda query, dropout: False)  # as on a GPU
    lessons = [Lesson([5, 6, 7, 8, 9, 10, 1], 5), Lesson([5, 6, 7, 11, 1], 4)]
    score = DevScore(0, 0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "base")
    done = train_prompted(
        model, tokenizer, lessons, lambda _: score, SETTINGS, tmp_path / "out", "base"
    )
    assert done.steps == 1
    assert not model.is_gradient_checkpointing
    assert [one.bf16 for one in made] == [dtype == torch.bfloat16]
