"""The generator keeps what it promises."""

import unicodedata
from collections import Counter

import pytest

from benchmarks.noise import occurrences
from benchmarks.notes import SHARES, Note, notes
from benchmarks.vocabulary import TERMS


@pytest.fixture(scope="module", params=[(100, 200, 5), (40, 2_000, 25), (10, 20_000, 50)])
def made(request: pytest.FixtureRequest) -> list[Note]:
    count, size, mentions = request.param
    return notes(count, size, mentions, seed=1)


def test_same_seed_same_notes() -> None:
    assert notes(3, 2_000, 25, seed=1) == notes(3, 2_000, 25, seed=1)
    assert notes(3, 2_000, 25, seed=1) != notes(3, 2_000, 25, seed=2)


def test_shares_hold_over_all_notes(made: list[Note]) -> None:
    kinds = Counter(mentioned.kind for note in made for mentioned in note.mentions)
    assert len({len(note.mentions) for note in made}) == 1
    for kind, share in SHARES.items():
        assert kinds[kind] / kinds.total() == pytest.approx(share, abs=0.01)


def test_mentions_are_true_to_their_kind(made: list[Note]) -> None:
    for note in made:
        for mentioned in note.mentions:
            if mentioned.kind == "invented":
                assert not occurrences(note.text, mentioned.text)
                continue
            assert note.text[mentioned.start : mentioned.end] == mentioned.surface
            assert (mentioned.text == mentioned.surface) == (mentioned.kind == "exact")
            if mentioned.kind in ("edits", "word"):
                assert not occurrences(note.text, mentioned.text)
                assert _digits(mentioned.text) == _digits(mentioned.surface or "")


def test_mentions_come_in_document_order(made: list[Note]) -> None:
    for note in made:
        starts = [each.start for each in note.mentions if each.start is not None]
        assert starts == sorted(set(starts))


def test_notes_have_their_size(made: list[Note]) -> None:
    size = max(len(note.text) for note in made)
    assert sum(len(note.text) for note in made) / len(made) > 0.9 * size


def test_vocabulary_is_rich() -> None:
    terms = [term for of_slot in TERMS.values() for term in of_slot]
    assert len(terms) == len(set(terms)) >= 200
    assert {len(term.split()) for term in terms} >= {1, 2, 3, 4, 5}
    assert all(unicodedata.is_normalized("NFC", term) for term in terms)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
