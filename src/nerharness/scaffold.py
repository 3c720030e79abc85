"""A new plugin: a package that works and passes its tests, for its author to change."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from symtable import symtable
from typing import Literal, NamedTuple, get_args

from nerharness.corpora.output import taking_place
from nerharness.errors import UsageError
from nerharness.plugin import Host
from nerharness.plugin.host import Kind

NewKind = Literal["backend", "strategy", "format", "retriever", "tagger"]
NEW_KINDS: tuple[NewKind, ...] = get_args(NewKind)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class _Shape(NamedTuple):
    """What differs between the kinds of plugins."""

    kinds: Kind
    summary: str
    option: str
    check: str
    given: str = ""


_SHAPES: Mapping[NewKind, _Shape] = {
    "backend": _Shape(
        "backends",
        "answers with the question",
        'Option("context", int, 4096, "words that a prompt may have")',
        "check_backend(backend)",
    ),
    "strategy": _Shape(
        "strategies",
        "asks once, after solved examples",
        'Option("shown", int, 2, "solved examples before the question")',
        "check_strategy(strategy)",
    ),
    "format": _Shape(
        "formats",
        "one `label | mention` per line",
        'Option("room", int, 32, "tokens that any answer may take")',
        "check_format(format)",
    ),
    "retriever": _Shape(
        "retrievers",
        "the texts with most words in common",
        'Option("least", int, 1, "letters of the shortest word that counts")',
        "check_retriever(retriever)",
    ),
    "tagger": _Shape(
        "taggers",
        "the names of the train examples",
        'Option("least", int, 3, "letters of the shortest name")',
        "check_tagger(tagger, labels=LABELS.names)",
        ", EXAMPLES",
    ),
}


def new_plugin(name: str, kind: NewKind, folder: Path, host: Host) -> tuple[Path, ...]:
    """Write the package as `folder`/`name`, and return its files, relative to `folder`.

    Raises `UsageError` for a name that cannot be that of a package, or is taken, and for a folder
    that is there already.
    """
    _check(name, kind, host)
    root = folder / name
    contents = _contents(name, kind)
    with taking_place(root) as target:
        for path, content in contents.items():
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8", newline="\n")
    return tuple(Path(name) / path for path in contents)


def _check(name: str, kind: NewKind, host: Host) -> None:
    if not _NAME.fullmatch(name):
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")
        raise UsageError(
            f"{name!r} is no name for a package: small letters, digits and single hyphens, "
            "a letter first",
            where="NAME",
            hint=_first_free("for example", [near, "my-plugin"], kind, host),
        )
    if fault := _taken(name, kind, host):
        more = [f"nerharness-{_offer(name)}", f"{name}-{kind}", "my-plugin"]
        raise UsageError(fault, where="NAME", hint=_first_free("try", more, kind, host))


def _first_free(word: str, names: Sequence[str], kind: NewKind, host: Host) -> str:
    """Return the hint with the first name that would not be refused; empty if there is none."""
    free = (name for name in names if _NAME.fullmatch(name) and not _taken(name, kind, host))
    return next((f"{word} {name!r}" for name in free), "")


def _taken(name: str, kind: NewKind, host: Host) -> str:
    """Say by what a package's name, or what it would offer, is taken; empty if it is free."""
    module = _module(name)
    if keyword.iskeyword(module) or module in sys.stdlib_module_names or find_spec(module):
        return f"there is a module {module!r} already"
    if offer := host.offers(_SHAPES[kind].kinds).get(_offer(name)):
        return f"{offer.package} offers a {kind} {_offer(name)!r} already"
    return ""


def _module(name: str) -> str:
    return name.replace("-", "_")


def _offer(name: str) -> str:
    """Return what the thing is called on the command line."""
    return name.removeprefix("nerharness-")


def _contents(name: str, kind: NewKind) -> dict[str, str]:
    """Return the package's files by their paths."""
    shape, module = _SHAPES[kind], _module(name)
    check = shape.check.partition("(")[0]
    words = {
        "name": name,
        "module": module,
        "offer": _offer(name),
        "kind": kind,
        "kinds": shape.kinds,
        "summary": shape.summary,
        "option": shape.option,
        "given": shape.given,
        "check": shape.check,
        "imports": f"EXAMPLES, LABELS, {check}" if shape.given else check,
        "versions": _versions(version("nerharness")),
    }
    words["class_name"] = _class_name(name, kind, words)
    sources = {
        "pyproject.toml": "any/pyproject.toml",
        "README.md": "any/README.md",
        f"src/{module}/__init__.py": "any/init.py",
        f"src/{module}/{kind}.py": f"{kind}/code.py",
        f"tests/test_{kind}.py": "any/tests.py",
    }
    return {path: _filled(source, words) for path, source in sources.items()} | {
        f"src/{module}/py.typed": ""
    }


def _class_name(name: str, kind: NewKind, words: Mapping[str, str]) -> str:
    """Return what the class is called: as the offer if that is a name, and no other thing's."""
    wanted = "".join(part.capitalize() for part in _offer(name).split("-"))
    code = _filled(f"{kind}/code.py", {**words, "class_name": "_"})
    used = {*symtable(code, f"{kind}.py", "exec").get_identifiers(), *dir(builtins)}
    is_free = wanted.isidentifier() and not keyword.iskeyword(wanted) and wanted not in used
    return wanted if is_free else f"{kind.capitalize()}{wanted}"


def _versions(present: str) -> str:
    """Return the versions that a plugin made for the present one goes with."""
    major, minor, *_ = (int(part) for part in re.findall(r"\d+", present))
    return f">={major}.{minor},<{major}.{minor + 1}"


def _filled(source: str, words: Mapping[str, str]) -> str:
    file = files("nerharness") / "data" / "plugin" / f"{source}.template"
    return Template(file.read_text(encoding="utf-8")).substitute(words)
