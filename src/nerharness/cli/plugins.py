"""`nerharness plugins`: what is loaded, and what is not."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from nerharness.plugin.host import KINDS, Host, load_host


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
    offers = _offers_by_package(host)
    if as_json:
        plugins = [asdict(plugin) for plugin in host.plugins]
        click.echo(json.dumps({"plugins": plugins, "offers": offers}, ensure_ascii=False))
        return
    for package, kinds in offers.items():
        click.echo(package)
        for kind, names in kinds.items():
            click.echo(f"  {kind}: {', '.join(names)}")
    for plugin in host.plugins:
        if plugin.error:
            click.echo(f"{plugin.package} {plugin.version}\n  failed: {plugin.error}")


def _offers_by_package(host: Host) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for kind in KINDS:
        for name, offer in host.offers(kind).items():
            found.setdefault(offer.package, {}).setdefault(kind, []).append(name)
    return found
