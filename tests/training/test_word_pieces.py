"""Words in windows of sub-words: all are read, none too deep in a cut."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.tiny_bert import WORDS, save_bert

from nerharness.word_pieces import deepest, windows


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("bert")
    save_bert(path)
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(path)


@pytest.mark.parametrize("size", [8, 13, 64, 500])
def test_every_word_is_read_once_where_it_is_deepest(tokenizer: Any, size: int) -> None:
    words = [WORDS[n * 7 % 10] if n % 5 else "abc" for n in range(150)]
    parts = list(windows(tokenizer, words, size))
    assert all(len(part.ids) <= size for part in parts)
    assert (len(parts) == 1) == (size == 500)
    for part, place in zip(parts, parts[1:], strict=False):
        assert part.first < place.first <= part.first + len(part.places)
    for word, found in enumerate(deepest(parts, len(words))):
        assert found is not None
        number, place = found
        holding = [part for part in parts if part.first <= word < part.first + len(part.places)]
        depths = [part.depth(word, len(words)) for part in holding]
        assert parts[number].depth(word, len(words)) == max(depths)
        token = tokenizer.convert_ids_to_tokens(parts[number].ids[place])
        assert token == words[word][: len(token)]


def test_a_word_longer_than_the_window_is_cut_and_one_without_sub_words_has_no_place(
    tokenizer: Any,
) -> None:
    words = ["moon", "q" * 90, "\u200b", "roof"]
    parts = list(windows(tokenizer, words, 16))
    places = deepest(parts, len(words))
    assert [place is None for place in places] == [False, False, True, False]
    assert all(len(part.ids) <= 16 for part in parts)


def test_no_words_make_no_window(tokenizer: Any) -> None:
    assert list(windows(tokenizer, [], 16)) == []
    assert deepest([], 0) == []
