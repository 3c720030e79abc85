"""Log-probabilities of answers, compared with the model asked token by token."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends.tiny import ask, complete

from nerharness.types import Completion, Constraint, Prompt

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("llguidance")


@pytest.fixture(scope="module")
def reader(letters: Path) -> Any:
    """The tokenizer and model as transformers loads them, for forcing them by hand."""
    return (
        transformers.AutoTokenizer.from_pretrained(letters),
        transformers.AutoModelForCausalLM.from_pretrained(letters, dtype=torch.float32),
    )


def begun(reader: Any, prompt: Prompt) -> list[int]:
    tokenizer, _ = reader
    turns = [{"role": role, "content": content} for role, content in prompt.messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids: list[int] = tokenizer(text + prompt.prefix, add_special_tokens=False)["input_ids"]
    return ids


def scores(reader: Any, ids: list[int]) -> Any:
    with torch.no_grad():
        return reader[1](torch.tensor([ids])).logits[0]


def forced(reader: Any, before: list[int], answer: list[int], allowed: list[list[int]]) -> Any:
    """Return the log-probability of each token of `answer` among those allowed there."""
    logits = scores(reader, before + answer)[len(before) - 1 : -1]
    found = []
    for row, token, among in zip(logits, answer, allowed, strict=True):
        found.append(float(row[among].log_softmax(-1)[among.index(token)]))
    return pytest.approx(found, abs=1e-4)


def logprobs(completion: Completion) -> list[float]:
    assert completion.tokens is not None
    return [token.logprob for token in completion.tokens]


def texts(completion: Completion) -> list[str]:
    assert completion.tokens is not None
    return [token.text for token in completion.tokens]


def weighing(*questions: str, **rest: Any) -> list[Prompt]:
    return [replace(prompt, logprobs=True, **rest) for prompt in ask(*questions, limit=24)]


def test_tokens_are_only_there_when_asked_for(spelling: Any) -> None:
    plain, weighed = complete(spelling, [*ask("gout", limit=24), *weighing("gout")])
    assert plain.tokens is None
    assert weighed.tokens


def test_logprobs_are_those_of_the_model(spelling: Any, reader: Any) -> None:
    tokenizer, _ = reader
    for prompt, completion in zip(
        weighing("gout", "a fever"), complete(spelling, weighing("gout", "a fever")), strict=True
    ):
        ids = begun(reader, prompt)
        written: list[int] = []
        for _ in range(24):
            token = int(scores(reader, ids + written)[-1].argmax())
            if token == tokenizer.eos_token_id:
                break
            written.append(token)
        every = list(range(len(tokenizer)))
        assert logprobs(completion) == forced(reader, ids, written, [every] * len(written))


def test_logprobs_are_among_what_the_grammar_allows(spelling: Any, reader: Any) -> None:
    tokenizer, _ = reader
    bound = Constraint('start: /[xy]/ "éß" /[pqr]/')
    (prompt,) = weighing("gout", constraint=bound)
    (completion,) = complete(spelling, [prompt])
    answer = tokenizer(completion.text)["input_ids"]
    only = [[token] for token in answer]
    x, y, p, q, r = tokenizer.convert_tokens_to_ids(list("xypqr"))
    allowed = [[x, y], *only[1:-1], [p, q, r]]
    assert logprobs(completion) == forced(reader, begun(reader, prompt), answer, allowed)
    assert logprobs(completion)[1:-1] == pytest.approx([0.0] * 4, abs=1e-6)


def test_logprobs_after_a_given_beginning(spelling: Any, reader: Any) -> None:
    tokenizer, _ = reader
    (prompt,) = weighing("gout", constraint=Constraint("start: /[xyz]{5}/"), prefix="xz")
    (completion,) = complete(spelling, [prompt])
    answer = tokenizer(completion.text)["input_ids"]
    assert len(answer) == 3
    among = tokenizer.convert_tokens_to_ids(list("xyz"))
    assert logprobs(completion) == forced(reader, begun(reader, prompt), answer, [among] * 3)


@pytest.mark.parametrize("text", ["abba", "é", "患者🫠", "Größe 5 µm\n", "a🫠b"])
def test_the_texts_of_tokens_join_to_the_answer(spelling: Any, text: str) -> None:
    import json

    bound = Constraint(f"start: {json.dumps(text, ensure_ascii=False)}")
    (completion,) = complete(spelling, weighing("gout", constraint=bound))
    assert "".join(texts(completion)) == completion.text == text


def test_a_character_cut_between_tokens_counts_to_the_last(spelling: Any) -> None:
    (completion,) = complete(spelling, weighing("gout", constraint=Constraint('start: "a🫠b"')))
    assert texts(completion) == ["a", "", "", "", "🫠", "b"]


@pytest.mark.parametrize("weighed", [True, False])
@pytest.mark.parametrize("limit", [2, 3, 4])
def test_a_character_that_the_limit_cuts_is_left_out(
    spelling: Any, limit: int, weighed: bool
) -> None:
    """So that the answer can be gone on with from there."""
    (prompt,) = weighing("gout", constraint=Constraint('start: "a🫠b"'), max_tokens=limit)
    (completion,) = complete(spelling, [replace(prompt, logprobs=weighed)])
    assert (completion.text, completion.finish) == ("a", "length")
    (rest,) = complete(spelling, [replace(prompt, max_tokens=9, prefix="a")])
    assert rest.text == "🫠b"


def test_spaces_between_a_beginning_and_the_rest_are_kept() -> None:
    """Tokenizers that mark words by their space drop it at the beginning of a text only."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    from nerharness.backends.encoding import ChatEncoding

    vocabulary = {"<unk>": 0, "▁heart": 1, "▁failure": 2}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Metaspace()
    raw.decoder = decoders.Metaspace()
    encoding = ChatEncoding(transformers.PreTrainedTokenizerFast(tokenizer_object=raw))
    assert encoding.decode([2, 1], "heart") == " failure heart"
    assert encoding.decode_each([2, 1], "heart") == [" failure", " heart"]
    assert encoding.decode_each([2, 1], "") == ["failure", " heart"]
