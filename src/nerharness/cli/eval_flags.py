"""The flags of `nerharness eval` that no plugin declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from nerharness.cli.flags import Flag, load_config
from nerharness.grammar import Level
from nerharness.plugin.hints import HintSource
from nerharness.runs.units import UnitKind

_PATH = click.Path(path_type=Path)


def own_flags() -> list[Flag]:
    """Return the flags in the order of the help page."""
    return [*_task_flags(), *_method_flags(), *_output_flags()]


def _task_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag("What to evaluate", name, help, **rest)

    return [
        flag("corpus", "corpus to evaluate on", metavar="NAME|PATH[:READER]", default="sample"),
        flag("split", "split of the corpus  [default: test]"),
        flag("limit", "only the first N documents", type=int, metavar="N"),
        flag("labels", "label set with definitions (TOML)", type=_PATH, metavar="FILE"),
        flag(
            "knowledge",
            "background knowledge for rag: an ontology, or texts  [default: the built-in glossary]",
            metavar="NAME|PATH[:READER]",
        ),
    ]


def _method_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag("How to extract", name, help, **rest)

    return [
        flag("backend", "what runs the model", default="hf"),
        flag("strategy", "how to prompt", default="rag"),
        flag("format", "how entities are asked for and read", default="json"),
        flag("retriever", "what ranks demonstrations and passages", default="dense"),
        flag(
            "hints",
            "names that dictionaries find in the text, as candidates for the prompt",
            type=click.Choice(get_args(HintSource)),
            default="none",
        ),
        flag("tagger", "a baseline in place of backend and strategy"),
        flag(
            "unit",
            "what one prompt covers",
            type=click.Choice(get_args(UnitKind)),
            default="sentence",
        ),
        flag(
            "decode",
            "what holds an answer: nothing, its format's shape, or also the words of the text",
            type=click.Choice(get_args(Level)),
            default="free",
        ),
        flag("confidence", "weigh each entity by the probability of its tokens", is_flag=True),
        flag(
            "continuations",
            "how often to go on with an answer that is cut off",
            type=int,
            metavar="N",
            default=0,
        ),
        flag(
            "guidelines", "annotation guidelines to follow (Markdown)", type=_PATH, metavar="FILE"
        ),
        flag(
            "templates",
            "templates that replace built-in ones (Jinja)",
            type=_PATH,
            metavar="DIR",
        ),
        flag(
            "threshold",
            "least similarity for a fuzzy match",
            type=float,
            metavar="X",
            default=0.8,
        ),
        flag("seed", "seed of everything random", type=int, metavar="N", default=0),
    ]


def _output_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag("Output", name, help, **rest)

    return [
        flag("out", "run folder  [default: a new one in runs/]", type=_PATH, metavar="DIR"),
        flag("resume", "go on with this run folder", type=_PATH, metavar="DIR"),
        flag(
            "show",
            "documents to show with their entities",
            type=click.IntRange(min=0),
            metavar="N",
            default=3,
        ),
        flag("json", "print the scores as JSON on stdout, all else on stderr", is_flag=True),
        flag(
            "config",
            "read flags from a TOML file",
            type=_PATH,
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            callback=load_config,
        ),
    ]


def _flag(section: str, name: str, help: str, **rest: Any) -> Flag:
    return Flag([f"--{name}"], section=section, help=help, show_default="default" in rest, **rest)
