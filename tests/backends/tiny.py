"""Tiny random models in local folders, and how tests ask the `hf` backend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nerharness.plugin.host import Host
from nerharness.types import Completion, Message, Prompt

WORDS = [
    "what",
    "is",
    "this",
    "a",
    "text",
    "about",
    "gout",
    "fever",
    "pain",
    "rash",
    "of",
    "the",
    "skin",
    "system",
    "user",
    "assistant",
]
CHAT = "{% for m in messages %}{{ m['role'] }} {{ m['content'] }} {% endfor %}assistant"
TURNS = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}<|im_start|>assistant\n{# <think> #}"
)


def save_words(path: Path, *, size: int = 32) -> None:
    """Save a two-layer Llama with random weights and a word tokenizer, as from a hub."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: index for index, word in enumerate(["<unk>", "<end>", *WORDS])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, unk_token="<unk>", eos_token="<end>", chat_template=CHAT
    )
    _save_model(path, len(vocabulary), end=1, context=64, size=size)
    tokenizer.save_pretrained(path)


def save_letters(path: Path) -> None:
    """Save one whose tokens are single bytes, "ab", and control tokens as in ChatML.

    "<think>" is an added token that is not marked as special, as in some models' files.
    """
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "ab"]
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    raw = Tokenizer(models.BPE(vocabulary, [("a", "b")]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    raw.add_tokens(["<think>"])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", chat_template=TURNS
    )
    _save_model(path, len(tokenizer), end=tokenizer.eos_token_id, context=4096, sharper=20)
    tokenizer.save_pretrained(path)


def _save_model(
    path: Path, vocabulary: int, *, end: int, context: int, sharper: float = 1, size: int = 32
) -> None:
    import torch
    import transformers

    torch.manual_seed(3)
    config = transformers.LlamaConfig(
        vocab_size=vocabulary, hidden_size=size, intermediate_size=2 * size, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=context,
        eos_token_id=end, bos_token_id=None, pad_token_id=None,
    )  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    model.lm_head.weight.data.mul_(sharper)  # or else all tokens are nearly as likely
    model.save_pretrained(path)


def make(host: Host, **options: Any) -> Any:
    """Make the backend on the processor in float32."""
    return host.make("backends", "hf", options={"device": "cpu", "dtype": "float32", **options})


def ask(*texts: str, limit: int | None = 8) -> list[Prompt]:
    """Return a prompt per text."""
    return [Prompt((Message("user", text),), limit) for text in texts]


def complete(backend: Any, prompts: Sequence[Prompt]) -> list[Completion]:
    """Return the completions in the order of the prompts; each prompt has exactly one."""
    found = dict(backend.generate(prompts))
    assert sorted(found) == list(range(len(prompts)))
    return [found[index] for index in range(len(prompts))]
