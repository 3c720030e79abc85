"""The `encoder` tagger: a fine-tuned token classifier, the baseline of supervised work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nerharness.errors import UsageError
from nerharness.models import locate
from nerharness.tags import Scheme, best_tags, decode
from nerharness.types import Document, Entity, Example
from nerharness.word_pieces import Window, deepest, window_size, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 4096
"""Sub-words, padding included, that are read at once."""


class Encoder:
    """Tags words with a token classifier of transformers, which is in evaluation mode.

    A sentence that is longer than the model can hold is read in windows; a word takes its scores
    from the window in whose middle it is. With `viterbi` the words get the best tags that the
    scheme allows, otherwise each its best tag, and tags are read leniently.
    """

    unit = "sentence"

    def __init__(self, tokenizer: Any, model: Any, *, viterbi: bool = True) -> None:
        self._tokenizer, self._model = tokenizer, model
        self._classes = [model.config.id2label[n] for n in range(model.num_labels)]
        self._viterbi = viterbi
        self._size = window_size(tokenizer, model)

    def tag(self, documents: Sequence[Document], /) -> Iterator[tuple[Entity, ...]]:
        """Yield the entities of each document, in order."""
        for document in documents:
            ranges = document.sentence_tokens()
            words = [document.text[token.start : token.end] for token in document.tokens]
            scores = self._scores([words[first:end] for first, end in ranges])
            yield tuple(
                entity
                for (first, _), rows in zip(ranges, scores, strict=True)
                for entity in self._entities(document, first, rows)
            )

    def _entities(
        self, document: Document, first: int, scores: NDArray[np.float32]
    ) -> Iterator[Entity]:
        scheme = _scheme(self._classes)
        if self._viterbi:
            tags = best_tags(scores, self._classes, scheme)
        else:
            tags = [self._classes[place] for place in scores.argmax(axis=1)]
        for label, start, end in decode(tags, scheme):
            tokens = document.tokens[first + start : first + end]
            yield Entity.at(label, tokens[0].start, tokens[-1].end)

    def _scores(self, sentences: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
        """Return log-probabilities of shape (words, classes) for each sentence."""
        import numpy as np

        parts = [list(windows(self._tokenizer, words, self._size)) for words in sentences]
        read = iter(self._read([part for group in parts for part in group]))
        scores: list[NDArray[np.float32]] = []
        for words, group in zip(sentences, parts, strict=True):
            tables = [next(read) for _ in group]
            rows = np.zeros((len(words), len(self._classes)), np.float32)
            for word, place in enumerate(deepest(group, len(words))):
                if place is None:  # nothing of it was read: O
                    rows[word] = -1e4
                    rows[word, self._classes.index("O")] = 0
                else:
                    rows[word] = tables[place[0]][place[1]]
            scores.append(rows)
        return scores

    def _read(self, parts: Sequence[Window]) -> list[NDArray[np.float32]]:
        import torch

        order = sorted(range(len(parts)), key=lambda place: len(parts[place].ids))
        found: dict[int, NDArray[np.float32]] = {}
        for group in _batches(order, parts):
            batch = self._tokenizer.pad(
                {"input_ids": [list(parts[place].ids) for place in group]}, return_tensors="pt"
            ).to(self._model.device)
            with torch.inference_mode():
                logits = self._model(**batch).logits.float().log_softmax(-1).cpu().numpy()
            found.update(zip(group, logits, strict=True))
        return [found[place] for place in range(len(parts))]


def _scheme(classes: Sequence[str]) -> Scheme:
    prefixes = {name[0] for name in classes}
    if prefixes & {"L", "U"}:
        return "BILOU"
    return "BIOES" if prefixes & {"E", "S"} else "IOB2"


def _batches(order: Sequence[int], parts: Sequence[Window]) -> Iterator[list[int]]:
    group: list[int] = []
    for place in order:
        if group and (len(group) + 1) * len(parts[place].ids) > BATCH:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def load_encoder(train: Sequence[Example], *, model: str | None, viterbi: bool) -> Encoder:
    """Return the tagger of a folder that `nerharness train` wrote, or of any token classifier."""
    del train
    if not model:
        raise UsageError(
            "the encoder needs a model", where="--model", hint="make one: nerharness train"
        )
    return Encoder(*_load_classifier(model), viterbi=viterbi)


def _load_classifier(name: str) -> tuple[Any, Any]:
    """Return the tokenizer and the model; `UsageError` for one that does not classify tokens."""
    import torch
    from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer

    source = locate(name)
    address = source.address()
    try:
        config = AutoConfig.from_pretrained(address, trust_remote_code=False)
        if "O" not in config.id2label.values():
            raise UsageError(
                f"model {name!r} was not trained to tag words",
                where="--model",
                hint="make one of it: nerharness train --method encoder",
            )
        tokenizer = AutoTokenizer.from_pretrained(address, trust_remote_code=False)
        model = AutoModelForTokenClassification.from_pretrained(
            address, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise source.unusable(error) from None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return tokenizer, model.eval().to(device)
