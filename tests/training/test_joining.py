"""Lessons are joined only for a model that learns of them what it would of each by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

import torch
import transformers
from backends import tiny

from nerharness.training import lessons
from nerharness.training.attention import attending
from nerharness.training.dev_score import DevScore
from nerharness.training.joining import learns_joined
from nerharness.training.lessons import Lesson
from nerharness.training.prompted import train_prompted
from nerharness.training.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore")

TOKENS = {"vocab_size": 300, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
LAYERS = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
NEO = {"hidden_size": 32, "num_layers": 2, "num_heads": 4, "max_position_embeddings": 256}
STILL = {"resid_pdrop": 0, "attn_pdrop": 0, "embd_pdrop": 0}
MODELS: dict[str, Callable[[], Any]] = {
    "llama": lambda: transformers.LlamaConfig(**TOKENS, **LAYERS, intermediate_size=64),
    "gpt2": lambda: transformers.GPT2Config(**TOKENS, **STILL, n_embd=32, n_layer=2, n_head=4),
    "falcon": lambda: transformers.FalconConfig(**TOKENS, **LAYERS),
    "falcon with ALiBi": lambda: transformers.FalconConfig(**TOKENS, **LAYERS, alibi=True),
    "bloom": lambda: transformers.BloomConfig(**TOKENS, hidden_size=32, n_layer=2, n_head=4),
    "rwkv": lambda: transformers.RwkvConfig(**TOKENS, hidden_size=32, num_hidden_layers=2),
    "gpt-neo": lambda: transformers.GPTNeoConfig(
        **TOKENS, **NEO, attention_types=[[["global"], 2]], embed_dropout=0
    ),
}
JOINED = {"llama", "gpt2", "falcon"}

LESSONS = [
    Lesson([5, 6, 7, 8, 9, 3, 10, 11, 12, 13, 20, 21], 9),
    Lesson([5, 6, 7, 8, 9, 3, 11, 20], 7),
    Lesson([5, 6, 7, 8, 9, 3, 12, 13, 14, 15, 22, 23, 24], 10),
]


def drawn(name: str) -> Any:
    """Return a tiny model whose tokens depend much on those before them."""
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(MODELS[name]())
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(6)
    return model


def alone(model: Any) -> float:
    """Return the mean loss of the answers' tokens, each lesson read by itself."""
    model.eval()
    total, count = 0.0, 0
    for lesson in LESSONS:
        row = {name: torch.tensor([value]) for name, value in lesson.row().items()}
        size = len(lesson.tokens) - lesson.answer
        with torch.no_grad():
            total += float(model(**row).loss) * size
        count += size
    return total / count


@pytest.mark.parametrize("name", MODELS)
def test_the_first_step_has_the_loss_of_each_lesson_by_itself(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.save_letters(tmp_path / "letters")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "letters")
    model = drawn(name)
    expected = alone(model)
    joined = Mock(wraps=lessons._joined)
    monkeypatch.setattr(lessons, "_joined", joined)
    settings = Settings(epochs=1, learning_rate=1e-9, batch_size=3)
    score = DevScore(0.5, 0.5)
    done = train_prompted(
        model, tokenizer, LESSONS, lambda _: score, settings, tmp_path / "out", name
    )
    assert done.history[0].loss == pytest.approx(expected, abs=1e-3)
    used = [call for call in joined.call_args_list if len(call.args[0]) == len(LESSONS)]
    assert bool(used) == (name in JOINED)


def test_a_model_that_ignores_where_tokens_are_is_found_out_by_what_it_scores() -> None:
    model = drawn("llama")
    tokens = list(range(3, 40))
    with attending(model):
        assert learns_joined(model, tokens)
        assert learns_joined(model, tokens[:5]), "of few tokens some come again"
        assert learns_joined(model.to(torch.bfloat16), tokens)
        model.float()
        forward = model.forward

        def count(*given: Any, position_ids: Any = None, **named: Any) -> Any:
            return forward(*given, **named)

        model.forward = count
        model.train()
        assert not learns_joined(model, tokens)
        assert model.training
