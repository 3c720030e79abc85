"""Training a model that is prompted, on a tiny one: adapters and whole models."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

from backends import tiny
from training.tiny_bert import save_corpus
from training.tiny_prompts import prompting

from nerharness.errors import NerharnessError, RunError, UsageError
from nerharness.plugin import Provider, hookimpl
from nerharness.plugin.host import Host, builtin_modules
from nerharness.runs.model_card import model_card
from nerharness.runs.prompted_course import PromptedCourse
from nerharness.runs.train_data import TrainSpec, read_data
from nerharness.runs.training import Training, train
from nerharness.training import lessons, prompted
from nerharness.training.checkpoints import last_checkpoint, saving
from nerharness.training.settings import Progress, Settings

pytestmark = pytest.mark.filterwarnings("ignore")

LORA = Settings(epochs=2, learning_rate=1e-2, batch_size=8, rank=4, alpha=8, dropout=0.1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("letters")
    tiny.save_letters(path)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_corpus(tmp_path_factory.mktemp("corpus"))


def spec(base: Path, corpus: Path, **rest: Any) -> TrainSpec:
    given = {"method": "lora", "settings": LORA, "dev_limit": 2, **rest}
    return TrainSpec(str(base), f"{corpus}:jsonl", prompting=prompting(), **given)


@pytest.fixture(scope="module")
def trained(
    host: Host, base: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Training]:
    out = tmp_path_factory.mktemp("trained") / "adapter"
    return out, train(spec(base, corpus), host, out)


def weights(folder: Path, file: str = "adapter_model.safetensors") -> dict[str, Any]:
    from safetensors.numpy import load_file

    return dict(load_file(folder / file))


def test_the_loss_falls(trained: tuple[Path, Training]) -> None:
    _, done = trained
    losses = [one.loss for one in done.trained.history if one.loss is not None]
    assert losses[-1] < losses[0]
    assert len([one for one in done.trained.history if one.f1 is not None]) == 2


def test_the_trainers_own_loss_and_torchs_attention_teach_the_same(
    host: Host, base: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only slower: they score all tokens, and attend across lessons under a mask."""
    import torch

    answer_loss, layout = Mock(wraps=prompted.answer_loss), Mock(wraps=lessons.layout)
    monkeypatch.setattr(prompted, "answer_loss", answer_loss)
    monkeypatch.setattr(lessons, "layout", layout)
    asked = spec(base, corpus, settings=replace(LORA, dropout=0.0))
    ours = train(asked, host, tmp_path / "ours").trained.history
    assert answer_loss.called and layout.called
    monkeypatch.setattr(prompted, "answer_loss", lambda *_: None)
    monkeypatch.setattr(lessons, "layout", lambda *_: {})
    theirs = train(asked, host, tmp_path / "theirs").trained.history
    losses = [[one.loss for one in told if one.loss is not None] for told in (ours, theirs)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    expected = weights(tmp_path / "theirs")
    for name, weight in weights(tmp_path / "ours").items():
        assert torch.allclose(torch.tensor(weight), torch.tensor(expected[name]), atol=1e-4), name


def test_lessons_stand_side_by_side_for_a_model_that_keeps_more_than_tokens(
    host: Host, base: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = Mock(wraps=lessons._joined)
    monkeypatch.setattr(lessons, "_joined", joined)
    whole = spec(base, corpus, settings=replace(LORA, epochs=1))
    train(whole, host, tmp_path / "joined")
    assert joined.called
    joined.reset_mock()
    monkeypatch.setattr("nerharness.backends.key_values.is_plain", lambda _: False)
    train(whole, host, tmp_path / "padded")
    assert not joined.called


def test_the_folder_is_whole_and_holds_no_pickle(trained: tuple[Path, Training]) -> None:
    out, _ = trained
    names = {file.name for file in out.iterdir()}
    assert {"README.md", "training.json", "adapter_model.safetensors"} <= names
    assert not {"checkpoints", "training_args.bin"} & names
    described = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert described["method"] == "lora"
    assert described["spec"]["plugins"]["formats"]["name"] == "lines"
    card = (out / "README.md").read_text(encoding="utf-8")
    assert described["prompts"]["first_prompt_sha256"] in card


def test_the_backend_answers_with_the_adapter_as_peft_does(
    host: Host, base: Path, trained: tuple[Path, Training]
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    plain = tiny.make(host, model=str(base))
    adapted = tiny.make(host, model=str(base), adapter=str(trained[0]))
    assert adapted.identity["adapter_sha256"] and "adapter" not in plain.identity
    ids = torch.arange(20)[None]
    with torch.no_grad():
        expected = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base), str(trained[0])
        )(ids).logits
        assert torch.allclose(adapted._model(ids).logits, expected, atol=1e-4)
        assert not torch.allclose(plain._model(ids).logits, expected, atol=1e-2)


def refused(kind: type[NerharnessError], message: str) -> Any:
    return pytest.raises(kind, match=message)


def test_an_adapter_for_another_model_is_refused(
    host: Host, base: Path, trained: tuple[Path, Training], tmp_path: Path
) -> None:
    from safetensors.numpy import save_file

    tiny.save_words(tmp_path / "words")
    with refused(UsageError, "was trained on"):
        tiny.make(host, model=str(tmp_path / "words"), adapter=str(trained[0]))
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "adapter_config.json").write_bytes((trained[0] / "adapter_config.json").read_bytes())
    known = weights(trained[0])
    save_file({name: known[name] for name in [*known][1:]}, foreign / "adapter_model.safetensors")
    with refused(UsageError, "does not fit the model"):
        tiny.make(host, model=str(base), adapter=str(foreign))
    with refused(UsageError, "holds no adapter"):
        tiny.make(host, model=str(base), adapter=str(tmp_path))


class KilledError(Exception):
    """Stands for a kill."""


def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    host: Host, base: Path, corpus: Path, trained: tuple[Path, Training], tmp_path: Path
) -> None:
    out = tmp_path / "broken"

    def kill(now: Progress) -> None:
        if now.epoch > 1:
            raise KilledError

    with pytest.raises(KilledError):
        train(spec(base, corpus), host, out, note=kill)
    assert last_checkpoint(out) is not None
    train(spec(base, corpus), host, out, resume=True)
    one, other = weights(trained[0]), weights(out)
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


def test_early_stopping_counts_on_from_where_it_was_killed(
    host: Host, base: Path, corpus: Path, tmp_path: Path
) -> None:
    asked = spec(base, corpus, settings=replace(LORA, learning_rate=1e-12, epochs=6, patience=2))
    out = tmp_path / "broken"

    def kill(now: Progress) -> None:
        if now.epoch > 2:
            raise KilledError

    with pytest.raises(KilledError):
        train(asked, host, out, note=kill)
    done = train(asked, host, out, resume=True)
    assert len([one for one in done.trained.history if one.f1 is not None]) == 3, "no better twice"


def test_a_whole_model_is_trained(host: Host, base: Path, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "full"
    settings = Settings(epochs=1, learning_rate=1e-3, batch_size=8)
    done = train(spec(base, corpus, method="full", settings=settings), host, out)
    losses = [one.loss for one in done.trained.history if one.loss is not None]
    assert losses
    before, after = weights(base, "model.safetensors"), weights(out, "model.safetensors")
    assert any((before[name] != after[name]).any() for name in before)
    assert tiny.make(host, model=str(out)).identity["model"] == str(out)


def test_another_corpus_is_learned_from_besides(
    host: Host, base: Path, corpus: Path, trained: tuple[Path, Training], tmp_path: Path
) -> None:
    done = train(spec(base, corpus, mixed=("sample",)), host, tmp_path / "mixed")
    (mixed,) = done.description["mixed"]
    assert mixed["corpus"] == "sample" and mixed["documents"] > 0
    assert done.trained.steps > trained[1].trained.steps


def test_a_full_disk_is_said_and_other_errors_are_left_alone(tmp_path: Path) -> None:
    import errno

    with refused(RunError, "no space left to save to"), saving(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with refused(RunError, "no space left"), saving(tmp_path):
        raise RuntimeError("I/O error: No space left on device (os error 28)")
    with pytest.raises(RuntimeError, match="other"), saving(tmp_path):
        raise RuntimeError("some other fault")


FULL = Path("/dev/full")
"""A device to which nothing can be written, as to a full disk."""

needs_full = pytest.mark.skipif(not FULL.is_char_device(), reason="there is no such device here")


def left(free: int) -> Any:
    """Return what says that so many bytes are free on any disk."""
    return lambda _: Mock(free=free)


@needs_full
def test_what_torch_says_of_a_full_disk_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    value, file = {"weights": torch.zeros(1_000_000)}, tmp_path / "full"
    file.symlink_to(FULL)
    monkeypatch.setattr("shutil.disk_usage", left(4096))
    with refused(RunError, "no space left to save to: .*with --resume"), saving(tmp_path):
        torch.save(value, file)
    with refused(RunError, "no space left to save to"), saving(tmp_path):
        try:
            torch.save(value, file)
        except RuntimeError as error:
            raise ValueError("no checkpoint") from error
    monkeypatch.setattr("shutil.disk_usage", left(1 << 40))
    with refused(RunError, "a file could not be written to its end"), saving(tmp_path):
        torch.save(value, file)


def test_a_card_says_how_the_model_was_prompted(trained: tuple[Path, Training]) -> None:
    card = (trained[0] / "README.md").read_text(encoding="utf-8")
    expected = (
        "strategy: zero-shot", "format: lines", "unit: sentence", "decode: free", "hints: none",
        "tokens: not given", "dtype: float32", "dev limit: 2", "limit: not given", "dev share: 0.0",
    )  # fmt: skip
    for line in expected:
        assert f"- {line}\n" in card, line
    assert "- retriever: dense (embedding_model " in card


def test_a_card_names_the_revision_of_a_hubs_model(trained: tuple[Path, Training]) -> None:
    _, done = trained
    hub = {**done.description, "base": {"name": "owner/name", "sha256": None, "revision": "abc1"}}
    assert "base model: `owner/name`, revision `abc1`" in model_card(hub, done.dev)


def test_protected_texts_are_prompted_in_no_format_that_is_not_local(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @hookimpl
    def nerharness_formats() -> dict[str, Provider]:
        return {"asks": Provider("nerharness.formats.lines:LabelledLines", "a stranger's")}

    host = Host(builtin_modules())
    host.register(SimpleNamespace(nerharness_formats=nerharness_formats), package="strangers")
    monkeypatch.setattr("nerharness.runs.protection.go_offline", lambda: None)
    options = {**prompting().options, "vote_formats": "lines,asks"}
    voting = replace(prompting(), strategy="zero-shot+vote", options=options)
    learning = replace(spec(base, save_corpus(tmp_path)), prompting=voting)
    course = PromptedCourse(learning, read_data(learning, host), host)
    assert course.describe()["spec"]["protected"] is False
    (tmp_path / "corpus.toml").write_text("protected = true\n")
    course = PromptedCourse(learning, read_data(learning, host), host)
    with refused(UsageError, "format 'asks' does not declare that it is local"):
        course.describe()


def test_four_bits_without_a_gpu_are_refused_at_once(
    host: Host, base: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with refused(UsageError, "weights in 4 bits need a GPU.*--method lora"):
        train(spec(base, corpus, method="qlora"), host, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@needs_full
def test_where_a_checkpoint_finds_no_space_the_one_before_stays_and_is_gone_on_from(
    host: Host,
    base: Path,
    corpus: Path,
    trained: tuple[Path, Training],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    out, save = tmp_path / "full", torch.save
    done = trained[1].trained.steps

    def fail(value: Any, file: Any, *rest: Any, **more: Any) -> None:
        if f"checkpoint-{done}" in str(file) and "optimizer" in str(file):
            file = tmp_path / "nowhere"
            file.symlink_to(FULL)
        save(value, file, *rest, **more)

    monkeypatch.setattr("shutil.disk_usage", left(0))
    monkeypatch.setattr(torch, "save", fail)
    with refused(RunError, "no space left to save to.*go on from the last checkpoint"):
        train(spec(base, corpus), host, out)
    last = last_checkpoint(out)
    assert last is not None and last.name == f"checkpoint-{done // 2}"
    monkeypatch.undo()
    train(spec(base, corpus), host, out, resume=True)
    one, other = weights(trained[0]), weights(out)
    assert all((one[name] == other[name]).all() for name in one)
