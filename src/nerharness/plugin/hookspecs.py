"""Every place where a plugin can add something. Each hook returns names and their providers."""

from __future__ import annotations

from collections.abc import Mapping

import pluggy

from nerharness.plugin.provider import Provider

PROJECT = "nerharness"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def nerharness_backends() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return backends: called with their options, they give a `Backend`."""


@hookspec
def nerharness_strategies() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return prompting strategies: called with their options, they give a `Strategy`.

    One that wraps another is called with that one and its options.
    """


@hookspec
def nerharness_formats() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return answer formats: called with their options, they give a `Format`."""


@hookspec
def nerharness_retrievers() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return retrievers: called with their options, they give a `Retriever`."""


@hookspec
def nerharness_taggers() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return taggers: called with the train examples and their options, they give a `Tagger`."""


@hookspec
def nerharness_corpora() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return corpus readers: called with their options, they give a `CorpusReader`."""


@hookspec
def nerharness_writers() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return corpus writers: called with their options, they give a `CorpusWriter`."""


@hookspec
def nerharness_knowledge() -> Mapping[str, Provider]:  # type: ignore[empty-body]
    """Return readers of knowledge: called with their options, they give a `KnowledgeReader`."""
