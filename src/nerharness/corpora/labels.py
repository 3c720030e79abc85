"""Label sets that are declared in a TOML file."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.text_files import read_toml
from nerharness.types import Label, LabelSet

DECLARATION = "corpus.toml"


def read_declaration(path: Path) -> dict[str, Any]:
    """Read a TOML file; `CorpusError` when it is none."""
    try:
        return read_toml(path)
    except ValueError as error:
        raise CorpusError.at(path, None, f"unreadable: {error}") from None


def read_labels(path: Path) -> LabelSet:
    """Read `[[labels]]` tables with `name` and `definition`, and the names in `left_out`.

    Raises `CorpusError` when malformed.
    """
    try:
        table = read_toml(path)
        labels = tuple(_label(entry) for entry in table["labels"])
        if not labels:
            raise ValueError("it holds no label")
        return LabelSet(labels, _names(table.get("left_out", [])))
    except ValueError as error:
        raise CorpusError.at(path, None, f"no readable label set: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise CorpusError.at(
            path, None, "no [[labels]] tables with a name each", hint="see docs/corpora.md"
        ) from None


def _names(given: Any) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise ValueError(f"left_out must be a list of labels' names, got {given!r}")
    return frozenset(given)


def _label(entry: dict[str, Any]) -> Label:
    name, definition = entry["name"], entry.get("definition", "")
    if not isinstance(name, str) or not isinstance(definition, str) or not name.strip():
        raise ValueError(f"name and definition must be texts, got {name!r}, {definition!r}")
    return Label(name, " ".join(definition.split()))


def declared_labels(path: Path, given: LabelSet | None) -> LabelSet | None:
    """Return the labels given, else those of a `corpus.toml` in or beside `path`, else `None`."""
    if given is not None:
        return given
    file = (path if path.is_dir() else path.parent) / DECLARATION
    if not file.is_file() or set(read_declaration(file)) == {"protected"}:
        return None
    return read_labels(file)


def check_label(label: str, allowed: LabelSet | None, place: Place, findings: Findings) -> None:
    """Note a label outside a declared label set as a fault; the entity stays as it is."""
    if allowed is None or findings.any_label or label in allowed or label in allowed.left_out:
        return
    near = difflib.get_close_matches(label, allowed.names, n=1)
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    findings.fault(
        "label",
        place,
        f"label {label!r} is not in the label set",
        f"{suggestion}it has: {', '.join(allowed.names)}; declare it there, or name it in left_out",
    )
