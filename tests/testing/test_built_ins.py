"""The built-in plugins keep the contracts that strangers' are held to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from backends import tiny
from backends.server import Reply, Request, refused, said

from nerharness.errors import MissingDependencyError
from nerharness.formats.read_as import ReadAs
from nerharness.plugin.host import Host, Kind, builtin_modules
from nerharness.testing import (
    EXAMPLES,
    LABELS,
    check_backend,
    check_format,
    check_knowledge,
    check_reader,
    check_retriever,
    check_strategy,
    check_tagger,
    check_writer,
)
from nerharness.types import Source

HOST = Host(builtin_modules())
FILES = [name for name in HOST.offers("corpora") if name in HOST.offers("writers")]
KNOWLEDGE = {
    "jsonl": '{"name": "gout", "definition": "Crystals in a joint."}\n',
    "tsv": "name\tsynonyms\tdefinition\ngout\tpodagra\tCrystals in a joint.\nlupus\tSLE\t\n",
    "obo": "format-version: 1.2\n\n[Term]\nid: D:1\nname: gout\n"
    'def: "Crystals in a joint." []\nsynonym: "podagra" EXACT []\n',
    "obographs": json.dumps(
        {"graphs": [{"nodes": [{"id": "D:1", "lbl": "gout", "type": "CLASS"}], "edges": []}]}
    ),
    "text": "Gout is an illness. It hurts.\n\nLupus is another.\n",
}
SUFFIXES = {"obographs": ".json"}


def make(kind: Kind, name: str, *given: Any, **options: Any) -> Any:
    try:
        return HOST.make(kind, name, *given, options=options)
    except MissingDependencyError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", HOST.offers("formats"))
def test_formats(name: str) -> None:
    check_format(make("formats", name))


@pytest.mark.parametrize("name", HOST.offers("formats"))
def test_formats_that_are_read_as_themselves(name: str) -> None:
    check_format(ReadAs(make("formats", name), make("formats", name)))


@pytest.mark.parametrize("name", [*HOST.offers("strategies"), "rag+verify", "few-shot+vote"])
def test_strategies(name: str) -> None:
    form = make("formats", "bio") if name == "paper" else None
    check_strategy(make("strategies", name), format=form)


@pytest.mark.parametrize("name", ["bm25", "fixed", "random"])
def test_retrievers(name: str) -> None:
    check_retriever(make("retrievers", name), near=name == "bm25")


def test_the_gazetteer() -> None:
    check_tagger(make("taggers", "gazetteer", EXAMPLES), labels=LABELS.names)


@pytest.mark.parametrize("name", FILES)
def test_readers(name: str, tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    make("writers", name).write(Source("s", None, {"train": EXAMPLES}), path)
    check_reader(make("corpora", name), path)


@pytest.mark.parametrize("name", HOST.offers("writers"))
def test_writers(name: str) -> None:
    reader = make("corpora", name) if name in FILES else None
    check_writer(make("writers", name), reader=reader)


@pytest.mark.parametrize("name", KNOWLEDGE)
def test_readers_of_knowledge(name: str, tmp_path: Path) -> None:
    path = tmp_path / "known"
    if name == "text":
        path.mkdir()
        (path / "a.txt").write_text(KNOWLEDGE[name], encoding="utf-8")
    else:
        path = path.with_suffix(SUFFIXES.get(name, f".{name}"))
        path.write_text(KNOWLEDGE[name], encoding="utf-8")
    check_knowledge(make("knowledge", name), path)


def test_the_hf_backend(letters: Path) -> None:
    pytest.importorskip("llguidance")
    check_backend(tiny.make(HOST, model=str(letters)))


def answer(request: Request) -> Reply:
    """Answer as a server would: within the limit, by the seed, in the schema, with tokens."""
    body = request.body
    if len(request.question) > 1_000:
        return refused(400, "the prompt is too long")
    text = "one two three four five six seven eight"
    if "seed" in body:
        text = f"{text} {Random(body['seed']).random()}"
    if "response_format" in body:
        text = json.dumps({"verdict": "keep"})
    words = re.findall(r"\S+\s*", text)[: body["max_tokens"]]
    reply = said("".join(words), logprobs={"content": list(tokens(words))})
    reply.body["usage"]["completion_tokens"] = len(words)
    return reply


def tokens(words: list[str]) -> Iterator[dict[str, Any]]:
    return ({"token": word, "logprob": -0.5, "bytes": list(word.encode())} for word in words)


def test_the_openai_backend(talking: Any) -> None:
    backend, _ = talking(answer)
    check_backend(backend, plain_text=False)
