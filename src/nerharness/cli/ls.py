"""`nerharness ls`: what can be chosen."""

from __future__ import annotations

import click

from nerharness.cli.flags import json_flag
from nerharness.cli.output import say, say_json
from nerharness.plugin.host import KINDS, Kind, load_host


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "ls",
        params=[
            click.Argument(["kind"], type=click.Choice(KINDS)),
            json_flag(),
        ],
        callback=_list,
        help="List what the loaded plugins offer of one kind.",
    )


def _list(kind: Kind, as_json: bool) -> None:
    offers = load_host().offers(kind)
    if as_json:
        rows = {
            name: {
                "summary": offer.provider.summary,
                "package": offer.package,
                "missing": list(offer.provider.missing),
                "options": {option.name: option.default for option in offer.provider.options},
            }
            for name, offer in offers.items()
        }
        say_json(rows)
        return
    width = max((len(name) for name in offers), default=0)
    for name, offer in offers.items():
        missing = offer.provider.missing
        needs = f"  (not installed: {', '.join(missing)})" if missing else ""
        source = "" if offer.package == "nerharness" else f"  [{offer.package}]"
        say(f"{name:{width}}  {offer.provider.summary}{source}{needs}")
