"""Which epoch is kept: that with the best F1 of dev, of equal ones by macro F1, then the later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datasets")
pytest.importorskip("peft")
pytest.importorskip("trl")

import transformers
from backends import tiny
from safetensors.torch import load_file

from nerharness.runs.training_page import write_page
from nerharness.training.dev_score import DevScore
from nerharness.training.lessons import Lesson
from nerharness.training.prompted import train_prompted
from nerharness.training.settings import Progress, Settings
from nerharness.training.trainer import Trained

pytestmark = pytest.mark.filterwarnings("ignore")

LESSONS = [Lesson([5, 6, 7, 8, 9, 20, 21], 5), Lesson([5, 6, 7, 11, 20], 4)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words")
    tiny.save_words(path)
    return path


class KilledError(Exception):
    """Stands for a kill."""


def train(
    base: Path,
    out: Path,
    scores: Sequence[DevScore],
    *,
    patience: int = 0,
    killed: int = 0,
    resume: bool = False,
) -> tuple[Trained, list[Any]]:
    """Train whole epochs of one step that score so; return the weights after each, too."""
    told, after = list(scores), []

    def evaluate(model: Any) -> DevScore:
        after.append(model.lm_head.weight.detach().clone())
        return told.pop(0)

    def note(now: Progress) -> None:
        if killed and now.epoch > killed:
            raise KilledError

    done = train_prompted(
        transformers.AutoModelForCausalLM.from_pretrained(base),
        transformers.AutoTokenizer.from_pretrained(base),
        [Lesson([token % 18 for token in lesson.tokens], lesson.answer) for lesson in LESSONS],
        evaluate,
        Settings(epochs=len(scores), learning_rate=1e-3, batch_size=2, patience=patience),
        out,
        str(base),
        resume=resume,
        note=note,
    )
    return done, after


def kept(out: Path, after: Sequence[Any]) -> list[int]:
    """Return after which epochs, counted from 1, the weights were those that were written."""
    written = load_file(out / "model.safetensors")["lm_head.weight"]
    return [epoch for epoch, weight in enumerate(after, start=1) if weight.equal(written)]


CASES = {
    "the best": ([0.2, 0.5, 0.4], [0.2, 0.1, 0.9], 2),
    "all at 0": ([0, 0, 0], [0, 0, 0], 3),
    "the higher macro F1": ([0.5, 0.5, 0.5], [0.2, 0.4, 0.3], 2),
    "the later": ([0.1, 0.5, 0.5, 0.4], [0.1, 0.3, 0.3, 0.3], 3),
}


@pytest.mark.parametrize("name", CASES)
def test_the_epoch_that_is_kept_is(name: str, base: Path, tmp_path: Path) -> None:
    micro, macro, epoch = CASES[name]
    scores = [DevScore(*one) for one in zip(micro, macro, strict=True)]
    done, after = train(base, tmp_path / "out", scores)
    assert kept(tmp_path / "out", after) == [epoch]
    assert done.best_f1 == max(micro)
    description = {
        "base": {"name": "words"},
        "settings": {"batch_size": 2, "seed": 0},
        "method": "full",
        "corpus": "two",
        "steps": done.steps,
        "seconds": done.seconds,
        "history": [one._asdict() for one in done.history],
    }
    write_page(tmp_path, description)
    page = (tmp_path / "training.html").read_text(encoding="utf-8")
    assert page.count("(kept)") == page.count(f"<td>{epoch} (kept)</td>") == 1


def test_an_equal_f1_is_no_better_one_for_stopping_early(base: Path, tmp_path: Path) -> None:
    scores = [DevScore(0.5, macro) for macro in (0.1, 0.2, 0.2, 0.2, 0.2)]
    done, after = train(base, tmp_path / "whole", scores, patience=2)
    assert done.steps == 3
    assert kept(tmp_path / "whole", after) == [3]
    out = tmp_path / "broken"
    with pytest.raises(KilledError):
        train(base, out, scores, patience=2, killed=2)
    again, rest = train(base, out, scores[2:] + scores[:2], patience=2, resume=True)
    assert again.steps == 3
    assert len(rest) == 1
    assert kept(out, rest) == [1], "the third of all"
    assert rest[0].equal(after[2])
