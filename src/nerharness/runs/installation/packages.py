"""Packages: what this one and each of its extras need, as its own metadata says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from typing import NamedTuple

from nerharness.runs.installation.fact import Fact

PACKAGE = "nerharness"
EXTRAS: Mapping[str, str] = {
    "hf": "local models, retrieval, encoders",
    "openai": "servers that speak OpenAI's API",
    "train": "adapters and whole models",
    "qlora": "models in 4 or 8 bits",
    "corpora": "BioC, RareDis XML, spaCy, data sets",
    "owl": "ontologies in OWL",
    "ray": "runs on a cluster",
}
"""The extras for users, and what they are for."""

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)\s*(\[(?P<parts>[^\]]*)\])?\s*\(?(?P<bounds>[^;()]*)\)?\s*"
    r"(;.*\bextra\s*==\s*['\"](?P<extra>[\w-]+)['\"].*)?"
)


class Requirement(NamedTuple):
    """A package that an extra needs, `""` being the package without any; or another extra."""

    extra: str
    name: str
    bounds: str
    parts: tuple[str, ...]
    """The extras that are asked for of the package."""


def requirements() -> list[Requirement]:
    """Return what the metadata of this package says; `PackageNotFoundError` without any."""
    found = (_REQUIREMENT.match(text) for text in requires(PACKAGE) or ())
    return [
        Requirement(
            match["extra"] or "",
            match["name"],
            match["bounds"].strip(),
            tuple(part.strip() for part in (match["parts"] or "").split(",") if part.strip()),
        )
        for match in found
        if match
    ]


def base_facts() -> Iterator[Fact]:
    """Yield whether the packages that everything needs are here, within their bounds."""
    own = [one for one in requirements() if not one.extra]
    yield _fact("packages", "", own, own, "pip install --upgrade nerharness", broken=True)


def extra_facts() -> Iterator[Fact]:
    """Yield a fact for each extra, with versions of what it asks for itself."""
    known = requirements()
    for extra, purpose in EXTRAS.items():
        own = [one for one in known if one.extra == extra and one.name != PACKAGE]
        whole = list(dict.fromkeys(_whole(extra, known)))
        if not whole:
            yield Fact(extra, "problem", "unknown to the installed package", "install it anew")
            continue
        advice = f"pip install '{PACKAGE}[{extra}]'"
        yield _fact(extra, purpose, own, whole, advice)


def _whole(extra: str, known: Sequence[Requirement]) -> Iterator[Requirement]:
    """Yield what an extra needs, with what the extras need that it asks for."""
    for one in known:
        if one.extra == extra and one.name == PACKAGE:
            for part in one.parts:
                yield from _whole(part, known)
        elif one.extra == extra:
            yield one


def _fact(
    name: str,
    purpose: str,
    own: Sequence[Requirement],
    whole: Sequence[Requirement],
    advice: str,
    *,
    broken: bool = False,
) -> Fact:
    begin = f"{purpose}: " if purpose else ""
    missing = [one.name for one in whole if installed(one.name) is None]
    if missing:
        text = f"{begin}not installed: {', '.join(missing)}"
        return Fact(name, "problem" if broken else "missing", text, advice)
    outside = [one for one in own if not _within(one)]
    if outside:
        told = (f"{one.name} {installed(one.name)} is not {one.bounds}" for one in outside)
        return Fact(name, "problem", f"{begin}{', '.join(told)}", advice)
    versions = (f"{one.name} {installed(one.name)}" for one in own)
    return Fact(name, "ok", f"{begin}{', '.join(versions)}")


def installed(name: str) -> str | None:
    """Return the version of a package, `None` if it is not installed; imports nothing of it."""
    try:
        return str(version(name))
    except PackageNotFoundError:
        return None


def _within(one: Requirement) -> bool:
    """Tell whether the installed version is within the bounds; true where no one can tell."""
    try:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
        from packaging.version import InvalidVersion
    except ImportError:  # which only other packages need
        return True
    try:
        return SpecifierSet(one.bounds).contains(str(installed(one.name)), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True
