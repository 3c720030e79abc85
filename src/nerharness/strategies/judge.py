"""The `judge` strategy: a question about each candidate, decided by the odds of two answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nerharness.errors import UsageError
from nerharness.phrases import phrases
from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.strategies.judging import Question, demonstrations
from nerharness.types import Mention, Reading, Unit

_Key = tuple[str, str]


class Judge:
    """Asks as `inner` asks, then of each candidate by itself whether it has its label.

    Candidates are what `inner` named and, as `judge_also` says, the run's hints, the phrases of the
    text, or both. One is kept if it has its label with a probability, of the two answers that there
    are, of at least `judge_threshold`; that is its confidence. Before each question demonstrations
    are judged, of `judge_shots` train examples.
    """

    def __init__(
        self, inner: Strategy, /, *, judge_shots: int, judge_threshold: float, judge_also: str
    ) -> None:
        if judge_shots < 0:
            raise UsageError(f"{judge_shots} is negative", where="--judge-shots")
        if not 0 <= judge_threshold <= 1:
            raise UsageError(
                f"must be from 0 to 1, got {judge_threshold}", where="--judge-threshold"
            )
        self._inner = inner
        self._shots = judge_shots
        self._threshold = judge_threshold
        self._also = judge_also

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the inner dialogue, then put the questions about all candidates in one turn."""
        reading = yield from self._inner.solve(unit, task)
        others = list(self._others(unit, task))
        known = {_key(one) for one in others}
        named = [one for one in reading.mentions if _key(one) not in known]
        questions = self._questions([*named, *others], unit, task)
        if not questions:
            return reading
        completions = yield [question.prompt for question in questions.values()]
        likely = {
            key: question.probability(completion)
            for (key, question), completion in zip(questions.items(), completions, strict=True)
        }
        # What was named stands unless it is judged wrong; what was not must be judged right.
        kept = [one for one in named if likely[_key(one)] is None]
        for one in (*named, *others):
            probability = likely[_key(one)]
            if probability is not None and probability >= self._threshold:
                kept.append(replace(one, confidence=probability))
        unjudged = sum(probability is None for probability in likely.values())
        return _noted(replace(reading, mentions=tuple(surest(kept))), unjudged)

    def _others(self, unit: Unit, task: Task) -> Iterator[Mention]:
        """Yield the candidates that no one named, each at each of its places."""
        hints = task.candidates(unit) if self._also in ("hints", "both") else []
        yield from hints
        if self._also in ("phrases", "both"):
            there = {(one.span, one.label) for one in hints}
            for span in phrases(unit.text, unit.tokens):
                for label in task.labels.names:
                    if (span, label) not in there:
                        yield Mention(unit.text[span.start : span.end], label, span)

    def _questions(
        self, mentions: Sequence[Mention], unit: Unit, task: Task
    ) -> dict[_Key, Question]:
        examples = task.demonstrations(unit, self._shots) if mentions else []
        solved = {
            label: demonstrations(examples, label, task)
            for label in dict.fromkeys(one.label for one in mentions)
        }
        return {
            key: Question.about(one, unit.text, task, solved[one.label])
            for key, one in {_key(one): one for one in mentions}.items()
        }


def surest(mentions: Iterable[Mention]) -> list[Mention]:
    """Return the mentions without those that get in the way of a surer one, in their order.

    With spans, two get in each other's way if they overlap and share a label, or are at the same
    place with two; if one of them has no span, if they share a label and one has the words of the
    other in it. Of two that are as sure the longer one stays.
    """
    ordered = list(mentions)
    ranked = sorted(ordered, key=lambda one: (-(one.confidence or 0), -len(one.text)))
    kept: list[Mention] = []
    for one in ranked:
        if not any(_rivals(one, other) for other in kept):
            kept.append(one)
    chosen = set(map(id, kept))
    return [one for one in ordered if id(one) in chosen]


def _rivals(one: Mention, other: Mention) -> bool:
    if one.span and other.span:
        apart = one.span.end <= other.span.start or other.span.end <= one.span.start
        return not apart and (one.label == other.label or one.span == other.span)
    a, b = one.text.casefold(), other.text.casefold()
    return a != b and one.label == other.label and (a in b or b in a)


def _key(mention: Mention) -> _Key:
    return mention.text, mention.label


def _noted(reading: Reading, unjudged: int) -> Reading:
    if not unjudged:
        return reading
    problems = Counter(reading.problems) + Counter(unjudged=unjudged)
    return replace(reading, status="repaired", problems=dict(problems))
