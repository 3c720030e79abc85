"""Large inputs get an answer in bounded time; the limits are many times what it takes."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nerharness.align import Aligner, align_tokens, similarity


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < seconds


def prose(words: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    return ["".join(rng.choices(letters, k=rng.randrange(2, 12))) for _ in range(words)]


def test_a_long_note_with_many_mentions() -> None:
    words = prose(3_300, 0)
    text, rng = " ".join(words), random.Random(1)
    mentions = []
    for _ in range(50):
        start = rng.randrange(len(words) - 5)
        mention = " ".join(words[start : start + 4])
        mentions.append(mention.replace(rng.choice(mention[5:]), "q", 1))
    with within(2.0):
        found = Aligner().align(text, mentions)
    assert sum(match is not None for match in found) > 45


def test_long_token_lists() -> None:
    rng = random.Random(2)
    source = prose(5_000, 3)
    kept = [(index, token) for index, token in enumerate(source) if rng.random() < 0.9]
    with within(10.0):
        found = align_tokens(source, [token for _, token in kept])
    assert [found[index] for index, _ in kept] == list(range(len(kept)))


@pytest.mark.parametrize("token", ["a", "abc", "."])
def test_endless_repeats(token: str) -> None:
    with within(10.0):
        assert align_tokens([token] * 1_000, [token] * 5_000) == list(range(1_000))


LONG = 20_000


@pytest.mark.parametrize(
    ("text", "mention", "matches"),
    [
        pytest.param("a" * LONG, "a" * (LONG // 2), 2, id="one letter"),
        pytest.param("ab " * LONG, "ab " * (LONG // 2), 2, id="one word, exact"),
        pytest.param("ab " * LONG, "AB " * (LONG // 2), 2, id="one word, folded"),
        pytest.param("ab " * LONG, "abx " * (LONG // 2), 0, id="longer than fuzzy goes"),
        pytest.param("gout " * LONG, "gaut", LONG, id="similar everywhere"),
        pytest.param("gout", "gaut " * LONG, 0, id="longer than the text"),
        pytest.param("\u0301" * LONG, "a" * LONG, 0, id="marks without letters"),
        pytest.param("a" + "\u00ad" * LONG + "b", "ab", 0, id="a run of unseen characters"),
    ],
)
def test_long_and_monotonous_texts(text: str, mention: str, matches: int) -> None:
    with within(5.0):
        assert len(Aligner(0.7).candidates(text, mention)) == matches


def test_a_table_of_equal_rows_without_the_mention() -> None:
    row = "Hb 13.2 g/dl WBC 7.1 x10 PLT 250 CRP 12 mg/l Na 140\n"
    with within(10.0):
        assert Aligner().align(row * 400, [(row * 6).replace("250", "251", 1)] * 5) == [None] * 5


LIMITED = """
import resource, threading
from nerharness.align import Aligner

texts, mentions = ["has lupus"] * 20_000, [["lupus"]] * 20_000
expected = Aligner().align_batch(texts, mentions)
held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()


def leave(bytes):
    resource.setrlimit(resource.RLIMIT_AS, (held + bytes, held + bytes))


def is_right(threads, count=20_000):
    found = Aligner().align_batch(texts[:count], mentions[:count], threads=threads)
    return found == expected[:count]
"""


def limited(program: str) -> None:
    """Run the program in a process whose memory it may limit."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc, which says how much memory is held")
    words = [sys.executable, "-c", LIMITED + program]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_million_threads_take_no_more_memory_than_a_few() -> None:
    limited("leave(2**30); assert is_right(1_000_000)")


def test_a_thread_that_the_system_refuses_is_done_without() -> None:
    limited(
        """
leave(2**20)
try:
    threading.Thread(target=print).start()
except RuntimeError:
    assert is_right(8, 1_000)
else:
    raise AssertionError("a thread was given")
"""
    )


def test_other_threads_go_on_while_texts_are_aligned() -> None:
    words = prose(3_000, 4)
    mentions = [words[place] + "q" + words[place + 1] for place in range(0, 400, 8)]
    aligned = threading.Event()

    def align() -> None:
        Aligner().align_batch([" ".join(words)] * 500, [mentions] * 500)
        aligned.set()

    thread, waits = threading.Thread(target=align), 0
    thread.start()
    while not aligned.wait(0.001):
        waits += 1
    thread.join()
    assert waits > 5


def test_many_repeats_of_one_mention() -> None:
    with within(5.0):
        found = Aligner().align("gout " * 2_000, ["gout"] * 4_000)
    assert [match and match.start for match in found[:2_000]] == [*range(0, 10_000, 5)]
    assert found[2_000:] == [None] * 2_000


def test_long_strings_can_be_compared() -> None:
    with within(5.0):
        assert similarity("a" * LONG, "a" * (LONG - 1) + "b")[1] == (LONG - 1) / LONG
