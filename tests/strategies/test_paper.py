"""The prompt of the RareDis study."""

from __future__ import annotations

import pytest
from strategies.kit import TRAIN, hold, task, unit

from nerharness.errors import UsageError
from nerharness.formats.bio import TokenPerLine
from nerharness.plugin import Decoding
from nerharness.strategies.paper import Paper
from nerharness.types import Document, Span, Unit

ANSWER = "### Output:\n[Tremor : B-sign]\n[. : O]"


def test_the_conversation_has_the_studys_shape() -> None:
    work = task(*TRAIN, form=TokenPerLine())
    reading, (prompt,) = hold(Paper(paper_shots=2).solve(unit("Tremor."), work), lambda _: ANSWER)
    assert prompt.messages[0].content.startswith("### Instruction:\n")
    assert prompt.messages[0].content.endswith("in the form [token : TAG].")
    assert "B-disease, I-disease, B-sign, I-sign, O." in prompt.messages[0].content
    assert [turn.content for turn in prompt.messages[1:]] == [
        "### Input:\nFever\ncame\n.",
        "### Output:\nFever : B-sign\ncame : O\n. : O",
        "### Input:\nGout\nhurts\n.",
        "### Output:\nGout : B-disease\nhurts : O\n. : O",
        "### Input:\nTremor\n.",
    ], "in the retriever's order, as the study's five are fixed"
    assert [(m.text, m.label) for m in reading.mentions] == [("Tremor", "sign")]
    assert reading.status == "clean"


def test_hints_stand_before_the_input() -> None:
    work = task(*TRAIN, form=TokenPerLine(), hints="train")
    asked = unit("Gout and fever.")
    _, (prompt,) = hold(Paper(paper_shots=0).solve(asked, work), lambda _: ANSWER)
    assert prompt.messages[-1].content == (
        "### Candidates:\nGout (disease)\nfever (sign)\n### Input:\nGout\nand\nfever\n."
    )


def test_each_token_has_one_line_whatever_white_space_it_holds() -> None:
    tokens = (Span(0, 7), Span(7, 8), Span(8, 10))
    asked = Unit(Document("own", "rare\n x\n\ty", tokens, ()), Span(0, 10))
    work = task(form=TokenPerLine())
    _, (prompt,) = hold(Paper(paper_shots=0).solve(asked, work), lambda _: ANSWER)
    assert prompt.messages[-1].content == "### Input:\nrare x\ny"


def test_a_constraint_begins_with_the_heading() -> None:
    work = task(form=TokenPerLine(), decoding=Decoding("grounded"))
    _, (prompt,) = hold(Paper(paper_shots=0).solve(unit("Tremor."), work), lambda _: ANSWER)
    assert prompt.constraint is not None
    assert prompt.constraint.grammar.startswith('start: "### Output:\\n" answer\nanswer: ')


def test_another_format_is_refused() -> None:
    with pytest.raises(UsageError, match="--format bio"):
        next(Paper(paper_shots=0).solve(unit("Tremor."), task()))
    with pytest.raises(UsageError, match="--paper-shots"):
        Paper(paper_shots=-1)
