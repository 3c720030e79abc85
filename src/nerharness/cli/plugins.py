"""`nerharness plugins`: what is loaded, and what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version

import click

from nerharness.plugin.host import BUILTIN, Kind, load_host


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "plugins",
        params=[click.Option(["--json", "as_json"], is_flag=True, help="print JSON on stdout")],
        callback=_list,
        help="List what is loaded from which package, and what failed and why. "
        "NERHARNESS_PLUGINS=a,b limits what is loaded to the plugins a and b.",
    )


def _list(as_json: bool) -> None:
    host = load_host()
    packages = dict.fromkeys([BUILTIN, *(plugin.package for plugin in host.plugins)])
    offers = {package: host.offered_by(package) for package in packages}
    if as_json:
        plugins = [asdict(plugin) for plugin in host.plugins]
        click.echo(json.dumps({"plugins": plugins, "offers": offers}, ensure_ascii=False))
        return
    click.echo(f"{BUILTIN} {version(BUILTIN)} (built in)")
    _print_offers(offers[BUILTIN])
    for plugin in host.plugins:
        click.echo(f"{plugin.name}: {plugin.package} {plugin.version}")
        if plugin.error:
            click.echo(f"  failed: {plugin.error}")
        else:
            _print_offers(offers[plugin.package])


def _print_offers(offers: Mapping[Kind, list[str]]) -> None:
    for kind, names in offers.items():
        click.echo(f"  {kind}: {', '.join(names)}")
