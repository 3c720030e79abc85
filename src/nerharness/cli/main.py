"""The `nerharness` command: finds its subcommands when they are called, and reports errors."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import IO, Any

import click

from nerharness.cli.huge_pages import take_huge_pages
from nerharness.cli.output import say
from nerharness.errors import NerharnessError, Stopped
from nerharness.telemetry import turn_off

FAILED_DOCUMENTS = 1
USAGE = 2
THRESHOLD = 3
FAULT = 70
INTERRUPTED = 130
READER_GONE = 141
SIGNALLED = 128
"""Codes above say which signal ended the process."""

_COMMANDS = {
    "eval": "Label a corpus with a model or a baseline, and score it.",
    "plan": "Show the prompts of a run and count them, without asking a model.",
    "grid": "Evaluate many runs beside each other, by what a file lists.",
    "train": "Fine-tune a model on a corpus, for eval to use.",
    "guidelines": "Draft annotation guidelines from train data, without a model.",
    "score": "Score a run again, or predictions from elsewhere against a corpus.",
    "compare": "Compare runs: differences, intervals, tests, and what changed most.",
    "report": "Write a run, or several, as a page of HTML that opens offline.",
    "align": "Find the places of your own model's mentions in your texts.",
    "convert": "Write a corpus in another format, and say what that cannot hold.",
    "validate": "Say what is wrong with a corpus, and repair what can be.",
    "cache": "List, prune or clear the answers that eval --cache on keeps.",
    "ls": "List what can be chosen: backends, strategies, formats, corpora, writers …",
    "plugins": "List what is loaded from which package, and what failed and why.",
    "doctor": "Say what is installed, what is missing and how to get it, and what is broken.",
}


class _ReaderGone(Exception):  # noqa: N818 - nothing went wrong
    """A `BrokenPipeError` that click does not see: it would end with the code 1."""


@contextmanager
def _minding_readers() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGone from error


class _Commands(click.Group):
    """Imports a command's module only when it is wanted, so that `--help` is instant."""

    def make_context(self, *arguments: Any, **rest: Any) -> click.Context:
        with _minding_readers():
            return super().make_context(*arguments, **rest)

    def invoke(self, ctx: click.Context) -> Any:
        with _minding_readers():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        with redirect_stdout(sys.stderr):  # a plugin may print when it is loaded
            module = importlib.import_module(f"nerharness.cli.{cmd_name}")
            command: click.Command = module.command()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done; 1 done, but some documents failed; 2 usage or configuration error; "
    "3 a --fail-if condition came true; 70 a fault of nerharness or of a plugin; "
    "130 interrupted, or --max-cost reached; 141 the reader of stdout went away.",
)
@click.version_option(package_name="nerharness")
def nerharness() -> None:
    """Measure how well a language model extracts entities from clinical text, with positions."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; a user's mistake is one line on stderr."""
    try:
        code = _run(arguments)
    except SystemExit as end:
        if isinstance(end.code, int) and end.code > SIGNALLED:
            raise
        _tell(f"a plugin or library ended the process: exit({end.code!r})")
        code = FAULT
    except (Exception, GeneratorExit):  # Python's own code, 1, would say that documents failed
        traceback.print_exc()
        _tell("a fault of nerharness, or of a plugin that is named above, and not yours")
        code = FAULT
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    """Run the command line and return its code, told what a user can mend in one line."""
    if arguments is None:  # the program itself, not a caller in Python
        take_huge_pages(sys.argv[1:])
    turn_off()
    warnings.showwarning = _show_warning
    os.environ.setdefault("TQDM_DISABLE", "1")  # libraries' own bars would break into ours
    # It warns of kernels that it lacks as others import it, whether it is to be used or not.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    try:
        code = nerharness.main(args=arguments, prog_name="nerharness", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        code = USAGE
    except click.ClickException as error:
        code = _complain(_message(error))
    except Stopped as stop:
        _complain(str(stop))
        code = INTERRUPTED
    except NerharnessError as error:
        code = _complain(str(error))
    except OSError as error:
        code = _complain(f"{error.filename or 'input/output'}: {error.strerror or error}")
    except (click.Abort, KeyboardInterrupt):
        _tell("interrupted")
        code = INTERRUPTED
    except _ReaderGone:
        _drop(sys.stdout)
        code = READER_GONE
    return code if isinstance(code, int) else 0


def _message(error: click.ClickException) -> str:
    """Return what is wrong with the command line; of a flag that is missing, what it is for."""
    said = error.format_message()
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Option):
        return f"{said.removesuffix('.')}: {error.param.help}"
    return said


def _complain(message: str) -> int:
    _tell(" ".join(message.split()))
    return USAGE


def _tell(message: str) -> None:
    """Print a line on stderr, if there is still someone who reads it."""
    try:
        say(f"nerharness: {message}", err=True)
    except BrokenPipeError:
        _drop(sys.stderr)


def _drop(stream: IO[str]) -> None:
    from nerharness.report.screen import drop

    drop(stream)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    _tell(f"warning: {message}")
