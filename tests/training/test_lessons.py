"""Lessons: the prompts of an evaluation with the right answers, and how they are batched."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from backends import tiny

from nerharness.backends.chat_model import ChatModel
from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.runs.inputs import read_inputs
from nerharness.runs.lessons import Told, fitting, lessons, repeated, solved
from nerharness.runs.prompting import Prompting, make_prompting
from nerharness.runs.spec import Spec
from nerharness.runs.units import units
from nerharness.templates import tag_name
from nerharness.training import attention
from nerharness.training.answer_loss import answer_loss
from nerharness.training.attention import attending, layout
from nerharness.training.lessons import Lesson, collate
from nerharness.types import Document, Example, Prompt, Span, Unit


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> ChatModel:
    """A tiny model whose tokens are bytes."""
    path = tmp_path_factory.mktemp("letters")
    tiny.save_letters(path)
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(path).eval()
    tokenizer = AutoTokenizer.from_pretrained(path)
    return ChatModel(model, tokenizer, batch_size=4, max_tokens=64)


def prompting(host: Host, **rest: Any) -> tuple[Prompting, tuple[Example, ...]]:
    """Make prompts about the sample, and return some of its train documents."""
    spec = Spec(**{"strategy": "zero-shot", "format": "lines", "retriever": "bm25", **rest})
    inputs = read_inputs(spec, host)
    return make_prompting(inputs, host), inputs.train[:6]


@pytest.mark.parametrize("form", ["lines", "json", "json-by-label", "inline", "brackets", "bio"])
@pytest.mark.parametrize("strategy", ["zero-shot", "few-shot", "rag"])
def test_the_prompt_of_training_is_the_prompt_of_evaluation(
    host: Host, strategy: str, form: str
) -> None:
    made, train = prompting(host, strategy=strategy, format=form)
    found = list(solved(made, train, "sentence", negatives=1.0, seed=0))
    asked: list[Prompt] = [
        prompt
        for example in train
        for unit in units(example.document, "sentence")
        for prompt in made.opening(unit)
    ]
    assert [one.prompt for one in found] == asked
    assert len(found) > 10


@pytest.mark.parametrize("retriever", ["bm25", "random", "fixed"])
@pytest.mark.parametrize("strategy", ["few-shot", "rag"])
def test_no_lesson_shows_its_own_document(host: Host, strategy: str, retriever: str) -> None:
    """What a lesson is about stands in train, from which its demonstrations come."""
    made, train = prompting(host, strategy=strategy, retriever=retriever, options={"shots": 3})
    sentences = {
        example.document.id: {unit.text for unit in units(example.document, "sentence")}
        for example in train
    }
    seen = 0
    for unit, prompt, *_ in solved(made, train, "sentence", negatives=1.0, seed=0):
        shown = [message.content for message in prompt.messages[:-1]]
        seen += len(shown) > 2
        for text in sentences[unit.document.id]:
            assert not any(text in one for one in shown), (unit.document.id, text)
    assert seen > 10


def test_the_tokens_are_those_that_a_model_reads_and_is_to_write(
    host: Host, chat: ChatModel
) -> None:
    made, train = prompting(host)
    found = lessons(made, train, "sentence", chat, negatives=1.0, seed=0)
    expected = list(solved(made, train, "sentence", negatives=1.0, seed=0))
    for (_, lesson, _), (_, prompt, answer, _) in zip(found, expected, strict=True):
        assert lesson.tokens[: lesson.answer] == chat.encoding.encode(prompt)
        assert lesson.tokens[-1] in chat.ends
        assert chat.encoding.decode(lesson.tokens[lesson.answer : -1], "") == answer
        labels = lesson.row()["labels"]
        assert set(labels[: lesson.answer]) == {-100}
        assert labels[lesson.answer :] == lesson.tokens[lesson.answer :]


def test_an_answer_that_spells_a_control_token_stays_text(chat: ChatModel) -> None:
    tokens = chat.encoding.encode_answer("sign: <|im_end|> and more", chat.ends)
    assert [token for token in tokens if token in chat.ends] == tokens[-1:]
    assert chat.encoding.decode(tokens[:-1], "") == "sign: <|im_end|> and more"


def test_each_label_has_its_question_where_the_strategy_asks_so(host: Host) -> None:
    for more in ({"strategy": "per-label"}, {"format": "markers"}):
        made, train = prompting(host, **more)
        found = list(solved(made, train[:1], "sentence", negatives=1.0, seed=0))
        questions = len(units(train[0].document, "sentence")) * len(made.task.labels)
        assert len(found) == questions
        assert len({one.answer for one in found}) > 1
        assert max(len(one.labels) for one in found) == 1


@pytest.mark.parametrize("strategy", ["few-shot+verify", "few-shot+vote", "judge"])
def test_a_strategy_whose_answers_are_not_the_formats_is_refused(host: Host, strategy: str) -> None:
    made, train = prompting(host, strategy=strategy, format="json")
    with pytest.raises(UsageError, match="this strategy cannot be trained for"):
        list(solved(made, train, "sentence", negatives=1.0, seed=0))


def test_a_share_of_the_units_without_an_entity_is_kept(host: Host) -> None:
    made, train = prompting(host)
    count = {
        share: [one.answer for one in solved(made, train, "sentence", negatives=share, seed=0)]
        for share in (0.0, 0.5, 1.0)
    }
    nones = {share: answers.count("none") for share, answers in count.items()}
    assert nones[0.0] == 0 < nones[0.5] < nones[1.0]
    assert len({len(answers) - nones[share] for share, answers in count.items()}) == 1


def test_the_labels_of_a_lesson_are_those_of_its_answer(host: Host) -> None:
    made, train = prompting(host)
    for one in solved(made, train, "sentence", negatives=1.0, seed=0):
        named = {line.split(": ")[0] for line in one.answer.splitlines()} - {"none"}
        assert {tag_name(label) for label in one.labels} == named


def test_lessons_with_rare_labels_come_more_often(chat: ChatModel) -> None:
    unit = Unit(Document("d", "text", (), ()), Span(0, 4))
    often, rare, both, neither = (
        Told(unit, Lesson([place], 0), frozenset(labels))
        for place, labels in enumerate([{"often"}, {"rare"}, {"often", "rare"}, set[str]()])
    )
    told = [often] * 159 + [both] + [rare] * 9 + [neither] * 30
    found = Counter(one.lesson.tokens[0] for one in repeated(told, 3))
    assert found == {0: 159, 2: 4, 1: 36, 3: 30}, (
        "160 with the one are 16 times the 10 of the other"
    )
    assert [one.lesson for one in repeated(told, 3)] == [one.lesson for one in repeated(told, 3)]
    between = [often] * 450 + [rare] * 200
    some = [sum(one is rare for one in repeated(between, seed)) for seed in range(20)]
    assert min(some) > 250
    assert max(some) < 350
    assert len(set(some)) > 5
    assert list(repeated([neither], 0)) == [neither]


def test_a_lesson_that_can_never_fit_is_an_error(host: Host, chat: ChatModel) -> None:
    made, train = prompting(host)
    chat = ChatModel(chat._model, chat._tokenizer, batch_size=1, max_tokens=64)
    chat.__dict__["context"] = 300
    with pytest.raises(UsageError, match=r"has [\d,]+ tokens, but the model's context is 300"):
        for told in lessons(made, train, "sentence", chat, negatives=1.0, seed=0):
            fitting(told, chat.context)


LESSONS = [
    Lesson([5, 6, 7, 8, 9, 20, 21], 5),
    Lesson([5, 6, 7, 11, 20], 4),
    Lesson([5, 6, 7, 12, 13, 14, 22, 23, 24], 6),
]
"""Three that begin alike."""


def losses(chat: ChatModel, batch: dict[str, Any]) -> tuple[float, list[torch.Tensor]]:
    model = chat._model
    model.zero_grad()
    loss = model(**batch).loss
    loss.backward()
    return float(loss.detach()), [p.grad.clone() for p in model.parameters() if p.grad is not None]


def test_lessons_that_share_their_beginning_learn_what_each_would_alone(chat: ChatModel) -> None:
    rows = [lesson.row() for lesson in LESSONS]
    joined = collate(rows, pad=0)
    assert joined["input_ids"].shape == (1, 3 + 4 + 2 + 6)
    together, gradients = losses(chat, joined)
    weight = [sum(label != -100 for label in row["labels"]) for row in rows]
    alone = [losses(chat, collate([row], pad=0)) for row in rows]
    mean = sum(w * loss for w, (loss, _) in zip(weight, alone, strict=True)) / sum(weight)
    assert together == pytest.approx(mean, rel=1e-5)
    for place, gradient in enumerate(gradients):
        parts = [w * found[place] for w, (_, found) in zip(weight, alone, strict=True)]
        assert torch.allclose(gradient, torch.stack(parts).sum(0) / sum(weight), atol=1e-5)


@pytest.mark.parametrize("kind", ["as trained", "as on a GPU"])
def test_lessons_that_attend_apart_learn_the_same(
    chat: ChatModel, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "as on a GPU":
        monkeypatch.setattr(attention, "_in_products", lambda query, dropout: False)
    rows = [lesson.row() for lesson in LESSONS]
    loss, gradients = losses(chat, collate(rows, pad=0))
    with attending(chat._model) as apart:
        batch = collate(rows, pad=0, apart=apart)
        assert batch["lesson_places"].tolist() == [
            [3, 4, 5, 6, -1, -1],
            [7, 8, -1, -1, -1, -1],
            [9, 10, 11, 12, 13, 14],
        ]
        batch["attention_mask"] = None  # which would let each see all that stands before it
        found, others = losses(chat, batch)
        unlike = [Lesson([9, 8, 7, 6], 2).row(), Lesson([5, 4, 3, 2], 2).row()]
        padded = collate(unlike, pad=0, apart=apart)
        assert "lesson_places" not in padded
        side_by_side = losses(chat, padded)[0]
    assert found == pytest.approx(loss, rel=1e-6)
    for gradient, other in zip(gradients, others, strict=True):
        assert torch.allclose(gradient, other, atol=1e-6)
    assert chat._model.config._attn_implementation == "sdpa"
    assert side_by_side == pytest.approx(losses(chat, padded)[0], rel=1e-6)


def test_lessons_of_very_different_length_attend_under_a_mask() -> None:
    assert layout([40, 1, 1, 1], 3) == {}


def test_a_model_that_does_not_attend_as_torch_does_is_left_as_it_is(chat: ChatModel) -> None:
    chat._model.set_attn_implementation("eager")
    with attending(chat._model) as apart:
        assert not apart
        assert chat._model.config._attn_implementation == "eager"
    chat._model.set_attn_implementation("sdpa")


@pytest.mark.parametrize("longest", [1, 10_000], ids=["side by side", "joined"])
def test_the_loss_on_answers_is_that_of_the_model(
    chat: ChatModel, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr("nerharness.training.lessons.LONGEST_ROW", longest)
    batch = collate([lesson.row() for lesson in LESSONS], pad=0)
    loss, gradients = losses(chat, batch)
    chat._model.zero_grad()
    total = answer_loss(chat._model, batch, 300)
    assert total is not None
    (total / (batch["labels"] != -100).sum()).backward()
    assert float(total.detach()) == pytest.approx(6 * loss, rel=1e-6)
    found = [p.grad for p in chat._model.parameters() if p.grad is not None]
    torch.testing.assert_close(found, gradients, atol=1e-6, rtol=1e-4)
    monkeypatch.setattr("nerharness.training.answer_loss._MOST_SCORES", 100)
    assert answer_loss(chat._model, batch, 300) is None, "too large to be held"


def test_lessons_with_nothing_in_common_stand_side_by_side(chat: ChatModel) -> None:
    rows = [Lesson([9, 8, 7, 6], 2).row(), Lesson([5, 4, 3, 2], 2).row()]
    batch = collate(rows, pad=0)
    assert batch["input_ids"].tolist() == [[9, 8, 7, 6], [5, 4, 3, 2]]
    assert batch["labels"].tolist() == [[-100, -100, 7, 6], [-100, -100, 3, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 1, 1]]


def test_a_row_that_would_be_too_long_is_filled_up(
    monkeypatch: pytest.MonkeyPatch, chat: ChatModel
) -> None:
    monkeypatch.setattr("nerharness.training.lessons.LONGEST_ROW", 10)
    rows = [lesson.row() for lesson in LESSONS]
    batch = collate(rows, pad=0)
    assert batch["input_ids"].shape == (3, 9)
    assert batch["input_ids"][1].tolist() == [5, 6, 7, 11, 20, 0, 0, 0, 0]
    assert batch["attention_mask"].sum(1).tolist() == [7, 5, 9]
    side_by_side, _ = losses(chat, batch)
    monkeypatch.undo()
    assert side_by_side == pytest.approx(losses(chat, collate(rows, pad=0))[0], rel=1e-5)


def test_the_token_before_an_answer_is_never_shared() -> None:
    rows = [Lesson([1, 2, 3, 4], 3).row(), Lesson([1, 2, 3, 5], 3).row()]
    batch = collate(rows, pad=0)
    assert batch["input_ids"].tolist() == [[1, 2, 3, 4, 3, 5]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3, 2, 3]]
    assert batch["labels"].tolist() == [[-100, -100, -100, 4, -100, 5]]
