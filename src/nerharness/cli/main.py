"""The `nerharness` command: finds its subcommands when they are called, and reports errors."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from nerharness.cli.huge_pages import take_huge_pages
from nerharness.errors import NerharnessError, Stopped
from nerharness.telemetry import turn_off

FAILED_DOCUMENTS = 1
USAGE = 2
THRESHOLD = 3
INTERRUPTED = 130
READER_GONE = 141

_COMMANDS = {
    "eval": "Label a corpus with a model or a baseline, and score it.",
    "plan": "Show the prompts of a run and count them, without a model.",
    "train": "Fine-tune a model on a corpus, for eval to use.",
    "guidelines": "Draft annotation guidelines from train data, without a model.",
    "score": "Score a run again, or predictions from elsewhere against a corpus.",
    "compare": "Compare runs: differences, intervals, tests, and what changed most.",
    "align": "Find the places of your own model's mentions in your texts.",
    "convert": "Write a corpus in another format, and say what that cannot hold.",
    "validate": "Say what is wrong with a corpus, and repair what can be.",
    "cache": "List, prune or clear the answers that eval --cache on keeps.",
    "ls": "List what can be chosen: backends, strategies, formats, corpora, writers …",
    "plugins": "List what is loaded from which package, and what failed and why.",
}


class _Commands(click.Group):
    """Imports a command's module only when it is wanted, so that `--help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
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
    "3 a --fail-if condition came true; "
    "130 interrupted, or --max-cost reached.",
)
@click.version_option(package_name="nerharness")
def nerharness() -> None:
    """Measure how well a language model extracts entities from clinical text, with positions."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; a user's mistake is one line on stderr."""
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
        click.echo(error.format_message())
        code = USAGE
    except click.UsageError as error:
        code = _complain(error.format_message())
    except click.ClickException as error:
        code = _complain(error.format_message())
    except Stopped as stop:
        _complain(str(stop))
        code = INTERRUPTED
    except NerharnessError as error:
        code = _complain(str(error))
    except OSError as error:
        code = _complain(f"{error.filename or 'input/output'}: {error.strerror or error}")
    except (click.Abort, KeyboardInterrupt):
        click.echo("nerharness: interrupted", err=True)
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str) -> int:
    click.echo(f"nerharness: {' '.join(message.split())}", err=True)
    return USAGE


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"nerharness: warning: {message}", err=True)
