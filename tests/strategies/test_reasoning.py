"""Answers that begin with what the model thought: the answer is read, and nothing before it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from strategies.kit import hold, task, unit

from nerharness.plugin import Format, Task
from nerharness.plugin.host import Host
from nerharness.reasoning import without_reasoning
from nerharness.strategies.chat import read, whole
from nerharness.strategies.paper import Paper
from nerharness.strategies.verify import Verify
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.testing import EXAMPLES, LABELS
from nerharness.types import Completion, Label, LabelSet, Reading, Token

UNIT = whole(EXAMPLES[0])
THOUGHT = """<think>
sign: Wilson
Maybe [{"text": "Wilson", "label": "disease"}] or {"sign": ["Wilson"]}? <sign>Wilson</sign>
[Wilson | sign] @@Wilson## causes
Wilson : B-sign
1: drop
### Output:
</think>

"""
FORMATS = ["json", "json-by-label", "lines", "inline", "brackets", "markers", "bio"]


def unplaced(reading: Reading) -> Reading:
    """Return the reading without where mentions stand in the answer."""
    return replace(reading, mentions=tuple(replace(one, source=None) for one in reading.mentions))


def perfect(form: Format) -> tuple[str, Task]:
    """Return the perfect answer of a format about the unit, and the task it is for."""
    work = task(form=form)
    work = work.only("disease") if form.one_label else work
    return form.demonstrate(EXAMPLES[0], work.labels), work


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_what_follows(host: Host, name: str) -> None:
    answer, work = perfect(host.make("formats", name))
    plain = read(Completion(answer, "stop"), UNIT, work)
    assert plain.mentions
    assert plain.status == "clean"
    opened_by_the_template = THOUGHT.removeprefix("<think>")
    thoughts = (THOUGHT, f" \n{THOUGHT}", "<think></think>", "<think>\n\n</think>\n\n")
    for thought in (*thoughts, opened_by_the_template):
        found = read(Completion(thought + answer, "stop"), UNIT, work)
        assert unplaced(found) == unplaced(plain)
        for one, bare in zip(found.mentions, plain.mentions, strict=True):
            if one.source and bare.source:
                assert one.source == bare.source.shift(len(thought))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("finish", ["stop", "length"])
def test_nothing_of_a_thought_without_an_end_is_an_answer(
    host: Host, name: str, finish: str
) -> None:
    _, work = perfect(host.make("formats", name))
    found = read(Completion(THOUGHT.replace("</think>", ""), finish), UNIT, work)  # type: ignore[arg-type]
    assert (found.mentions, found.status) == ((), "failed")


def test_confidence_is_that_of_the_answer(host: Host) -> None:
    work = task(form=host.make("formats", "lines"))
    texts = ["<think>", "sign: tremor", "</think>", "\n", "sign: ", "tremor"]
    tokens = tuple(Token(text, -float(number)) for number, text in enumerate(texts))
    (found,) = read(Completion("".join(texts), "stop", tokens=tokens), UNIT, work).mentions
    assert found.confidence == pytest.approx(2.718281828459045**-5)


@pytest.mark.parametrize(
    ("answer", "text", "labels"),
    [
        ("I <think>so</think>: sign: fever", "fever", ["sign"]),
        ("<thinking>fever</thinking>", "fever", ["sign"]),
        ("so</think> sign: fever", "so</think> fever", ["sign"]),
        ("<think>Fever</think> rose.", "Fever rose.", ["sign", "think"]),
        ("<think> is a <sign>mark</sign>.", " <think> is a mark.", ["sign"]),
    ],
    ids=["in the middle", "another tag", "the text's own end", "a label", "the text's own"],
)
def test_what_is_no_thought_stays(answer: str, text: str, labels: list[str]) -> None:
    named = LabelSet(tuple(map(Label, labels)))
    assert without_reasoning(answer, unit(text), named) == answer


def test_a_verdict_and_the_study_s_prompt_are_read_behind_it_too(host: Host) -> None:
    said = iter([f"{THOUGHT}disease: Wilson disease", f"{THOUGHT}1: keep"])
    work = task(form=host.make("formats", "lines"))
    reading, _ = hold(Verify(ZeroShot(), verify_shots=0).solve(UNIT, work), lambda _: next(said))
    assert [(one.text, one.label) for one in reading.mentions] == [("Wilson disease", "disease")]
    form = host.make("formats", "bio")
    answer = f"{THOUGHT}### Output:\n{form.demonstrate(EXAMPLES[0], LABELS)}"
    reading, _ = hold(Paper(paper_shots=0).solve(UNIT, task(form=form)), lambda _: answer)
    assert (reading.status, len(reading.mentions)) == ("clean", 2)
