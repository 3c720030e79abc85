"""The flags of `nerharness train`, and the spec that they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from nerharness.cli.eval_flags import knowledge_flag, prompt_flags
from nerharness.cli.flags import Flag, plugin_flags
from nerharness.errors import UsageError
from nerharness.flatten import Policy
from nerharness.plugin.declaration import TRAINED
from nerharness.plugin.host import Host
from nerharness.runs.spec import Spec
from nerharness.runs.train_data import TrainSpec
from nerharness.training.settings import LAST_SEED, USUAL, Method, Settings

_PATH = click.Path(path_type=Path)
_DATA = "What to learn from"
_HOW = "How to learn"
_PROMPTS = "How the model is prompted (not for --method encoder)"
OUTPUT = "Output"

_ENCODER_ONLY = ("policy",)
_PROMPTED_ONLY = ("rank", "alpha", "dropout", "mix", "device", "dtype")
_MODELS: Mapping[Method, str] = {
    "encoder": "all-minilm-l6-v2",
    "lora": "smollm2-135m-instruct",
    "qlora": "smollm2-135m-instruct",
    "full": "smollm2-135m-instruct",
}


def train_flags(host: Host, output: Iterable[click.Parameter]) -> list[click.Parameter]:
    """Return all flags, in the order of the help page."""
    own = [*_data_flags(), *_how_flags(), *_prompting()]
    taken = {flag.name for flag in own if flag.name} | {"out", "resume", "plan", "json"}
    options = plugin_flags(host, TRAINED, taken)
    return [*own[: -len(_prompting())], *output, *_prompting(), *options]


def train_spec(given: Mapping[str, Any]) -> TrainSpec:
    """Return the spec that the values of the flags mean; `UsageError` where they do not agree."""
    method: Method = given["method"]
    _check_method(method, given)
    settings = replace(USUAL[method], **_given(Settings, given))
    own = {"device", "dtype", "backend", "corpus", "split", "limit", "labels", "tokens", "seed"}
    named = {
        field.name: given[field.name]
        for field in fields(Spec)
        if field.name in given and field.name not in own
    }
    known = {flag.name for flag in [*_data_flags(), *_how_flags()]} | set(named)
    options = {name: value for name, value in given.items() if name not in known}
    options |= {name: given[name] for name in ("device", "dtype")}
    return TrainSpec(
        given["model"] or _MODELS[method],
        given["corpus"],
        method,
        settings,
        labels=given["labels"],
        tokens=given["tokens"],
        dev_share=given["dev_share"],
        limit=given["limit"],
        dev_limit=given["dev_limit"],
        mixed=given["mix"],
        policy=Policy.parse(given["policy"]),
        prompting=Spec(**named, options=options),
        report_to=given["report_to"],
    )


def _given(kind: type[Settings], given: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in given.items() if name in names and value is not None}


def _check_method(method: Method, given: Mapping[str, Any]) -> None:
    """Raise `UsageError` for a flag that was given and is of no use with the method."""
    source = click.get_current_context().get_parameter_source
    prompting = {flag.name for flag in _prompting()}
    shared = {flag.name for flag in [*_data_flags(), *_how_flags()]}
    for name in given:
        idle = (
            name in _ENCODER_ONLY
            if method != "encoder"
            else name in _PROMPTED_ONLY or name in prompting or name not in shared
        ) or (method == "full" and name in ("rank", "alpha", "dropout"))
        if idle and source(name) is not ParameterSource.DEFAULT:
            raise UsageError(
                f"of no use with --method {method}", where=f"--{name.replace('_', '-')}"
            )


def _prompting() -> list[Flag]:
    flags = prompt_flags(_PROMPTS, strategy="zero-shot", format="lines")
    return [*flags, knowledge_flag(_PROMPTS)]


def _flag(section: str, name: str, help: str, **rest: Any) -> Flag:
    return Flag([f"--{name}"], section=section, help=help, show_default="default" in rest, **rest)


def _seeds(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Return the seeds; `BadParameter` for what is none."""
    found = tuple(one.strip() for one in value.split(",")) if value is not None else ()
    for one in found:
        if not (one.isdecimal() and int(one) <= LAST_SEED):
            raise click.BadParameter(f"{one!r} is no seed from 0 to {LAST_SEED}")
    if len(set(map(int, found))) < len(found):
        raise click.BadParameter("a seed is given twice")
    return tuple(map(int, found))


def _sizes(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return the sizes as they are written; `BadParameter` for what is none."""
    found = tuple(one.strip() for one in value.split(",")) if value is not None else ()
    for one in found:
        if one != "all" and not (one.isdecimal() and int(one) > 0 and not one.startswith("0")):
            raise click.BadParameter(f"{one!r} is no number of documents, and not 'all'")
    if len(set(found)) < len(found):
        raise click.BadParameter("a size is given twice")
    return found


def _data_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag(_DATA, name, help, **rest)

    return [
        flag("corpus", "corpus", metavar="NAME|PATH[:READER]", default="sample"),
        flag(
            "mix",
            "another corpus to learn from besides, with its own labels; can be repeated",
            metavar="PATH[:READER]",
            multiple=True,
        ),
        flag("labels", "label set with definitions (TOML)", type=_PATH, metavar="FILE"),
        flag(
            "tokens",
            "tokens and sentences: default, raredis, spacy[:MODEL], model:NAME  "
            "[default: those of the corpus]",
            metavar="NAME",
        ),
        flag(
            "policy",
            "which of overlapping entities an encoder learns: longest, outermost, first-fragment, "
            "priority:LABEL,…",
            metavar="NAME",
            default="longest",
        ),
        flag(
            "dev-share",
            "share of train's documents to hold out as dev, where the corpus has none",
            type=click.FloatRange(0, 0.9),
            metavar="X",
            default=0.0,
        ),
        flag(
            "sizes",
            "the few-shot curve: train and score with so many documents of train each, such as "
            "50,200,1000,all",
            metavar="N,…",
            callback=_sizes,
        ),
        flag("limit", "only N documents of train", type=click.IntRange(min=1), metavar="N"),
        flag(
            "dev-limit",
            "only the first N documents of dev to choose the epoch by",
            type=click.IntRange(min=1),
            metavar="N",
        ),
    ]


_NUMBERS: dict[str, tuple[str, click.ParamType[Any]]] = {
    "epochs": ("times that train is gone through", click.FloatRange(0, min_open=True)),
    "learning-rate": ("highest learning rate", click.FloatRange(0, min_open=True)),
    "batch-size": ("sentences or units in a step", click.IntRange(min=1)),
    "warmup": ("share of the steps in which the learning rate rises", click.FloatRange(0, 1)),
    "weight-decay": ("weight decay", click.FloatRange(0)),
    "negatives": (
        "share of the sentences or units without an entity that are kept",
        click.FloatRange(0, 1),
    ),
    "patience": (
        "stop after N epochs without a better F1 on dev; 0: never",
        click.IntRange(min=0),
    ),
    "rank": ("rank of the adapters", click.IntRange(min=1)),
    "alpha": ("alpha of the adapters", click.IntRange(min=1)),
    "dropout": ("dropout of the adapters", click.FloatRange(0, 1, max_open=True)),
    "seed": ("seed of everything random", click.IntRange(0, LAST_SEED)),
}
"""Help and type of each number among the settings, which have the defaults."""


def _how_flags() -> list[Flag]:
    flag = partial(_flag, _HOW)
    return [
        flag(
            "method",
            "a token classifier; or a model that is prompted: by adapters, by adapters on 4 bits "
            "(needs a GPU), or as a whole",
            type=click.Choice(get_args(Method)),
            default="encoder",
        ),
        flag(
            "model",
            "base model: packaged one, folder, .gguf file or hub id  [default: all-minilm-l6-v2, "
            "or smollm2-135m-instruct]",
            metavar="TEXT",
        ),
        *(
            flag(
                name,
                f"{help}  [default: {_usual(name)}]",
                type=kind,
                metavar="N" if isinstance(kind, click.IntRange) else "X",
            )
            for name, (help, kind) in _NUMBERS.items()
        ),
        flag(
            "seeds",
            "train and score once with each of these seeds, such as 0,1,2, and average",
            metavar="N,…",
            callback=_seeds,
        ),
        flag(
            "schedule",
            "how the learning rate falls  [default: linear]",
            type=click.Choice(["linear", "cosine", "constant_with_warmup"]),
        ),
        flag(
            "class-weights",
            "let rare tags count for more; for a model that is prompted, units with rare labels "
            "come more often",
            is_flag=True,
            default=None,
        ),
        *_place_flags(),
    ]


def _place_flags() -> list[Flag]:
    """Return what says where training runs, and where it reports."""
    flag = partial(_flag, _HOW)
    return [
        flag(
            "device",
            "where to run",
            type=click.Choice(["auto", "cpu", "cuda", "mps"]),
            default="auto",
        ),
        flag(
            "dtype",
            "number format of the base model's weights",
            type=click.Choice(["auto", "float32", "float16", "bfloat16"]),
            default="auto",
        ),
        flag(
            "report-to",
            "tensorboard, wandb, mlflow …: also report there; can be repeated",
            metavar="NAME",
            multiple=True,
        ),
    ]


def _usual(name: str) -> str:
    """Return a setting's default, by method where methods differ."""
    values = {method: getattr(usual, name.replace("-", "_")) for method, usual in USUAL.items()}
    if name in ("rank", "alpha", "dropout"):
        return f"{values['lora']:g}"
    if len(set(values.values())) == 1:
        return f"{values['encoder']:g}"
    return ", ".join(f"{method} {value:g}" for method, value in values.items())
