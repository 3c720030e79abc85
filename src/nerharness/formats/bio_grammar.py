"""Grammars of token-per-line answers in which only tags follow each other that may."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.grammar import literal


def any_lines(labels: Sequence[str]) -> str:
    """Return the grammar of one or more lines with any word and a tag."""
    inside = [f"in{place}" for place in range(len(labels))]
    rules = ["start: out", _any_line("out", labels, inside)]
    for rule, label in zip(inside, labels, strict=True):
        rules.append(f"{_any_line(rule, labels, inside)} | {_any_way(f'I-{label}', rule)}")
    return "\n".join([*rules, r"WORD: /\S+/"])


def _any_line(name: str, labels: Sequence[str], inside: Sequence[str]) -> str:
    begins = [_any_way(f"B-{label}", to) for label, to in zip(labels, inside, strict=True)]
    return f"{name}: " + " | ".join([_any_way("O", "out"), *begins])


def _any_way(tag: str, following: str) -> str:
    return f'WORD {literal(f" : {tag}")} ("\\n" {following})?'


def lines_of(words: Sequence[str], labels: Sequence[str]) -> str:
    """Return the grammar of a line for each of the words, in order."""
    rules = [
        _line_of(f"line{at}", word, labels, f"line{at + 1}" if at + 1 < len(words) else None)
        for at, word in enumerate(words)
    ]
    return "\n".join(["start: line0::0" if words else 'start: ""', *rules])


def _line_of(name: str, word: str, labels: Sequence[str], following: str | None) -> str:
    """Return the rule of a line; its parameter is the label, counted from 1, that may go on."""
    tags = [("O", 0, "")]
    for place, label in enumerate(labels, start=1):
        tags += [(f"B-{label}", place, ""), (f"I-{label}", place, f" %if eq(_, {place})")]
    ways = [
        literal(f"{word} : {tag}")
        + (f' "\\n" {following}::{place}' if following else "")
        + condition
        for tag, place, condition in tags
    ]
    return f"{name}::_ : {' | '.join(ways)}"
