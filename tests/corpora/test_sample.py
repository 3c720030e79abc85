"""The corpus and the glossary that ship with the package, checked entry by entry."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest

from nerharness.corpora.sample import Sample
from nerharness.corpora.sources import read_corpus
from nerharness.knowledge.glossary import Glossary
from nerharness.types import Corpus, Entity, Example

DATA = files("nerharness") / "data"
SPLITS = ("train", "dev", "test")
LABELS = ("disease", "rare_disease", "skin_rare_disease", "sign", "symptom")
KINDS = {"rare_disease", "skin_rare_disease", "disease", "sign", "symptom"}


def lines_of(*path: str) -> list[dict[str, Any]]:
    content = DATA.joinpath(*path).read_text(encoding="utf-8")
    return [json.loads(line) for line in content.splitlines()]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(Sample(), None, None)


@pytest.fixture(scope="module")
def examples(corpus: Corpus) -> list[Example]:
    return [example for split in SPLITS for example in corpus.splits[split]]


def spans_of(entry: dict[str, Any]) -> list[list[int]]:
    return entry["fragments"] if "fragments" in entry else [[entry["start"], entry["end"]]]


@pytest.mark.parametrize("split", SPLITS)
def test_each_entity_says_the_text_at_its_offsets(split: str) -> None:
    for line in lines_of("sample", f"{split}.jsonl"):
        for entry in line["entities"]:
            pieces = [line["text"][start:end] for start, end in spans_of(entry)]
            assert " ".join(pieces) == entry["text"], line["id"]
            assert all(piece == piece.strip() != "" for piece in pieces), line["id"]


@pytest.mark.parametrize("split", SPLITS)
def test_no_entity_begins_or_ends_inside_a_word(split: str) -> None:
    for line in lines_of("sample", f"{split}.jsonl"):
        for entry in line["entities"]:
            for start, end in spans_of(entry):
                around = [line["text"][max(place - 1, 0) : place + 1] for place in (start, end)]
                assert not any(re.fullmatch(r"\w\w", pair) for pair in around), entry


@pytest.mark.parametrize("split", SPLITS)
def test_no_entity_stands_twice_in_a_passage(split: str) -> None:
    for line in lines_of("sample", f"{split}.jsonl"):
        keys = [(entry["label"], str(spans_of(entry))) for entry in line["entities"]]
        assert len(set(keys)) == len(keys), line["id"]


def test_the_reader_gives_what_the_files_say(corpus: Corpus) -> None:
    for split in SPLITS:
        lines = lines_of("sample", f"{split}.jsonl")
        read = corpus.splits[split]
        assert [e.document.id for e in read] == [line["id"] for line in lines]
        assert [e.document.text for e in read] == [line["text"] for line in lines]
        assert [len(e.entities) for e in read] == [len(line["entities"]) for line in lines]


def test_each_entity_lies_inside_one_sentence(examples: list[Example]) -> None:
    for example in examples:
        for entity in example.entities:
            sentences = example.document.sentences
            assert sum(sentence.covers(entity.span) for sentence in sentences) == 1, (
                example.document.id,
                entity.surface(example.document.text),
            )


def test_each_fragment_begins_and_ends_with_a_token(examples: list[Example]) -> None:
    for example in examples:
        starts = {token.start for token in example.document.tokens}
        ends = {token.end for token in example.document.tokens}
        for entity in example.entities:
            for fragment in entity.fragments:
                assert fragment.start in starts, example.document.id
                assert fragment.end in ends, example.document.id


def test_ids_are_unique_over_all_splits(examples: list[Example]) -> None:
    ids = Counter(example.document.id for example in examples)
    assert ids.most_common(1)[0][1] == 1


def test_no_text_or_sentence_stands_in_two_splits(corpus: Corpus) -> None:
    def bare(text: str) -> str:
        return "".join(char for char in text.casefold() if char.isalnum())

    texts = {split: {bare(e.document.text) for e in corpus.splits[split]} for split in SPLITS}
    sentences = {
        split: {
            bare(e.document.text[s.start : s.end])
            for e in corpus.splits[split]
            for s in e.document.sentences
        }
        for split in SPLITS
    }
    for one, other in combinations(SPLITS, 2):
        assert not texts[one] & texts[other]
        assert not sentences[one] & sentences[other]


def test_the_splits_are_large_enough(corpus: Corpus) -> None:
    sizes = {split: len(corpus.splits[split]) for split in SPLITS}
    assert sizes["train"] >= 70
    assert sizes["dev"] >= 20
    assert sizes["test"] >= 30
    assert sum(sizes.values()) >= 120


def test_the_readme_of_the_sample_states_its_sizes(corpus: Corpus) -> None:
    readme = (DATA / "sample" / "README.md").read_text(encoding="utf-8")
    assert f"{sum(map(len, corpus.splits.values()))} short passages" in readme
    for split in SPLITS:
        assert re.search(rf"\b{len(corpus.splits[split])} to \w+ .*?\(`{split}`\)", readme), split


@pytest.mark.parametrize("split", SPLITS)
def test_every_label_occurs_in_each_split(corpus: Corpus, split: str) -> None:
    seen = {entity.label for example in corpus.splits[split] for entity in example.entities}
    assert seen == set(LABELS)


def test_the_declaration_defines_each_label_on_one_line(corpus: Corpus) -> None:
    table = tomllib.loads((DATA / "sample" / "corpus.toml").read_text(encoding="utf-8"))
    assert tuple(entry["name"] for entry in table["labels"]) == LABELS == corpus.labels.names
    for entry in table["labels"]:
        assert entry["definition"].strip() == entry["definition"] != ""
        assert "\n" not in entry["definition"]
    assert len({entry["definition"] for entry in table["labels"]}) == len(LABELS)


def nested(entities: tuple[Entity, ...]) -> bool:
    pairs = combinations(entities, 2)
    return any(
        one.span != other.span and (one.span.covers(other.span) or other.span.covers(one.span))
        for one, other in pairs
    )


@pytest.mark.parametrize("split", ["train", "test"])
def test_what_makes_extraction_hard_is_in_the_passages(corpus: Corpus, split: str) -> None:
    some = corpus.splits[split]
    surfaces = [[e.surface(x.document.text) for e in x.entities] for x in some]
    named = [surface for passage in surfaces for surface in passage]
    assert any(nested(x.entities) for x in some), "nested"
    assert any(len(e.fragments) > 1 for x in some for e in x.entities), "discontinuous"
    assert any(len(set(passage)) < len(passage) for passage in surfaces), "repeated"
    assert any(re.fullmatch(r"[A-Z][A-Z0-9-]+", surface) for surface in named), "abbreviations"
    assert any("-" in surface for surface in named), "hyphens"
    assert any(not surface.isascii() for surface in named), "beyond ASCII"
    assert any(not x.entities for x in some), "no entity"


def test_about_half_of_the_diseases_to_measure_on_occur_in_train(corpus: Corpus) -> None:
    def diseases(split: str) -> set[str]:
        return {
            entity.surface(example.document.text).casefold()
            for example in corpus.splits[split]
            for entity in example.entities
            if entity.label.endswith("disease")
        }

    held_out = diseases("dev") | diseases("test")
    assert 0.25 < len(held_out & diseases("train")) / len(held_out) < 0.75


def test_the_glossary_has_at_least_200_sound_entries() -> None:
    entries = lines_of("glossary", "glossary.jsonl")
    assert len(entries) >= 200
    for entry in entries:
        assert set(entry) == {"name", "kind", "synonyms", "definition"}
        assert entry["name"] == entry["name"].strip() != ""
        assert entry["kind"] in KINDS
        assert all(isinstance(s, str) and s.strip() == s != "" for s in entry["synonyms"])
        assert len(set(map(str.casefold, entry["synonyms"]))) == len(entry["synonyms"])
        assert entry["name"].casefold() not in map(str.casefold, entry["synonyms"])
    assert {entry["kind"] for entry in entries} == KINDS


def test_each_definition_of_the_glossary_is_one_sentence() -> None:
    for entry in lines_of("glossary", "glossary.jsonl"):
        definition = entry["definition"]
        assert re.fullmatch(r"[A-Z0-9][^\n]*\.", definition), entry["name"]
        assert not re.search(r"[.!?]\s+[A-Z]", definition), entry["name"]
        assert 10 <= len(definition.split()) <= 30, entry["name"]


def test_the_glossary_is_sorted_and_names_each_thing_once() -> None:
    names = [entry["name"].casefold() for entry in lines_of("glossary", "glossary.jsonl")]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_the_glossary_is_what_is_known_by_default() -> None:
    passages = Glossary().read(None).passages
    entries = lines_of("glossary", "glossary.jsonl")
    assert [p.title for p in passages] == [entry["name"] for entry in entries]
    assert [p.text for p in passages] == [entry["definition"] for entry in entries]
    assert [list(p.synonyms) for p in passages] == [entry["synonyms"] for entry in entries]
