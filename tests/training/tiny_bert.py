"""A tiny random BERT that knows ten words, others as letters; and a corpus that it can learn."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = ["zebra", "apple", "lazy", "moon", "fuzz", "tree", "zoo", "lamp", "gaze", "roof"]


def save_bert(path: Path, context: int = 64, seed: int = 0) -> None:
    """Save a one-layer BERT with a WordPiece tokenizer of letters, as from a hub."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?()-/'%"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    entries = [*special, *WORDS, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {entry: index for index, entry in enumerate(entries)}
    raw = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    raw.normalizer = normalizers.BertNormalizer()
    raw.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    raw.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=context,
    ).save_pretrained(path)
    torch.manual_seed(seed)
    config = transformers.BertConfig(
        vocab_size=len(entries),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=context,
    )
    transformers.BertModel(config).save_pretrained(path)


def save_two(folder: Path) -> None:
    """Save two of other weights, as `a` and `b`, for a hub whose branch moves."""
    for seed, letter in enumerate("ab"):
        save_bert(folder / letter, seed=seed)


def save_corpus(folder: Path) -> Path:
    """Save train, dev and test as JSONL: every word with a z is an entity, "big" with an o."""
    for split, start, size in (("train", 0, 48), ("dev", 3, 16), ("test", 5, 16)):
        lines = []
        for n in range(size):
            chosen = [WORDS[(start + n * 7 + k * (n % 3 + 1)) % 10] for k in range(6)]
            entities, place = [], 0
            for word in chosen:
                if "z" in word:
                    label = "big" if "o" in word else "small"
                    entities.append({"label": label, "start": place, "end": place + len(word)})
                place += len(word) + 1
            text = " ".join(chosen) + "."
            lines.append(json.dumps({"id": f"{split}{n}", "text": text, "entities": entities}))
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
