"""Plugins: what is loaded, what failed and why, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nerharness.runs.installation.fact import Fact

if TYPE_CHECKING:
    from nerharness.plugin.host import Host, Kind
    from nerharness.plugin.provider import Provider


def plugin_facts(host: Host) -> Iterator[Fact]:
    """Yield how much there is to choose from, and a fact for each plugin that was found."""
    from nerharness.plugin.host import KINDS

    counts = (f"{kind} {len(host.offers(kind))}" for kind in KINDS)
    yield Fact("to choose from", "ok", ", ".join(counts))
    for plugin in host.plugins:
        title = f"{plugin.package} {plugin.version}".strip()
        if plugin.error:
            text = f"{title}: {plugin.error}"
            advice = f"install it anew, or pip uninstall {plugin.package}"
            yield Fact(plugin.name, "problem", text, advice)
            continue
        offers = host.offered_by(plugin.package)
        told = "; ".join(f"{kind} {', '.join(names)}" for kind, names in offers.items())
        yield Fact(plugin.name, "ok", f"{title}: {told or 'offers nothing'}")
        yield from _lacking(host, offers)


def _lacking(host: Host, offers: Mapping[Kind, list[str]]) -> Iterator[Fact]:
    """Yield what the offers of a plugin need and is not installed."""
    for kind, names in offers.items():
        for name in names:
            provider = host.find(kind, name)
            if lost := provider.missing:
                advice = f"pip install '{provider.extra}'" if provider.extra else ""
                text = f"not installed: {', '.join(lost)}"
                yield Fact(host.title(kind, name), "missing", text, advice or f"install {lost[0]}")


def key_variables(host: Host) -> dict[str, str]:
    """Return the variables that backends read their keys from by default, and which reads it."""
    found: dict[str, str] = {}
    for name, offer in host.offers("backends").items():
        variable = default_of(offer.provider, "api_key_env")
        if variable:
            found[variable] = f"backend {name}"
    return found


def default_of(provider: Provider, option: str) -> str:
    """Return the default of a provider's option; empty if there is none."""
    return next((str(one.default) for one in provider.options if one.name == option), "")
