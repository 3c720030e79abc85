"""What a trained model's folder says of it, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nerharness.metrics import Average, Counts
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.figures import Averaging, Row


def model_card(description: Mapping[str, Any], dev: Agreement) -> str:
    """Return the text of the folder's README.md."""
    return "\n".join([*_about(description), *_scores(dev), *_settings(description)]) + "\n"


def _about(description: Mapping[str, Any]) -> Iterator[str]:
    base, documents = description["base"], description["documents"]
    yield "# A token classifier for named entities"
    yield ""
    yield f"- base model: `{base['name']}`, SHA-256 `{base['sha256']}`"
    yield f"- labels: {', '.join(description['labels'])}"
    yield (
        f"- data: `{description['corpus']}`, {documents['train']:,} documents of train, "
        f"{documents['dev']:,} of dev"
    )
    for split, sha256 in description["sha256"].items():
        yield f"- SHA-256 of {split}: `{sha256}`"
    yield f"- made by nerharness {description['versions']['nerharness']} (`nerharness train`)"
    yield ""
    yield "Loads with `AutoModelForTokenClassification` of transformers; each word's tag is that of"
    yield "its first sub-word. With nerharness: `nerharness eval --tagger encoder --model DIR`."
    yield ""


def _scores(dev: Agreement) -> Iterator[str]:
    yield "## Dev"
    yield ""
    yield "The epoch that was kept is the best one on dev: expect less of texts not seen."
    yield ""
    yield "| strict match | precision | recall | F1 | 95 % |"
    yield "|---|---|---|---|---|"
    scores, known = dev.protocols["strict"], dev.intervals["strict"]
    averages = ((Averaging.MICRO, scores.micro), (Averaging.MACRO, scores.macro))
    rows: Iterable[tuple[Row, Counts | Average]] = (*scores.labels.items(), *averages)
    for name, row in rows:
        found = known.get((name, "f1"))
        shown = f"*{name.value}*" if isinstance(name, Averaging) else name
        interval = f"{found.percentile.low:.3f}–{found.percentile.high:.3f}" if found else ""
        yield f"| {shown} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | {interval} |"
    yield ""
    for warning in dev.warnings:
        yield f"Warning: {warning}."
        yield ""


def _settings(description: Mapping[str, Any]) -> Iterator[str]:
    yield "## Settings"
    yield ""
    for name, value in description["settings"].items():
        yield f"- {name.replace('_', ' ')}: {value}"
    yield f"- steps: {description['steps']:,}"
