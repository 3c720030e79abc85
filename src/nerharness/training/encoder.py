"""Fine-tuning a token classifier with the trainer of transformers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.errors import UsageError
from nerharness.models import locate
from nerharness.training.checkpoints import saving
from nerharness.training.dev_score import DevScore, Evaluate, scoring
from nerharness.training.processes import is_first, on_processor
from nerharness.training.sentences import (
    IGNORED,
    TaggedSentence,
    class_weights,
    classes,
    features,
    thinned,
)
from nerharness.training.settings import Settings
from nerharness.training.trainer import (
    Note,
    Trained,
    arguments,
    callbacks,
    on_one_device,
    run,
    silence,
    steps,
)
from nerharness.training.trial import SHORT, DevTime, Sizes, Trial, measure, memory, picked
from nerharness.word_pieces import window_size


class EncoderData(NamedTuple):
    """What a token classifier learns."""

    train: Sequence[TaggedSentence]
    labels: Sequence[str]


def train_encoder(
    name: str,
    data: EncoderData,
    evaluate: Callable[[Any, Any], DevScore],
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    report_to: Sequence[str] = (),
    note: Note = lambda _: None,
) -> Trained:
    """Train model `name` on sentences, and write the epoch with the best dev F1 to `out`.

    `evaluate` is told the tokenizer, and the model as it is after an epoch, in evaluation mode.
    Checkpoints lie in `out`'s folder `checkpoints` until training is done. With `resume` it goes on
    from the last whole one, to the same result.
    """
    loaded = _load(name, classes(data.labels), settings.seed)
    rows = _rows(loaded, data, settings)
    more = arguments(settings, out, len(rows), report_to)
    trainer = _trainer(
        loaded, rows, partial(evaluate, loaded.tokenizer), settings, more, callbacks(settings, note)
    )
    trained = run(trainer, out, resume=resume)
    with saving(out):
        trainer.save_model(str(out))  # by the first process alone
        if is_first():
            loaded.tokenizer.save_pretrained(str(out))
    return trained


def try_encoder(
    name: str,
    data: EncoderData,
    dev: Callable[[Any, Any], DevTime],
    settings: Settings,
    out: Path,
) -> Trial:
    """Train for a few steps on some of the sentences, and keep nothing; `out` is not written.

    `dev` is told tokenizer and model, and returns how long it takes to score dev.
    """
    loaded = _load(name, classes(data.labels), settings.seed)
    rows = _rows(loaded, data, settings)
    lengths = [len(row["input_ids"]) for row in rows]
    some = picked(rows, lengths, settings.batch_size)
    more = arguments(settings, out, len(rows)) | SHORT
    trainer = _trainer(loaded, some, lambda _: DevScore(0, 0), settings, more, [])
    measured = measure(trainer)
    longest = sorted(rows, key=lambda row: len(row["input_ids"]))[-settings.batch_size :]
    each = [parameter.numel() for parameter in loaded.model.parameters()]
    sizes = Sizes.of(
        lengths, len(rows) - len(thinned(data.train, settings.negatives, settings.seed))
    )
    return Trial(
        str(trainer.args.device),
        sum(each),
        sum(each),
        sizes,
        memory(trainer, longest),
        measured.peak,
        steps(len(rows), settings),
        measured.timed,
        measured.step_seconds,
        dev(loaded.tokenizer, loaded.model.eval()),
    )


class _Loaded(NamedTuple):
    tokenizer: Any
    model: Any
    names: list[str]
    size: int
    """Sub-words of a window."""


def _rows(loaded: _Loaded, data: EncoderData, settings: Settings) -> list[dict[str, list[int]]]:
    kept = thinned(data.train, settings.negatives, settings.seed)
    return features(loaded.tokenizer, kept, loaded.names, loaded.size)


def _trainer(
    loaded: _Loaded,
    rows: Sequence[dict[str, list[int]]],
    evaluate: Evaluate,
    settings: Settings,
    arguments: Mapping[str, Any],
    callbacks: Sequence[Any],
) -> Any:
    from transformers import DataCollatorForTokenClassification, Trainer, TrainingArguments

    # The loss is a mean, which the trainer would multiply by the number of processes.
    more = {"use_cpu": on_processor(), "average_tokens_across_devices": False}
    weights = class_weights(rows, len(loaded.names)) if settings.class_weights else None
    return scoring(Trainer, evaluate)(
        model=loaded.model,
        args=on_one_device(TrainingArguments(**arguments, **more)),
        train_dataset=rows,
        eval_dataset=rows[:1],  # the trainer asks for one; dev is not scored by its loss
        data_collator=DataCollatorForTokenClassification(loaded.tokenizer),
        compute_loss_func=_weighed(weights) if weights else None,
        callbacks=list(callbacks),
    )


def _load(name: str, names: list[str], seed: int) -> _Loaded:
    import torch
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        set_seed,
    )

    silence()  # that the head is new is no news
    source = locate(name)
    address = source.address()
    set_seed(seed)  # the head of the classifier is drawn anew
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            address, trust_remote_code=False, add_prefix_space=True
        )
        model = AutoModelForTokenClassification.from_pretrained(
            address,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            id2label=dict(enumerate(names)),
            label2id={name: place for place, name in enumerate(names)},
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise source.unusable(error) from None
    if not tokenizer.is_fast:
        raise UsageError(f"model {name!r} has no fast tokenizer", where="--model")
    return _Loaded(tokenizer, model, names, window_size(tokenizer, model))


def _weighed(weights: Sequence[float]) -> Callable[..., Any]:
    """Return a loss for the trainer."""

    def loss(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        """Return the mean loss of the words, each weighed by its class."""
        import torch
        from torch.nn.functional import cross_entropy

        del num_items_in_batch
        logits = outputs["logits"] if isinstance(outputs, dict) else outputs.logits
        table = torch.tensor(weights, device=logits.device, dtype=logits.dtype)
        flat = logits.view(-1, logits.shape[-1])
        return cross_entropy(flat, labels.view(-1), weight=table, ignore_index=IGNORED)

    return loss
