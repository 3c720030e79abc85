"""Plugins import nothing that docs/plugins.md does not call public."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
LIST = GUIDE.partition("## What may be used")[2].partition("`nerharness.remote` has")[0]
PUBLIC = set(re.findall(r"`(nerharness\.\w+)`", LIST))
FILES = sorted((ROOT / "plugins").rglob("*.py"))


def foreign(code: str) -> Iterator[tuple[str, str]]:
    """Yield what of nerharness is imported, anywhere, as module and name ("" for the module)."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "nerharness":
            found = [(f"nerharness.{alias.name}", "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [(node.module or "", alias.name) for alias in node.names]
        else:
            continue
        yield from (one for one in found if one[0].partition(".")[0] == "nerharness")


def private(code: str) -> list[str]:
    """Return what is imported of nerharness and not public."""
    found = []
    for module, name in foreign(code):
        told = getattr(importlib.import_module(module), "__all__", None) if name else None
        if module not in PUBLIC or name.startswith("_") or (told and name not in told):
            found.append(f"{module} {name}".strip())
    return found


def test_the_guide_names_modules_that_there_are() -> None:
    assert {"nerharness.plugin", "nerharness.types", "nerharness.remote"} <= PUBLIC
    for module in PUBLIC:
        importlib.import_module(module)


def test_each_name_that_the_guide_explains_can_be_imported() -> None:
    table = GUIDE.partition("`nerharness.remote` has")[2].partition("\n\n[")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, flags=re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == set(importlib.import_module("nerharness.remote").__all__)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_plugin_imports_public_names_only(file: Path) -> None:
    assert not private(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("from nerharness.backends.replay import Replay", ["nerharness.backends.replay Replay"]),
        ("from nerharness.remote.key import Key", ["nerharness.remote.key Key"]),
        ("from nerharness.remote import math", ["nerharness.remote math"]),
        ("def late():\n    from nerharness import runs", ["nerharness.runs"]),
        ("import nerharness.cli", ["nerharness.cli"]),
        ("from nerharness.models import _CACHED", ["nerharness.models _CACHED"]),
        ("from nerharness.remote import Key\nfrom nerharness_other import anything", []),
    ],
)
def test_what_is_private_is_found(code: str, told: list[str]) -> None:
    assert private(code) == told


TEMPLATES = sorted((ROOT / "src/nerharness/data/plugin").rglob("*.py.template"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_what_plugins_new_writes_imports_public_modules_only(file: Path) -> None:
    found = re.findall(r"^\s*from (nerharness[\w.]*) import", file.read_text(), re.MULTILINE)
    assert set(found) <= PUBLIC
