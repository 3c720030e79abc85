"""Who may import whom: see docs/architecture.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nerharness

ROOT = Path(nerharness.__file__).parent
FLOORS = {
    "__main__": 7,
    "cli": 6,
    "report": 5,
    **dict.fromkeys(("testing", "scaffold", "fleet"), 5),
    "runs": 4,
    **dict.fromkeys(("backends", "strategies", "formats", "retrievers", "taggers", "corpora"), 3),
    **dict.fromkeys(
        ("knowledge", "scoring", "guidance", "training", "segmenters", "transcripts"), 3
    ),
    **dict.fromkeys(
        ("plugin", "align", "tags", "segment", "stops", "flatten", "losses", "models"), 2
    ),
    **dict.fromkeys(
        (
            "cache_folder",
            "mention_lines",
            "duplicates",
            "near_copies",
            "dictionary",
            "pairing",
            "resampling",
        ),
        2,
    ),
    **dict.fromkeys(
        (
            "flushing",
            "grammar",
            "journal",
            "memory",
            "pages",
            "templates",
            "guidelines",
            "plain_text",
            "word_pieces",
            "phrases",
            "plots",
            "pricing",
            "products",
            "reasoning",
            "remote",
            "whole_files",
            "telemetry",
            "white_space",
        ),
        2,
    ),
    **dict.fromkeys(
        ("types", "errors", "escapes", "fields", "findings", "metrics", "text_files", "_core"), 1
    ),
}
# The host names the built-in plugins in one function, as it names a stranger's entry points.
ALLOWED = {("plugin/host.py", "backends"), ("plugin/host.py", "corpora")} | {
    ("plugin/host.py", kind)
    for kind in ("formats", "knowledge", "retrievers", "strategies", "taggers")
}


def imports(file: Path) -> Iterator[str]:
    """Yield the parts of the package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "nerharness":
                names = [f"nerharness.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("nerharness."):
                yield name.split(".")[1]


def part(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


FILES = sorted(file for file in ROOT.rglob("*.py") if file != ROOT / "__init__.py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_file_imports_only_from_lower_floors_or_its_own_folder(file: Path) -> None:
    own = part(file)
    for other in imports(file):
        name = file.relative_to(ROOT).as_posix()
        if other == own or (name, other) in ALLOWED:
            continue
        assert other in FLOORS, f"{name} imports {other}, which has no floor"
        same_floor_module = FLOORS[other] == FLOORS[own] and FLOORS[own] <= 2
        assert FLOORS[other] < FLOORS[own] or same_floor_module, f"{name} imports {other}"


def test_only_its_faces_touch_the_rust_core() -> None:
    touching = {part(file) for file in FILES if "_core" in set(imports(file))}
    assert touching == {"align", "dictionary", "tags", "pairing", "resampling"}


def test_one_kind_of_plugin_does_not_import_another() -> None:
    kinds = {name for name, floor in FLOORS.items() if floor == 3}
    for file in FILES:
        if part(file) in kinds:
            assert not (set(imports(file)) & kinds) - {part(file)}, file
