"""The wording of prompts: Jinja templates in files, any of which a user may replace.

A template is rendered in Jinja's sandbox; a variable that it names but is not given is an error.
The built-in ones are the files of `nerharness/data/templates`; docs/prompts.md lists what they see.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from nerharness.errors import UsageError
from nerharness.text_files import read_text

_SUFFIX = ".jinja"
_REMEMBERED = 128
"""How many of the last texts are kept: what units share is filled in once."""


class Template(NamedTuple):
    """A template's name, such as "formats/json", and its Jinja source."""

    name: str
    source: str


def builtin(name: str) -> Template:
    """Return the built-in template of that name; `KeyError` if there is none."""
    file = _folder() / f"{name}{_SUFFIX}"
    if not file.is_file():
        raise KeyError(name)
    return Template(name, file.read_text(encoding="utf-8"))


def builtins() -> tuple[Template, ...]:
    """Return all built-in templates, sorted by name."""
    return tuple(builtin(name) for name in sorted(_names(_folder(), "")))


def _folder() -> Traversable:
    return files("nerharness") / "data" / "templates"


def _names(folder: Traversable, above: str) -> list[str]:
    names: list[str] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            names += _names(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            names.append(above + entry.name.removesuffix(_SUFFIX))
    return names


class Templates:
    """The templates of a run: the built-in ones and `more`, each replaced by its file in `folder`.

    Raises `UsageError` for a folder that is not there or holds none, a file in it that replaces
    none, or one that is no template.
    """

    def __init__(self, folder: Path | None = None, *, more: tuple[Template, ...] = ()) -> None:
        self._sources = dict([*builtins(), *more])
        self._folder = folder
        self._more = more
        self._files: dict[str, Path] = {}
        self._used: dict[str, str] = {}
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self._environment.filters["tag"] = tag_name
        self._environment.filters["words"] = label_words
        if folder is not None:
            self._sources.update(self._replacements(folder))
        self._compiled = {name: self._compile(name) for name in self._sources}
        self._digests = {name: _digest(source) for name, source in self._sources.items()}
        self._remembered = lru_cache(_REMEMBERED)(self._fill)

    def _replacements(self, folder: Path) -> dict[str, str]:
        if not folder.is_dir():
            raise UsageError("no such folder", where=f"--templates {folder}")
        found: dict[str, str] = {}
        for file in sorted(folder.rglob(f"*{_SUFFIX}")):
            name = file.relative_to(folder).as_posix().removesuffix(_SUFFIX)
            if name not in self._sources:
                near = difflib.get_close_matches(name, self._sources, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(self.names)}"
                raise UsageError(f"replaces no template: {name!r}", where=str(file), hint=hint)
            try:
                found[name] = read_text(file)
                self._files[name] = file
            except ValueError as error:
                raise UsageError(f"cannot be read: {error}", where=str(file)) from None
        if not found:
            hint = f"known: {', '.join(f'{name}{_SUFFIX}' for name in self.names)}"
            raise UsageError("no template in it", where=f"--templates {folder}", hint=hint)
        return found

    def _compile(self, name: str) -> Any:
        try:
            return self._environment.from_string(self._sources[name])
        except TemplateSyntaxError as error:
            where = f"template {name!r}, line {error.lineno}"
            raise UsageError(str(error.message), where=where) from None

    def including(self, template: Template) -> Templates:
        """Return the templates with this one, if there is none of its name yet."""
        if template.name in self._sources:
            return self
        more = Templates(self._folder, more=(*self._more, template))
        more._used = self._used
        return more

    @property
    def names(self) -> tuple[str, ...]:
        """The templates' names, sorted."""
        return tuple(sorted(self._sources))

    @property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each template's source, by name."""
        return {name: self._digests[name] for name in self.names}

    @property
    def used(self) -> Mapping[str, str]:
        """The digest of each template that has been rendered so far, by name, sorted."""
        return dict(sorted(self._used.items()))

    def file(self, name: str) -> Path | None:
        """Return the user's file that replaces the template, if there is one."""
        return self._files.get(name)

    def source(self, name: str) -> str:
        """Return a template's source as it is used; `KeyError` if there is none of that name."""
        return self._sources[name]

    def render(self, name: str, /, **values: Any) -> str:
        """Return the template filled in, without the white space around it.

        Values that cannot change give the same text again, even where the template draws. Raises
        `UsageError` when it cannot be filled in, as for a variable that it is not given, or makes
        half of a surrogate pair.
        """
        self._used[name] = self._digests[name]
        given = tuple(values.items())
        if all(map(_is_fixed, values.values())):
            with suppress(TypeError):  # one of them cannot be hashed
                return self._remembered(name, given)
        return self._fill(name, given)

    def _fill(self, name: str, values: tuple[tuple[str, Any], ...]) -> str:
        try:
            text: str = self._compiled[name].render(dict(values))
            text.encode()
        except Exception as error:  # what a user's template does may raise anything
            kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
            given = ", ".join(sorted(name for name, _ in values))
            raise UsageError(
                f"cannot be filled in: {kind}{error}",
                where=f"template {name!r}",
                hint=f"it has: {given}",
            ) from None
        return text.strip()


def _is_fixed(value: object) -> bool:
    """Tell whether the value is what it is for good: what changes could give another text."""
    if isinstance(value, tuple):
        return all(map(_is_fixed, value))
    if params := getattr(value, "__dataclass_params__", None):
        return bool(params.frozen)
    return value is None or isinstance(value, str | int | float)


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def tag_name(label: str) -> str:
    """Return the label as it stands in tags: white space and what marks use are underscores."""
    return re.sub(r"[\s:<>/&|@#\[\]]+", "_", label)


def label_words(label: str) -> str:
    """Return the label as it stands in a sentence: in small letters, parted by spaces."""
    return " ".join(re.split(r"[\s_]+", label)).strip().lower()
