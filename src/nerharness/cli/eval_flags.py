"""The flags of `nerharness eval` and `nerharness plan`, and the spec that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click
from click.core import ParameterSource

from nerharness.cli.as_trained import as_trained
from nerharness.cli.flags import Flag, load_config, plugin_flags
from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin.declaration import FLAGGED
from nerharness.plugin.hints import HintSource
from nerharness.plugin.host import Host
from nerharness.runs.spec import Spec
from nerharness.runs.units import check_unit

_PATH = click.Path(path_type=Path)


def _check_unit(_: click.Context, __: click.Parameter, value: str) -> str:
    check_unit(value)
    return value


def run_flags(host: Host, output: Sequence[Flag]) -> list[Flag]:
    """Return a command's flags in the order of the help page: its own `output` flags third."""
    own = [*_task_flags(), *_method_flags(), *output, _config_flag()]
    taken = {flag.name for flag in own if flag.name}
    return [*own, *plugin_flags(host, FLAGGED, taken)]


def spec_of(given: Mapping[str, Any]) -> Spec:
    """Return the spec that the values of the flags mean, output flags aside."""
    _refuse_prompting(given["tagger"])
    own, options = _parted(as_trained(given))
    return Spec(**own, options=options)


def spec_over(before: Spec, given: Mapping[str, Any], host: Host) -> Spec:
    """Return the spec of a run that is gone on with, under the flags that were given, wherever.

    Nothing takes its protection off.
    """
    source = click.get_current_context().get_parameter_source
    said = {name: v for name, v in given.items() if source(name) is not ParameterSource.DEFAULT}
    own, options = _parted(said)
    own["protected"] = before.protected or given["protected"]
    spec = before.changed(host, own, options)
    _refuse_prompting(spec.tagger)
    return spec


def _parted(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that are fields of a spec, and those that are options of plugins."""
    names = {field.name for field in fields(Spec)} - {"options"}
    own = {name: value for name, value in given.items() if name in names}
    return own, {name: value for name, value in given.items() if name not in names}


def _refuse_prompting(tagger: str | None) -> None:
    """Raise `UsageError` for a flag about prompting on the command line of a run with a tagger.

    Environment and config file may hold what several commands share.
    """
    if tagger is None:
        return
    source = click.get_current_context().get_parameter_source
    about = {flag.name for flag in _method_flags() if flag.name} - {"tagger", "protected", "seed"}
    for name in sorted(about | {"knowledge", "cache"}):
        if source(name) is ParameterSource.COMMANDLINE:
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"not used with --tagger {tagger}", where=flag, hint="drop one of them"
            )


def _task_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag("What to evaluate", name, help, **rest)

    return [
        flag("corpus", "corpus to evaluate on", metavar="NAME|PATH[:READER]", default="sample"),
        flag("split", "split of the corpus  [default: test]"),
        flag(
            "tokens",
            "tokens and sentences: default, raredis, spacy[:MODEL], model:NAME  "
            "[default: those of the corpus]",
            metavar="NAME",
        ),
        flag("limit", "only the first N documents", type=int, metavar="N"),
        flag("labels", "label set with definitions (TOML)", type=_PATH, metavar="FILE"),
        knowledge_flag("What to evaluate"),
    ]


def knowledge_flag(section: str) -> Flag:
    """Return the flag that names what `rag` retrieves passages from."""
    return _flag(
        section,
        "knowledge",
        "background knowledge for rag: an ontology, or texts  [default: the built-in glossary]",
        metavar="NAME|PATH[:READER]",
    )


def _method_flags() -> list[Flag]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag("How to extract", name, help, **rest)

    return [
        flag("backend", "what runs the model", default="hf"),
        *prompt_flags("How to extract", strategy="rag", format="json"),
        flag("read-as", "format to read answers in, where it is not the one asked for"),
        flag("tagger", "a baseline in place of backend and strategy"),
        flag("confidence", "weigh each entity by the probability of its tokens", is_flag=True),
        flag(
            "continuations",
            "how often to go on with an answer that is cut off",
            type=int,
            metavar="N",
            default=0,
        ),
        flag(
            "reasoning-tokens",
            "how many tokens more an answer may have, for the thoughts before it",
            type=int,
            metavar="N",
            default=0,
        ),
        flag(
            "protected",
            "let no text leave this machine: refuse what is remote, keep hub libraries offline",
            is_flag=True,
        ),
        flag("seed", "seed of everything random", type=int, metavar="N", default=0),
    ]


def prompt_flags(section: str, *, strategy: str, format: str) -> list[Flag]:
    """Return the flags that decide what a model is asked and how it is read."""

    def flag(name: str, help: str, **rest: Any) -> Flag:
        return _flag(section, name, help, **rest)

    return [
        flag("strategy", "how to prompt", default=strategy),
        flag("format", "how entities are asked for and read", default=format),
        flag("retriever", "what ranks demonstrations and passages", default="dense"),
        flag(
            "hints",
            "names that dictionaries find in the text, as candidates for the prompt",
            type=click.Choice(get_args(HintSource)),
            default="none",
        ),
        flag(
            "unit",
            "what one prompt covers",
            callback=_check_unit,
            metavar="sentence|window:N[:OVERLAP]|document",
            default="sentence",
        ),
        flag(
            "decode",
            "what holds an answer: nothing, its format's shape, or also the words of the text",
            type=click.Choice(get_args(Level)),
            default="free",
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
    ]


def output_flag(name: str, help: str, **rest: Any) -> Flag:
    """Return a flag of the section about output."""
    return _flag("Output", name, help, **rest)


def _config_flag() -> Flag:
    return output_flag(
        "config",
        "read flags from a TOML file",
        type=_PATH,
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=load_config,
    )


def _flag(section: str, name: str, help: str, **rest: Any) -> Flag:
    return Flag([f"--{name}"], section=section, help=help, show_default="default" in rest, **rest)
