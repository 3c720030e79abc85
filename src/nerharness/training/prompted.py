"""Fine-tuning a model that is prompted, with the trainers of trl and the adapters of peft."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from transformers import TrainingArguments

from nerharness.training.answer_loss import answer_loss
from nerharness.training.attention import attending
from nerharness.training.checkpoints import saving
from nerharness.training.dev_score import DevScore, Evaluate, scoring
from nerharness.training.joining import learns_joined
from nerharness.training.lessons import Lesson, collate
from nerharness.training.low_rank import adding
from nerharness.training.processes import is_first
from nerharness.training.sentences import IGNORED
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

_RECOMPUTING = (
    "activation_checkpointing"
    if hasattr(TrainingArguments, "activation_checkpointing")
    else "gradient_checkpointing"
)
"""Less memory for more time, which trl asks for by itself; by its older name where that counts."""


def with_adapters(model: Any, settings: Settings) -> Any:
    """Return the model with new adapters at all of its linear layers but the output."""
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
    from transformers import set_seed

    if getattr(model, "is_quantized", False):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    set_seed(settings.seed)  # the adapters are drawn anew
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # names that transformers gave up
        adapted = get_peft_model(model, config)
    # Of a model with a name, peft asks the hub whenever a checkpoint is written.
    adapted.peft_config["default"].base_model_name_or_path = None
    return adapted


def train_prompted(
    model: Any,
    tokenizer: Any,
    lessons: Sequence[Lesson],
    evaluate: Evaluate,
    settings: Settings,
    out: Path,
    base: str,
    *,
    joined: bool = True,
    resume: bool = False,
    report_to: Sequence[str] = (),
    note: Note = lambda _: None,
) -> Trained:
    """Train `model`, and write the epoch with the best dev F1 to `out`.

    `base` is what adapters are to name as the model that they belong to; `joined` says whether
    lessons may stand in one row (`collate`), where the model then learns the same. Checkpoints lie
    in `out`'s folder `checkpoints` until training is done. With `resume` it goes on from the last
    whole one, to the same result.
    """
    more = arguments(settings, out, len(lessons), report_to)
    with attending(model) as apart, adding(model):
        notes = callbacks(settings, note)
        trainer = _trainer(
            model, tokenizer, lessons, evaluate, more, notes, joined=joined, apart=apart
        )
        trained = run(trainer, out, resume=resume)
    if is_first():
        with saving(out):
            _save(model, out, base)
            tokenizer.save_pretrained(str(out))
    return trained


def _save(model: Any, out: Path, base: str) -> None:
    adapters = getattr(model, "peft_config", None)
    if adapters is None:
        model.save_pretrained(str(out))
        return
    adapters["default"].base_model_name_or_path = base
    model.save_pretrained(str(out), save_embedding_layers=False)  # or it would ask the hub, too


def try_prompted(
    model: Any,
    tokenizer: Any,
    lessons: Sequence[Lesson],
    over: int,
    dev: Callable[[Any], DevTime],
    settings: Settings,
    out: Path,
    *,
    joined: bool,
) -> Trial:
    """Train for a few steps on some of the lessons, and keep nothing; `out` is not written.

    `over` lessons were left out as too long. `dev` is told the model, and returns how long it takes
    to score dev.
    """
    lengths = [len(lesson.tokens) for lesson in lessons]
    some = picked(lessons, lengths, settings.batch_size)
    more = arguments(settings, out, len(lessons)) | SHORT
    longest = sorted(lessons, key=lambda lesson: len(lesson.tokens))[-settings.batch_size :]
    with attending(model) as apart, adding(model):
        nothing = DevScore(0, 0)
        trainer = _trainer(
            model, tokenizer, some, lambda _: nothing, more, [], joined=joined, apart=apart
        )
        measured = measure(trainer)
        held = memory(trainer, [lesson.row() for lesson in longest])
    taken = dev(model)
    parameters = list(model.parameters())
    return Trial(
        str(trainer.args.device),
        sum(one.numel() for one in parameters),
        sum(one.numel() for one in parameters if one.requires_grad),
        Sizes.of(lengths, over),
        held,
        measured.peak,
        steps(len(lessons), settings),
        measured.timed,
        measured.step_seconds,
        taken,
    )


def _trainer(
    model: Any,
    tokenizer: Any,
    lessons: Sequence[Lesson],
    evaluate: Evaluate,
    arguments: Mapping[str, Any],
    callbacks: Sequence[Any],
    *,
    joined: bool,
    apart: bool,
) -> Any:
    from datasets import Dataset
    from trl import SFTConfig

    silence()
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    joined = joined and apart and learns_joined(model, lessons[0].tokens)
    rows = Dataset.from_list([lesson.row() for lesson in lessons])
    device = model.device.type
    return _tuner(evaluate)(
        model=model,
        args=on_one_device(
            SFTConfig(
                **arguments,
                use_cpu=device == "cpu",
                bf16=device != "mps" and _computes_in_bfloat16(model),
                max_length=None,
                **{_RECOMPUTING: False},
                dataset_kwargs={"skip_prepare_dataset": True},
            )
        ),
        train_dataset=rows,
        eval_dataset=rows.select([0]),  # the trainer asks for one; dev is not scored by its loss
        processing_class=tokenizer,
        data_collator=partial(collate, pad=tokenizer.pad_token_id, joined=joined, apart=apart),
        callbacks=list(callbacks),
    )


def _computes_in_bfloat16(model: Any) -> bool:
    """Tell by the weights, of those that are held in 4 bits by what they are unpacked to."""
    import torch

    held = getattr(model.config, "quantization_config", None)
    unpacked = getattr(held, "bnb_4bit_compute_dtype", None)
    if unpacked is not None:
        return bool(unpacked == torch.bfloat16)
    return any(parameter.dtype == torch.bfloat16 for parameter in model.parameters())


def _tuner(evaluate: Evaluate) -> Any:
    from trl import SFTTrainer

    class Tuner(scoring(SFTTrainer, evaluate)):  # type: ignore[misc]
        """Scores nothing but answers, in train as on dev."""

        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, Any],
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
        ) -> Any:
            """Return the loss on the answers; a processor scores nothing but these for it."""
            loss = None
            more = return_outputs or getattr(self, "aux_loss_enabled", False)  # that of experts
            if self.args.device.type == "cpu" and not more:
                known = self.model.config.get_text_config(decoder=True).vocab_size
                loss = answer_loss(model, inputs, known)
            if loss is None:
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
            if num_items_in_batch is None:
                return loss / (inputs["labels"] != IGNORED).sum()
            shared = self.args.average_tokens_across_devices
            return loss / num_items_in_batch * (self.accelerator.num_processes if shared else 1)

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """Write none: a checkpoint is no model to be passed on."""

    return Tuner
