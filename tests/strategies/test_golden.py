"""Every prompt that the built-in strategies and formats make, as files to be read by eye.

`python -m pytest tests/strategies/test_golden.py --update-golden` writes them; read the diff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from strategies.kit import InOrder

from nerharness.errors import UsageError
from nerharness.plugin import Task, Wording
from nerharness.plugin.host import Host, builtin_modules
from nerharness.report.prompts import prompt_text
from nerharness.segment import segment
from nerharness.templates import Templates
from nerharness.types import (
    Completion,
    Entity,
    Example,
    Label,
    LabelSet,
    Passage,
    Prompt,
    Reading,
    Span,
    Unit,
)

FOLDER = Path(__file__).parent / "golden"
HOST = Host(builtin_modules())
PAIRS = [(s, f) for s in HOST.offers("strategies") for f in HOST.offers("formats")]

LABELS = LabelSet(
    (
        Label("rare disease", "a disease of fewer than 1 in 2,000 people"),
        Label("sign", "an abnormality that others can observe or measure"),
        Label("other"),
    )
)
GUIDELINES = "- Leave articles out.\n- Annotate abbreviations in brackets on their own."
PASSAGES = (
    Passage("Gaucher disease", "Glucocerebroside fills macrophages.", ("GD",)),
    Passage("Fabry disease", "Pain in hands and feet begins in childhood."),
)


def example(text: str, *found: tuple[str, str]) -> Example:
    entities = [
        Entity.at(label, text.index(surface), text.index(surface) + len(surface))
        for surface, label in found
    ]
    return Example(segment(text, text), tuple(entities))


OWN = example(
    'Gaucher disease (GD) causes an "enlarged" spleen.',
    ("Gaucher disease", "rare disease"),
    ("GD", "rare disease"),
    ('"enlarged" spleen', "sign"),
)
TRAIN = (
    example("Fever is a sign of DIRA.", ("Fever", "sign"), ("DIRA", "rare disease")),
    example("The scan was normal."),
)


def made(strategy: str, form: str) -> str:
    """Hold the dialogue about one unit with a model that answers perfectly."""
    asked = HOST.make("formats", form)
    task = Task(
        LABELS,
        asked,
        examples=TRAIN,
        passages=PASSAGES,
        index=InOrder,
        formats=lambda name: HOST.make("formats", name),
        wording=Wording(Templates(more=(asked.template,)), GUIDELINES),
    )
    unit = Unit(OWN.document, Span(0, len(OWN.document.text)))
    answer = asked.demonstrate(OWN, LABELS)
    try:
        return "\n".join(_turns(HOST.make("strategies", strategy).solve(unit, task), answer))
    except UsageError as error:
        return f"refused: {error}\n"


def _turns(dialogue: Any, answer: str) -> Iterator[str]:
    said: list[Completion] | None = None
    turn = 0
    while True:
        try:
            prompts = next(dialogue) if said is None else dialogue.send(said)
        except StopIteration as end:
            assert isinstance(end.value, Reading)
            return
        turn += 1
        yield from _prompts(prompts, turn)
        said = [Completion(answer, "stop") for _ in prompts]


def _prompts(prompts: list[Prompt], turn: int) -> Iterator[str]:
    before: Prompt | None = None
    for number, prompt in enumerate(prompts, start=1):
        yield f"──── turn {turn}, prompt {number} of {len(prompts)} ────"
        if before is not None and prompt.messages == before.messages:
            yield f"the same messages\n{prompt_text(prompt).splitlines()[-1]}\n"
        else:
            yield f"{prompt_text(prompt)}\n"
        before = prompt


@pytest.mark.parametrize(("strategy", "form"), PAIRS)
def test_a_conversation_is_what_was_read_and_found_good(
    strategy: str, form: str, golden: Callable[[Path, str], None]
) -> None:
    golden(FOLDER / f"{strategy}.{form}.txt", made(strategy, form))


def test_no_golden_file_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{s}.{f}.txt" for s, f in PAIRS}
