"""Answers take turns in one batch, are guessed, forced and begun again, and stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends import tiny
from backends.tiny import ask, complete, make
from hypothesis import given
from hypothesis import strategies as st

from nerharness.backends.guesses import Guesser
from nerharness.plugin.host import Host
from nerharness.types import Completion, Constraint, Message, Prompt, Sampling

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

QUESTIONS = ("gout", "fever of the skin", "pain rash pain rash pain", "what is this", "a text")
LIMITS = (3, 12, 1, 20, 5)


def mixed() -> list[Prompt]:
    return [
        Prompt((Message("user", question),), limit)
        for question, limit in zip(QUESTIONS, LIMITS, strict=True)
    ]


Forward = Callable[..., Any]


@pytest.fixture
def forwards(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """Rows, tokens and places of each forward pass."""
    from nerharness.backends.reader import Reader

    seen: list[tuple[int, int, int]] = []
    forward = Reader.forward

    def spy(self: Any, ids: Any, mask: Any, *rest: Any) -> Any:
        seen.append((*ids.shape, mask.shape[1]))
        return forward(self, ids, mask, *rest)

    monkeypatch.setattr(Reader, "forward", spy)
    return seen


def steps(monkeypatch: pytest.MonkeyPatch, tokens: int) -> None:
    """Let steps have that many tokens: with 1, nothing is guessed."""
    from nerharness.backends import room

    monkeypatch.setitem(room._STEP, "cpu", tokens)


def test_answers_that_are_done_make_room_for_others(
    host: Host, folder: Path, forwards: list[tuple[int, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps(monkeypatch, 1)
    single = complete(make(host, model=str(folder), batch_size=1), mixed())
    forwards.clear()
    assert complete(make(host, model=str(folder), batch_size=2), mixed()) == single
    rows = [rows for rows, _, _ in forwards]
    assert max(rows) == 2
    # The longest answer is under way all the time, and the others come and go beside it.
    written = sum(answer.usage.completion_tokens for answer in single)
    assert len(forwards) < written
    assert 1 in [rows for rows, width, _ in forwards if width > 1], "one was begun by itself"


def test_guesses_save_steps_and_change_no_answer(
    host: Host, folder: Path, forwards: list[tuple[int, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = ask(*QUESTIONS, limit=30)
    steps(monkeypatch, 1)
    plain = complete(make(host, model=str(folder)), prompts)
    without = len(forwards)
    steps(monkeypatch, 40)
    forwards.clear()
    assert complete(make(host, model=str(folder)), prompts) == plain
    assert len(forwards) < without, "a random model repeats itself"


@pytest.mark.parametrize("grammar", [None, 'start: /[a-h]{9}/ " and " /[a-h]{30}/'])
def test_guesses_change_neither_drawn_answers_nor_probabilities(
    host: Host, letters: Path, grammar: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("llguidance")
    prompts = [
        replace(
            one,
            constraint=Constraint(grammar) if grammar else None,
            sampling=Sampling(0.7, seed) if seed else None,
            logprobs=True,
        )
        for seed in range(4)
        for one in ask("abab abab and abababab", "dada", limit=50)
    ]
    assert_guesses_change_nothing(host, letters, prompts, monkeypatch, tokens=80)


def assert_guesses_change_nothing(
    host: Host,
    letters: Path,
    prompts: Sequence[Prompt],
    monkeypatch: pytest.MonkeyPatch,
    *,
    tokens: int,
) -> None:
    """Steps of one token and of many give the same texts and probabilities."""
    steps(monkeypatch, 1)
    plain = complete(make(host, model=str(letters)), prompts)
    steps(monkeypatch, tokens)
    guessed = complete(make(host, model=str(letters)), prompts)
    assert [one.text for one in guessed] == [one.text for one in plain]
    for one, other in zip(guessed, plain, strict=True):
        assert logprobs(one) == pytest.approx(logprobs(other), abs=1e-4)


def logprobs(answer: Completion) -> list[float]:
    assert answer.tokens is not None
    return [token.logprob for token in answer.tokens]


def test_what_a_grammar_forces_is_read_along(
    spelling: Any, forwards: list[tuple[int, int, int]]
) -> None:
    bound = Constraint('start: "begin " /[a-d]/ " and then " /[a-d]/ " end"')
    (prompt,) = ask("gout", limit=64)
    (answer,) = complete(spelling, [replace(prompt, constraint=bound, logprobs=True)])
    assert answer.text.startswith("begin ")
    assert answer.text.endswith(" end")
    assert len(forwards) == 2, "one for each choice"
    chances = dict(enumerate(logprobs(answer)))
    assert [place for place, chance in chances.items() if chance] == [6, 17]


def test_what_is_forced_ends_at_the_limit(spelling: Any) -> None:
    (prompt,) = ask("gout", limit=4)
    (cut,) = complete(spelling, [replace(prompt, constraint=Constraint('start: "forced"'))])
    assert (cut.text, cut.finish, cut.usage.completion_tokens) == ("forc", "length", 4)
    (whole,) = complete(
        spelling, [replace(prompt, max_tokens=6, constraint=Constraint('start: "forced"'))]
    )
    assert (whole.text, whole.finish) == ("forced", "stop")


class Memory:
    """Fails a forward pass over more than `most` places in all, as an accelerator does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        from nerharness.backends.reader import Reader

        self.failed: list[int] = []
        forward = Reader.forward

        def scarce(reader: Any, ids: Any, mask: Any, positions: Any, cache: Any, keep: int) -> Any:
            if mask.numel() > most:
                self.failed.append(len(ids))
                for layer in cache.layers[:1]:  # a pass that fails half-way leaves its traces
                    layer.update(*(torch.zeros(len(ids), 2, ids.shape[1], 8) for _ in range(2)))
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
            return forward(reader, ids, mask, positions, cache, keep)

        monkeypatch.setattr(Reader, "forward", scarce)


@pytest.mark.parametrize("most", [160, 90, 60, 40])
def test_without_memory_fewer_are_answered_at_once(
    host: Host, folder: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 160 to 40 places, prompts fail when they are read, or answers on the way, or both."""
    prompts = ask(*QUESTIONS, *(f"{one} pain" for one in QUESTIONS), limit=24)
    plain = complete(make(host, model=str(folder)), prompts)
    memory = Memory(monkeypatch, most)
    assert complete(make(host, model=str(folder)), prompts) == plain
    assert memory.failed, "there was too little memory once"
    assert len(memory.failed) < 10, "and it was learned from"


def test_a_prompt_that_alone_is_too_large_fails_alone(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = ask("pain " * 40, "gout", "rash")
    plain = complete(make(host, model=str(folder)), prompts)
    Memory(monkeypatch, 30)
    large, *small = complete(make(host, model=str(folder)), prompts)
    assert (large.finish, large.text) == ("error", "")
    assert "not enough memory" in str(large.error)
    assert small == plain[1:]


def test_another_fault_of_the_model_is_not_taken_for_it(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.reader import Reader

    def broken(*_: Any) -> Any:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(Reader, "forward", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        complete(make(host, model=str(folder)), ask("gout"))


def test_answers_at_once_are_bounded_by_their_tokens(
    host: Host, folder: Path, forwards: list[tuple[int, int, int]]
) -> None:
    prompts = ask(*QUESTIONS, limit=6)
    plain = complete(make(host, model=str(folder)), prompts)
    forwards.clear()
    assert complete(make(host, model=str(folder), batch_tokens=26), prompts) == plain
    assert max(rows for rows, _, _ in forwards) == 2
    forwards.clear()
    assert complete(make(host, model=str(folder), batch_tokens=1), prompts) == plain
    assert {rows for rows, _, _ in forwards} == {1}


SHARED = "what is this a text about gout fever pain rash of the skin what is this a text about"


def test_what_prompts_begin_with_is_kept_for_the_next_call(
    host: Host, folder: Path, forwards: list[tuple[int, int, int]]
) -> None:
    backend = make(host, model=str(folder))
    asked = [ask(f"{SHARED} {one}", f"{SHARED} {other}") for one, other in
             (("gout", "fever"), ("pain", "rash"))]  # fmt: skip
    alone = ask(f"{SHARED} system")
    expected = [complete(make(host, model=str(folder), batch_size=1), part)
                for part in (*asked, alone)]  # fmt: skip
    forwards.clear()
    assert complete(backend, asked[0]) == expected[0]
    assert forwards[0][1] >= 16
    forwards.clear()
    assert complete(backend, asked[1]) == expected[1]
    assert complete(backend, alone) == expected[2]
    assert max(width for _, width, _ in forwards) < 10, "nothing of it is read again"
    other = ask(f"{SHARED[:40]} {SHARED}", f"{SHARED[:40]} {SHARED} gout")
    assert complete(backend, other) == complete(make(host, model=str(folder), batch_size=1), other)


def save_windowed(path: Path) -> None:
    """Save a model whose layers see a window of 12 tokens."""
    tiny.save_words(path)
    torch.manual_seed(5)
    config = transformers.MistralConfig(
        vocab_size=18, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
        eos_token_id=1, bos_token_id=None, pad_token_id=None, sliding_window=12,
    )  # fmt: skip
    transformers.MistralForCausalLM(config).save_pretrained(path)


def test_a_model_that_sees_a_window_answers_as_it_does_alone(host: Host, tmp_path: Path) -> None:
    save_windowed(tmp_path)
    prompts = ask(*(f"{SHARED} {one}" for one in QUESTIONS), *QUESTIONS, limit=25)
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    expected = [alone(model, tokenizer, prompt.messages[0].content) for prompt in prompts]
    for size in (1, 4):
        found = complete(make(host, model=str(tmp_path), batch_size=size), prompts)
        assert [one.text for one in found] == expected


def alone(model: Any, tokenizer: Any, question: str) -> str:
    ids = tokenizer(f"user {question} assistant", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        found = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=25, do_sample=False,
            pad_token_id=0,
        )  # fmt: skip
    text: str = tokenizer.decode(found[0, ids.shape[1] :], skip_special_tokens=True)
    return text


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 5))
def test_a_guess_is_what_followed_the_same_tokens_last(tokens: list[int], most: int) -> None:
    cut = len(tokens) // 2
    guesser = Guesser(tokens[:cut])
    guesser.extend(tokens[cut:])
    assert guesser.guess(most) == slow_guess(tokens, most)


def slow_guess(tokens: Sequence[int], most: int) -> list[int]:
    for length in (3, 2, 1):
        end = list(tokens[-length:])
        for place in range(len(tokens) - 1, length - 1, -1):
            if len(end) == length and list(tokens[place - length : place]) == end:
                return list(tokens[place : place + most])
    return []


def test_an_answer_ends_where_it_is_whole(spelling: Any) -> None:
    letters = Constraint("start: /[a-h]{40}/")  # or else this model does not write text
    prompt = replace(ask("gout", limit=30)[0], constraint=letters)
    (free,) = complete(spelling, [prompt])
    whole = free.text[:12]
    for ending, expected in (
        (f'start: "{whole}"', whole),
        (f'start: "{whole}" "never"?', free.text),
        ('start: "never"', free.text),
    ):
        (answer,) = complete(spelling, [replace(prompt, ending=ending)])
        assert answer.text == expected
        assert answer.finish == ("stop" if answer.text == whole else "length")


def test_an_ending_that_does_not_compile_is_warned_of(spelling: Any) -> None:
    prompt = ask("gout", limit=30)[0]
    with pytest.warns(UserWarning, match="do not end where they are complete: .+ constrained: "):
        (answer,) = complete(spelling, [replace(prompt, ending="start: (")])
    assert answer == complete(spelling, [prompt])[0]


def test_an_answer_that_goes_on_ends_where_the_whole_is(spelling: Any) -> None:
    letters = Constraint("start: /[a-h]{40}/")
    prompt = replace(ask("gout", limit=30)[0], constraint=letters, prefix="ab")
    (free,) = complete(spelling, [prompt])
    whole = free.text[:6]
    (answer,) = complete(spelling, [replace(prompt, ending=f'start: "ab{whole}"')])
    assert (answer.text, answer.finish) == (whole, "stop")


def test_what_is_forced_behind_a_wrong_guess_is_not_taken_for_it(
    host: Host, letters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guess begins with the letter that the grammar forces once another one was chosen."""
    pytest.importorskip("llguidance")
    pairs = " ".join(f'("{one}{two}{one}" | "{two}{one}{one}")' for one, two in ("cd", "ef") * 6)
    prompts = [
        replace(
            one, constraint=Constraint(f"start: {pairs}"), sampling=Sampling(3.0, seed),
            logprobs=True,
        )
        for seed in range(12)
        for one in ask("cdc dcc efe fee cdc cdc fee", limit=60)
    ]  # fmt: skip
    assert_guesses_change_nothing(host, letters, prompts, monkeypatch, tokens=200)


def test_wrong_guesses_do_not_pile_up(
    host: Host, letters: Path, forwards: list[tuple[int, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps(monkeypatch, 64)
    (prompt,) = ask("abab abab and abababab", limit=300)
    (answer,) = complete(
        make(host, model=str(letters)), [replace(prompt, sampling=Sampling(2.0, 1))]
    )
    size = forwards[0][2] + answer.usage.completion_tokens
    assert max(places for _, _, places in forwards) < 1.5 * size + 2 * 64


def test_a_backend_drained_at_a_failed_prompt_begins_no_other(host: Host, folder: Path) -> None:
    backend = make(host, model=str(folder))
    found = []
    for index, _ in backend.generate(ask("pain " * 70, *QUESTIONS)):
        found.append(index)
        backend.drain()
    assert found == [0]


def test_without_memory_to_join_answers_are_begun_again(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends import key_values

    plain = complete(make(host, model=str(folder), batch_size=2), mixed())
    join, failed = key_values.join, []

    def scarce(*caches: Any) -> None:
        if len(failed) < 2:
            failed.append(caches)
            raise torch.OutOfMemoryError("CUDA out of memory")
        join(*caches)

    monkeypatch.setattr(key_values, "join", scarce)
    assert complete(make(host, model=str(folder), batch_size=2), mixed()) == plain
    assert failed


def test_rows_leave_a_cache_some_layers_of_which_keep_nothing() -> None:
    from nerharness.backends import key_values

    cache = key_values.empty(transformers.LlamaConfig(num_hidden_layers=2))
    cache.layers[0].update(torch.arange(3.0).view(3, 1, 1, 1), torch.zeros(3, 1, 1, 1))
    key_values.select(cache, torch.tensor([2, 0]))
    assert cache.layers[0].keys.flatten().tolist() == [2, 0]


def test_what_a_token_takes_is_guessed_for_layers_of_several_kinds() -> None:
    from types import SimpleNamespace

    from nerharness.backends.room import bytes_per_token

    def model(**config: Any) -> Any:
        told = SimpleNamespace(**config)
        told.get_text_config = lambda decoder: told
        return SimpleNamespace(config=told, dtype=torch.bfloat16)

    known = {"hidden_size": 64, "num_hidden_layers": 3}
    assert bytes_per_token(model(**known, num_attention_heads=8, num_key_value_heads=2)) == 192
    assert bytes_per_token(model(**known, num_attention_heads=8, head_dim=16)) == 1536
    assert bytes_per_token(model(**known)) == 768
