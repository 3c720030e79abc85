"""Fine-tuning a token classifier with the trainer of transformers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
from nerharness.word_pieces import window_size

CHECKPOINTS = "checkpoints"
_WHOLE = ("model.safetensors", "optimizer.pt", "scheduler.pt", "trainer_state.json")

Note = Callable[[Progress], None]


class Trained(NamedTuple):
    """What training came to; the model lies in its folder."""

    steps: int
    best_f1: float
    """Micro F1 of dev, by tags, of the checkpoint that was kept."""
    history: list[Progress]


def train_encoder(
    name: str,
    train: Sequence[TaggedSentence],
    dev: Sequence[TaggedSentence],
    labels: Sequence[str],
    settings: Settings,
    out: Path,
    *,
    resume: bool = False,
    note: Note = lambda _: None,
) -> Trained:
    """Train model `name` on sentences, and write the epoch with the best dev F1 to `out`.

    Checkpoints lie in `out`'s folder `checkpoints` until training is done. With `resume` it goes on
    from the last whole one, to the same result.
    """
    import torch
    from transformers import DataCollatorForTokenClassification, PrinterCallback, Trainer
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()  # the caller shows progress of its own
    set_verbosity_error()  # that the head is new is no news

    names = classes(labels)
    tokenizer, model = _load(name, names, settings.seed)
    size = window_size(tokenizer, model)
    rows = features(tokenizer, thinned(train, settings.negatives, settings.seed), names, size)
    history: list[Progress] = []
    trainer = Trainer(
        model=model,
        args=_arguments(settings, out, len(rows), pin=torch.cuda.is_available()),
        train_dataset=rows,
        eval_dataset=features(tokenizer, dev, names, size),
        data_collator=DataCollatorForTokenClassification(tokenizer),
        compute_metrics=lambda found: _f1(found, names),
        preprocess_logits_for_metrics=lambda logits, _: logits.argmax(-1),
        compute_loss_func=_weighed(class_weights(rows, len(names)))
        if settings.class_weights
        else None,
        callbacks=_callbacks(settings, history, note),
    )
    trainer.remove_callback(PrinterCallback)
    checkpoint = last_checkpoint(out) if resume else None
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.save_model(str(out))
    tokenizer.save_pretrained(str(out))
    return Trained(trainer.state.global_step, float(trainer.state.best_metric or 0.0), history)


def last_checkpoint(out: Path) -> Path | None:
    """Return the last checkpoint that was written to its end; `None` without any."""
    found = sorted(
        (out / CHECKPOINTS).glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])
    )
    whole = [path for path in found if all((path / file).is_file() for file in _WHOLE)]
    return whole[-1] if whole else None


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


def _arguments(settings: Settings, out: Path, rows: int, *, pin: bool) -> Any:
    from transformers import TrainingArguments

    steps = max(1, -(-rows // settings.batch_size))
    return TrainingArguments(
        output_dir=str(out / CHECKPOINTS),
        num_train_epochs=settings.epochs,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=2 * settings.batch_size,
        warmup_steps=round(settings.warmup * steps * settings.epochs),
        weight_decay=settings.weight_decay,
        train_sampling_strategy="group_by_length",
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="f1",
        greater_is_better=True,
        logging_steps=10,
        disable_tqdm=True,
        dataloader_pin_memory=pin,
        report_to=[],
        seed=settings.seed,
        data_seed=settings.seed,
    )


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


def _callbacks(settings: Settings, history: list[Progress], note: Note) -> list[Any]:
    from transformers import EarlyStoppingCallback, TrainerCallback

    class Noting(TrainerCallback):  # type: ignore[misc]
        """Passes on what the trainer logs."""

        def on_log(self, _: Any, state: Any, __: Any, logs: Any = None, **___: Any) -> None:
            logs = logs or {}
            if "loss" in logs or "eval_f1" in logs:
                history.append(_progress(state, logs))
                note(history[-1])

    stop = [EarlyStoppingCallback(settings.patience)] if settings.patience else []
    return [Noting(), *stop]


def _progress(state: Any, logs: Any) -> Progress:
    return Progress(
        state.global_step,
        state.max_steps,
        state.epoch or 0.0,
        logs.get("loss"),
        logs.get("eval_f1"),
        logs.get("eval_macro_f1"),
    )
