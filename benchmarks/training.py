"""Our training beside bare scripts of transformers and trl: the same settings, data and machine.

Sentences of the sample corpus are learned by `all-minilm-l6-v2` with a new head, and lessons about
them by `smollm2-135m-instruct` with adapters; beside each a script as its library's guide has it,
with the same rows, seed and settings, on the processor. The answer is checked first: without
dropout both report the same losses. Then they take turns, and the time from the first to the last
step of each is compared (loading, dev and saving are left out of both).

    python -m benchmarks.training [--rounds 3] [--lessons 160] [--only encoder|lora]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
import transformers
from datasets import Dataset
from peft import LoraConfig
from transformers import (
    AutoModelForTokenClassification,
    DataCollatorForTokenClassification,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)
from trl import SFTConfig, SFTTrainer

from nerharness.backends.chat_model import ChatModel
from nerharness.backends.loading import load_model, pick_dtype
from nerharness.backends.tokenizer import load_tokenizer
from nerharness.models import locate
from nerharness.plugin import load_host
from nerharness.runs.inputs import read_inputs
from nerharness.runs.lessons import lessons
from nerharness.runs.prompting import make_prompting
from nerharness.runs.spec import Spec
from nerharness.training import encoder, prompted
from nerharness.training.dev_score import DevScore
from nerharness.training.lessons import Lesson
from nerharness.training.sentences import classes, tagged_sentences
from nerharness.training.settings import USUAL, Settings
from nerharness.training.trainer import silence

ENCODER, LANGUAGE_MODEL = "all-minilm-l6-v2", "smollm2-135m-instruct"
NEAR = {"encoder": 0.02, "lora": 0.03}
"""By which share two losses may differ: in bfloat16 the order of sums shows."""


class Course(NamedTuple):
    """Seconds between the first and the last step, and the losses."""

    seconds: float
    losses: list[float]


class Stopwatch(TrainerCallback):  # type: ignore[misc]
    """Times the steps of a trainer, and notes its losses."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.losses: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ends.append(time.perf_counter())

    def on_log(self, *_: Any, logs: dict[str, float], **__: Any) -> None:
        if "loss" in logs:
            self.losses.append(logs["loss"])

    @property
    def course(self) -> Course:
        return Course(self.ends[-1] - self.ends[0], self.losses)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--lessons", type=int, default=160)
    options.add_argument("--only", choices=["encoder", "lora"])
    given = options.parse_args()
    silence()
    for name, pair in {"encoder": encoders, "lora": adapters}.items():
        if given.only in (None, name):
            rows, ours, bare = pair(given.lessons)
            check(name, ours(0.0), bare(0.0))
            report(name, rows, ours, bare, given.rounds)


def check(name: str, ours: Course, bare: Course) -> None:
    """Fail unless both report the same losses."""
    assert len(ours.losses) == len(bare.losses) > 1
    for one, other in zip(ours.losses, bare.losses, strict=True):
        assert abs(one - other) <= NEAR[name] * other, (ours.losses, bare.losses)


def report(
    name: str,
    rows: int,
    ours: Callable[[float], Course],
    bare: Callable[[float], Course],
    rounds: int,
) -> None:
    """Time both by turns, with the usual dropout, and print the fastest of each."""
    dropout = USUAL["lora"].dropout
    times = [(ours(dropout).seconds, bare(dropout).seconds) for _ in range(rounds)]
    mine, theirs = (min(column) for column in zip(*times, strict=True))
    print(
        f"{name}: {rows / mine:.1f} rows/s, bare script {rows / theirs:.1f} rows/s: "
        f"{theirs / mine:.0%} of its speed; by rounds "
        f"{', '.join(f'{other / one:.0%}' for one, other in times)}",
        flush=True,
    )


def encoders(count: int) -> tuple[int, Callable[[float], Course], Callable[[float], Course]]:
    """Return how many sentences are timed, and both ways to train a token classifier."""
    inputs = read_inputs(Spec(tagger="gazetteer", split="dev"), load_host())
    sentences = list(tagged_sentences(inputs.train))[:count]
    names = classes(inputs.corpus.labels.names)
    settings = Settings(epochs=1)
    data = encoder.EncoderData(sentences, inputs.corpus.labels.names)

    def ours(_: float) -> Course:
        watch = Stopwatch()
        with TemporaryDirectory() as folder, watching(encoder, watch):
            encoder.train_encoder(ENCODER, data, lambda *_: DevScore(0, 0), settings, Path(folder))
        return watch.course

    def bare(_: float) -> Course:
        transformers.set_seed(settings.seed)
        address = locate(ENCODER).address()
        tokenizer = transformers.AutoTokenizer.from_pretrained(address)
        model = AutoModelForTokenClassification.from_pretrained(
            address,
            id2label=dict(enumerate(names)),
            label2id={name: place for place, name in enumerate(names)},
        )
        rows = [words_as_rows(tokenizer, one.words, one.tags, names) for one in sentences]
        watch = Stopwatch()
        with TemporaryDirectory() as folder:
            trainer = Trainer(
                model=model,
                args=TrainingArguments(**bare_arguments(settings, len(rows), folder)),
                train_dataset=rows,
                data_collator=DataCollatorForTokenClassification(tokenizer),
                callbacks=[watch],
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train()
        return watch.course

    return len(sentences) - settings.batch_size, ours, bare


def words_as_rows(
    tokenizer: Any, words: list[str], tags: list[str], names: Sequence[str]
) -> dict[str, list[int]]:
    """Return a sentence as the guide of transformers has it: tags at the first sub-words."""
    read = tokenizer(words, is_split_into_words=True, truncation=True, max_length=512)
    labels, before = [], None
    for word in read.word_ids():
        labels.append(-100 if word is None or word == before else names.index(tags[word]))
        before = word
    return {"input_ids": read["input_ids"], "labels": labels}


def adapters(count: int) -> tuple[int, Callable[[float], Course], Callable[[float], Course]]:
    """Return how many lessons are timed, and both ways to train adapters."""
    host = load_host()
    spec = Spec(backend="hf", strategy="zero-shot", format="lines", split="dev")
    inputs = read_inputs(spec, host)
    source = locate(LANGUAGE_MODEL)
    tokenizer = load_tokenizer(source, None)
    dtype = pick_dtype("auto", torch.device("cpu"))

    def model() -> Any:
        return load_model(source, None, dtype)

    chat = ChatModel(model(), tokenizer, batch_size=16, max_tokens=64)
    made = make_prompting(inputs, host)
    found = lessons(made, inputs.train, "sentence", chat, negatives=1.0, seed=0)
    learned = [told.lesson for told, _ in zip(found, range(count), strict=False)]

    def settings(dropout: float) -> Settings:
        return Settings(epochs=1, rank=32, alpha=64, dropout=dropout, learning_rate=1e-3)

    def ours(dropout: float) -> Course:
        watch, chosen = Stopwatch(), settings(dropout)
        adapted = prompted.with_adapters(model(), chosen)
        nothing = DevScore(0, 0)
        with TemporaryDirectory() as folder, watching(prompted, watch):
            prompted.train_prompted(
                adapted,
                tokenizer,
                learned,
                lambda _: nothing,
                chosen,
                Path(folder),
                LANGUAGE_MODEL,
            )
        return watch.course

    def bare(dropout: float) -> Course:
        return bare_adapters(model(), tokenizer, learned, settings(dropout))

    return len(learned) - settings(0).batch_size, ours, bare


def bare_adapters(model: Any, tokenizer: Any, learned: list[Lesson], settings: Settings) -> Course:
    """Train adapters as the guide of trl has it, on rows that are tokens already."""
    rows = Dataset.from_list([
        {
            "input_ids": lesson.tokens,
            "completion_mask": [int(n >= lesson.answer) for n in range(len(lesson.tokens))],
        }
        for lesson in learned
    ])  # fmt: skip
    transformers.set_seed(settings.seed)
    watch = Stopwatch()
    with TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                **bare_arguments(settings, len(learned), folder),
                use_cpu=True,
                bf16=model.dtype == torch.bfloat16,
                max_length=None,
                completion_only_loss=True,
                activation_checkpointing=False,
            ),
            train_dataset=rows,
            processing_class=tokenizer,
            peft_config=LoraConfig(
                r=settings.rank,
                lora_alpha=settings.alpha,
                lora_dropout=settings.dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return watch.course


def bare_arguments(settings: Settings, rows: int, folder: str) -> dict[str, Any]:
    steps = -(-rows // settings.batch_size)
    return {
        "output_dir": folder,
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "per_device_train_batch_size": settings.batch_size,
        "warmup_steps": round(settings.warmup * steps * settings.epochs),
        "weight_decay": settings.weight_decay,
        "train_sampling_strategy": "group_by_length",
        "save_strategy": "no",
        "logging_steps": max(1, min(10, steps // 2)),
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "report_to": [],
        "seed": settings.seed,
        "data_seed": settings.seed,
    }


class watching:  # noqa: N801 - used like a function
    """Lets a stopwatch see the trainer that one of our modules makes."""

    def __init__(self, module: Any, watch: Stopwatch) -> None:
        self._module, self._watch = module, watch
        self._callbacks = module.callbacks

    def __enter__(self) -> None:
        self._module.callbacks = lambda *given: [*self._callbacks(*given), self._watch]

    def __exit__(self, *_: object) -> None:
        self._module.callbacks = self._callbacks


if __name__ == "__main__":
    main()
