"""A tiny random model as a quantised GGUF file, its tokens bytes and those of ChatML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backends.tiny import TURNS

SIZE, LAYERS, HEADS, FEED = 32, 2, 4, 64


def save_gguf(file: Path) -> None:
    """Save a Llama whose matrices are held in 8 bits (Q8_0)."""
    import gguf
    import numpy as np
    from tokenizers import pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*letters, "ab", "<|im_start|>", "<|im_end|>"]
    kinds = [1] * (len(letters) + 1) + [3, 3]  # normal, and control
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_context_length(4096)
    writer.add_embedding_length(SIZE)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(SIZE // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_chat_template(TURNS)
    draw = np.random.default_rng(0)

    def matrix(name: str, *shape: int) -> None:
        drawn = draw.normal(0, 0.1, shape).astype(np.float32)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(name, gguf.quants.quantize(drawn, kind), raw_dtype=kind)

    def ones(name: str) -> None:
        values: Any = np.ones(SIZE, np.float32)
        writer.add_tensor(name, values)

    matrix("token_embd.weight", len(tokens), SIZE)
    matrix("output.weight", len(tokens), SIZE)
    ones("output_norm.weight")
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{block}.{part}.weight", SIZE, SIZE)
        matrix(f"{block}.ffn_gate.weight", FEED, SIZE)
        matrix(f"{block}.ffn_up.weight", FEED, SIZE)
        matrix(f"{block}.ffn_down.weight", SIZE, FEED)
        ones(f"{block}.attn_norm.weight")
        ones(f"{block}.ffn_norm.weight")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
