"""What a trained model's folder says of it, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nerharness.metrics import Average, Counts
from nerharness.plugin.host import SINGULAR, Kind
from nerharness.runs.training_page import PAGE, PICTURE
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.figures import Averaging, Row


def model_card(description: Mapping[str, Any], dev: Agreement) -> str:
    """Return the text of the folder's README.md."""
    blocks = (_about(description), _scores(dev), _course(description), _settings(description))
    return "\n".join(line for block in blocks for line in block) + "\n"


_KINDS = {
    "encoder": ("A token classifier for named entities", (
        "Loads with `AutoModelForTokenClassification` of transformers; each word's tag is that of",
        "its first sub-word. With nerharness: `nerharness eval --tagger encoder --model DIR`.",
    )),
    "full": ("A language model that extracts named entities", (
        "Loads with `AutoModelForCausalLM` of transformers.",
        "With nerharness: `nerharness eval --backend hf --model DIR`, which asks as in training.",
    )),
    "lora": ("An adapter with which a language model extracts named entities", (
        "Loads with `PeftModel.from_pretrained(base, DIR)` of peft.",
        "With nerharness: `nerharness eval --backend hf --adapter DIR`, which asks as in training;",
        "`nerharness train merge` makes it and its base one model, which is asked so, too.",
    )),
}  # fmt: skip
_KINDS["qlora"] = _KINDS["lora"]


def _about(description: Mapping[str, Any]) -> Iterator[str]:
    base, documents = description["base"], description["documents"]
    title, use = _KINDS[description["method"]]
    yield f"# {title}"
    yield ""
    yield f"- base model: `{base['name']}`, {_known_by(description)}"
    yield f"- labels: {', '.join(description['labels'])}"
    counts = ", ".join(f"{count:,} documents of {name}" for name, count in documents.items())
    yield f"- data: `{description['corpus']}`, {counts}"
    for name, sha256 in description["sha256"].items():
        yield f"- SHA-256 of {name}: `{sha256}`"
    for one in description["mixed"]:
        yield (
            f"- mixed in: `{one['corpus']}`, {one['documents']:,} documents of train, "
            f"labels {', '.join(one['labels'])}, SHA-256 `{one['sha256']}`"
        )
    if spec := description.get("spec"):
        plugins = {kind: one["name"] for kind, one in spec["plugins"].items()}
        yield f"- prompts: strategy {plugins['strategies']}, format {plugins['formats']}"
        yield f"- SHA-256 of the first prompt: `{description['prompts']['first_prompt_sha256']}`"
    yield f"- made by nerharness {description['versions']['nerharness']} (`nerharness train`)"
    yield ""
    yield from use
    yield ""


def _known_by(description: Mapping[str, Any]) -> str:
    if sha256 := description["base"]["sha256"]:
        return f"SHA-256 `{sha256}`"
    return f"revision `{description['base']['revision']}`"


def _course(description: Mapping[str, Any]) -> Iterator[str]:
    yield "## Course"
    yield ""
    yield f"![loss on train and F1 on dev]({PICTURE})"
    yield ""
    yield f"{description['seconds']:,.0f} s; with a table of the epochs: [{PAGE}]({PAGE})."
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
    named = {
        **description["settings"],
        **{name: description[name] for name in ("tokens", "limit", "dev_limit", "dev_share")},
        **_prompting(description),
    }
    for name, value in named.items():
        yield f"- {name.replace('_', ' ')}: {'not given' if value is None else value}"
    yield f"- steps: {description['steps']:,}"


def _prompting(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides how a model is prompted, or which entities a classifier learns."""
    if policy := description.get("policy"):
        return {"policy": ":".join([policy["name"], *filter(None, [",".join(policy["labels"])])])}
    spec = description["spec"]
    plugins = spec["plugins"]
    kinds: tuple[Kind, ...] = ("strategies", "formats", "retrievers")
    return {
        **{SINGULAR[kind]: _with_options(plugins[kind]) for kind in kinds},
        **{name: spec[name] for name in ("unit", "decode", "hints", "knowledge", "threshold")},
        **{name: spec[name] for name in ("guidelines", "templates") if spec[name]},
        "dtype": plugins["backends"]["options"]["dtype"],
    }


def _with_options(plugin: Mapping[str, Any]) -> str:
    given = [f"{name} {value}" for name, value in plugin["options"].items() if value is not None]
    return f"{plugin['name']} ({', '.join(given)})" if given else str(plugin["name"])
