"""`nerharness plugins`: what is loaded, and what is not; `plugins new` writes one to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import click

from nerharness.cli.flags import json_flag
from nerharness.cli.output import say, say_json
from nerharness.plugin.host import BUILTIN, Kind, load_host
from nerharness.scaffold import NEW_KINDS, NewKind, new_plugin


def command() -> click.Command:
    """Build the command."""
    return click.Group(
        "plugins",
        commands=[_new_command()],
        invoke_without_command=True,
        params=[json_flag()],
        callback=_list,
        help="List what is loaded from which package, and what failed and why. "
        "NERHARNESS_PLUGINS=a,b limits what is loaded to the plugins a and b. "
        "`plugins new NAME` writes a package to begin one's own with.",
    )


def _new_command() -> click.Command:
    return click.Command(
        "new",
        params=[
            click.Argument(["name"]),
            click.Option(
                ["--kind"],
                type=click.Choice(NEW_KINDS),
                default="backend",
                show_default=True,
                help="what it is to offer",
            ),
            click.Option(
                ["--into", "folder"],
                type=click.Path(path_type=Path, file_okay=False),
                default=Path(),
                help="folder to write the package into; without it, this one",
            ),
        ],
        callback=_new,
        help="Write a package that works, with its tests, as a folder NAME.",
    )


def _new(name: str, kind: NewKind, folder: Path) -> None:
    for path in new_plugin(name, kind, folder, load_host()):
        say(folder / path)
    say(f"next: cd {folder / name} && pip install -e '.[dev]' && pytest", err=True)


@click.pass_context
def _list(context: click.Context, as_json: bool) -> None:
    if context.invoked_subcommand is not None:
        return
    host = load_host()
    packages = dict.fromkeys([BUILTIN, *(plugin.package for plugin in host.plugins)])
    offers = {package: host.offered_by(package) for package in packages}
    if as_json:
        plugins = [asdict(plugin) for plugin in host.plugins]
        say_json({"plugins": plugins, "offers": offers})
        return
    say(f"{BUILTIN} {version(BUILTIN)} (built in)")
    _print_offers(offers[BUILTIN])
    for plugin in host.plugins:
        say(f"{plugin.name}: {plugin.package} {plugin.version}")
        if plugin.error:
            say(f"  failed: {plugin.error}")
        else:
            _print_offers(offers[plugin.package])


def _print_offers(offers: Mapping[Kind, list[str]]) -> None:
    for kind, names in offers.items():
        say(f"  {kind}: {', '.join(names)}")
