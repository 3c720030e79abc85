"""Fine-tuning a token classifier with the trainer of transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nerharness.errors import UsageError
from nerharness.models import locate
from nerharness.tags import score_tags
from nerharness.training.sentences import (
    IGNORED,
    TaggedSentence,
    class_weights,
    classes,
    features,
    thinned,
)
from nerharness.training.settings import Progress, Settings
from nerharness.training.trainer import Note, Trained, arguments, callbacks, run, saving, silence
from nerharness.word_pieces import window_size


def train_encoder(
    name: str,
    train: Sequence[TaggedSentence],
    dev: Sequence[TaggedSentence],
    labels: Sequence[str],
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    report_to: Sequence[str] = (),
    note: Note = lambda _: None,
) -> Trained:
    """Train model `name` on sentences, and write the epoch with the best dev F1 to `out`.

    Checkpoints lie in `out`'s folder `checkpoints` until training is done. With `resume` it goes on
    from the last whole one, to the same result.
    """
    from transformers import DataCollatorForTokenClassification, Trainer, TrainingArguments

    silence()  # that the head is new is no news
    names = classes(labels)
    tokenizer, model = _load(name, names, settings.seed)
    size = window_size(tokenizer, model)
    rows = features(tokenizer, thinned(train, settings.negatives, settings.seed), names, size)
    history: list[Progress] = []
    trainer = Trainer(
        model=model,
        args=TrainingArguments(**arguments(settings, out, len(rows), report_to)),
        train_dataset=rows,
        eval_dataset=features(tokenizer, dev, names, size),
        data_collator=DataCollatorForTokenClassification(tokenizer),
        compute_metrics=lambda found: _f1(found, names),
        preprocess_logits_for_metrics=lambda logits, _: logits.argmax(-1),
        compute_loss_func=_weighed(class_weights(rows, len(names)))
        if settings.class_weights
        else None,
        callbacks=callbacks(settings, history, note),
    )
    run(trainer, out, resume=resume)
    with saving(out):
        trainer.save_model(str(out))
        tokenizer.save_pretrained(str(out))
    return Trained(trainer.state.global_step, float(trainer.state.best_metric or 0.0), history)


def _load(name: str, names: Sequence[str], seed: int) -> tuple[Any, Any]:
    from transformers import (
        AutoModelForTokenClassification,
        AutoTokenizer,
        set_seed,
    )

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
            id2label=dict(enumerate(names)),
            label2id={name: place for place, name in enumerate(names)},
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise source.unusable(error) from None
    if not tokenizer.is_fast:
        raise UsageError(f"model {name!r} has no fast tokenizer", where="--model")
    return tokenizer, model


def _f1(found: Any, names: Sequence[str]) -> dict[str, float]:
    gold: list[list[str]] = []
    predicted: list[list[str]] = []
    for row, labels in zip(found.predictions, found.label_ids, strict=True):
        seen = [place for place, label in enumerate(labels) if label != IGNORED]
        gold.append([names[labels[place]] for place in seen])
        predicted.append([names[row[place]] for place in seen])
    scores = score_tags(gold, predicted)
    return {"f1": scores.micro.f1, "macro_f1": scores.macro.f1}


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
