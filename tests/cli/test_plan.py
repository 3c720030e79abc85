"""`nerharness plan`: what `eval` would ask, counted, with no model asked and no run written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nerharness.plugin import Provider, hookimpl
from nerharness.plugin.host import Host
from nerharness.pricing import GivenPrice
from nerharness.runs.later_turns import TRIED
from nerharness.runs.plan import Later
from nerharness.templates import builtin
from nerharness.types import Completion, Prompt

Cli = Callable[..., Any]
Answering = Callable[[Callable[[Prompt], Completion | str]], list[Prompt]]

FLAGS = ["--backend", "scripted", "--retriever", "random"]


@pytest.fixture
def asked(answering: Answering) -> list[Prompt]:
    return answering(lambda prompt: "[]")


def messages(prompt: dict[str, Any]) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in prompt["messages"]]


@pytest.mark.parametrize("strategy", ["zero-shot", "few-shot", "rag", "per-label"])
@pytest.mark.parametrize("form", ["json", "bio"])
def test_the_prompts_are_those_that_eval_sends(
    cli: Cli, asked: list[Prompt], strategy: str, form: str
) -> None:
    flags = [*FLAGS, "--strategy", strategy, "--format", form, "--limit", "2", "--unit", "document"]
    plan = cli("plan", *flags, "--show", "9", "--json")
    assert (plan.code, plan.err, asked) == (0, "", [])
    assert cli("eval", *flags).code == 0
    shown = [messages(prompt) for unit in plan.json["shown"] for prompt in unit["prompts"]]
    assert sorted(shown) == sorted([tuple(turn) for turn in one.messages] for one in asked)
    assert plan.json["prompts"] == len(asked)
    assert (plan.json["documents"], plan.json["units"]) == (2, 2)


def test_counts_are_of_the_whole_run_whatever_is_shown(cli: Cli, asked: list[Prompt]) -> None:
    flags = [*FLAGS, "--strategy", "zero-shot", "--limit", "5"]
    (few, many) = (cli("plan", *flags, "--json", "--show", n).json for n in (0, 50))
    shown, units = many.pop("shown"), many["units"]
    assert few.pop("shown") == []
    assert few == many
    assert len(shown) == units > 5
    cli("eval", *flags)
    assert few["characters"] == sum(len(text) for one in asked for _, text in one.messages)
    assert few["answer_tokens"] == sum(one.max_tokens or 0 for one in asked)


def test_without_a_counter_tokens_are_an_estimate_that_says_so(
    cli: Cli, asked: list[Prompt]
) -> None:
    plan = cli("plan", *FLAGS, "--json").json
    assert "'scripted' cannot count" in plan["estimated"]
    assert plan["prompt_tokens"] == pytest.approx(plan["characters"] / 4, rel=0.02)
    out = cli("plan", *FLAGS).out
    assert f"about {plan['prompt_tokens']:,}" in out
    assert "estimated, 4 bytes each: backend 'scripted' cannot count" in out


class Words:
    """Counts words."""

    def __init__(self, *, max_tokens: int) -> None:
        pass

    def count(self, prompt: Prompt, /) -> int:
        return sum(len(content.split()) for _, content in prompt.messages)


def refuse(**_: object) -> None:
    raise AssertionError("the model is loaded")


@pytest.fixture
def heavy(host: Host, asked: list[Prompt]) -> None:
    """A backend whose model must not be loaded, with a counter of its own."""
    from nerharness.plugin import Option

    bound = Option("max_tokens", int, 7, "upper bound")

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        return {"heavy": Provider(refuse, "must not be made", (bound,), counter=Words)}

    host.register(SimpleNamespace(nerharness_backends=nerharness_backends), package="heavy")


def test_a_backends_counter_counts_and_its_model_is_not_loaded(cli: Cli, heavy: None) -> None:
    flags = ["--backend", "heavy", "--strategy", "zero-shot", "--show", "99", "--json"]
    plan = cli("plan", *flags, "--limit", "3").json
    prompts = [messages(prompt) for unit in plan["shown"] for prompt in unit["prompts"]]
    sizes = [sum(len(content.split()) for _, content in turns) for turns in prompts]
    assert plan["estimated"] is None
    assert (plan["prompt_tokens"], plan["longest_prompt"]) == (sum(sizes), max(sizes))
    assert plan["answer_tokens"] == 7 * len(prompts), "the backend's bound is lower"


def test_hf_counts_with_its_tokenizer_alone(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, packaged: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", refuse)
    flags = ["--strategy", "zero-shot", "--limit", "2", "--show", "9", "--json"]
    plan = cli("plan", *flags).json
    assert plan["estimated"] is None
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        str(packaged.parent), gguf_file=packaged.name
    )
    total = 0
    for unit in plan["shown"]:
        (prompt,) = unit["prompts"]
        text = tokenizer.apply_chat_template(
            prompt["messages"], tokenize=False, add_generation_prompt=True
        )
        total += len(tokenizer(text, add_special_tokens=False)["input_ids"])
    assert plan["prompt_tokens"] == total
    lost = cli("plan", *flags, "--model", "nowhere.gguf").json
    assert "no file, folder or known model" in lost["estimated"]


def test_no_run_is_written(cli: Cli, asked: list[Prompt]) -> None:
    assert cli("plan", *FLAGS).code == 0
    assert list(Path().iterdir()) == []


def test_the_page_about_it_names_every_key(cli: Cli, asked: list[Prompt]) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "prompts.md").read_text(encoding="utf-8")
    (listed,) = re.findall(
        r"^With `--json` it is one object: (.*?)\n\n", page, re.DOTALL | re.MULTILINE
    )
    plan = cli("plan", *FLAGS, "--json").json
    named = {*plan, "expected", "most", *plan["templates"][0], *plan["shown"][0], *Later._fields}
    assert named == set(re.findall(r"`(?!null)(\w+)`", listed))


def test_the_page_marks_roles_and_shows_each_message_as_it_is(
    cli: Cli, asked: list[Prompt]
) -> None:
    flags = [*FLAGS, "--strategy", "few-shot", "--shots", "1", "--limit", "1"]
    out = cli("plan", *flags).out
    cli("eval", *flags)
    body = "\n".join(f"[{role}]\n{content}" for role, content in asked[0].messages)
    assert out.startswith(f"── test-001 [0, 142) ──\n{body}\n[answer: at most ")
    assert out.count("──") == 2
    assert cli("plan", *flags, "--show", "2").out.count("──") == 4


def test_room_for_reasoning_is_shown_and_counted(cli: Cli, asked: list[Prompt]) -> None:
    flags = [*FLAGS, "--strategy", "few-shot+verify", "--limit", "5"]
    plain = cli("plan", *flags, "--json").json
    plan = cli("plan", *flags, "--reasoning-tokens", "1000", "--json").json
    assert plain["reasoning_tokens"] == 0
    room = 1000 * plan["prompts"]
    assert plan["reasoning_tokens"] == room
    for key in ("answer_tokens", "expected_tokens"):
        assert plan[key] == plain[key] + room
    later = plan["later"]
    more = later["answer_tokens"] - plain["later"]["answer_tokens"]
    assert more == pytest.approx(1000 * later["prompts"], abs=500), "prompts are rounded"
    (prompt,) = plan["shown"][0]["prompts"]
    out = cli("plan", *flags, "--reasoning-tokens", "1000").out
    assert f"at most {prompt['max_tokens']} tokens, 1000 of them for reasoning" in out
    assert f"as long as in train, with {room:,} for reasoning" in out
    assert "reasoning" not in cli("plan", *flags).out


def test_decode_shows_the_grammar(cli: Cli, asked: list[Prompt]) -> None:
    assert "[grammar" not in cli("plan", *FLAGS).out
    out = cli("plan", *FLAGS, "--decode", "schema").out
    assert '[grammar of the answer]\nstart: "["' in out
    (prompt,) = cli("plan", *FLAGS, "--decode", "schema", "--json").json["shown"][0]["prompts"]
    assert prompt["grammar"] in out


def test_templates_are_named_with_digests_and_whose_they_are(cli: Cli, asked: list[Prompt]) -> None:
    Path("mine/formats").mkdir(parents=True)
    own = "Find these: {{ labels | map(attribute='name') | join(' ') }}"
    Path("mine/formats/json.jinja").write_text(own, encoding="utf-8")
    plan = cli("plan", *FLAGS, "--templates", "mine", "--json").json
    templates = {template["name"]: template for template in plan["templates"]}
    assert set(templates) == {"formats/json", "question", "system"}, "not those of other formats"
    assert templates["formats/json"] == {
        "name": "formats/json",
        "sha256": hashlib.sha256(own.encode()).hexdigest(),
        "replaced_by": "mine/formats/json.jinja",
    }
    source = builtin("system").source
    assert templates["system"]["sha256"] == hashlib.sha256(source.encode()).hexdigest()
    assert templates["system"]["replaced_by"] is None
    out = cli("plan", *FLAGS, "--templates", "mine").out
    assert "Find these: disease rare_disease" in out
    assert "yours: mine/formats/json.jinja" in out


def test_guidelines_stand_in_the_prompts(cli: Cli, asked: list[Prompt]) -> None:
    Path("rules.md").write_text("- No articles.\n", encoding="utf-8")
    out = cli("plan", *FLAGS, "--guidelines", "rules.md").out
    assert "Annotation guidelines:\n- No articles." in out


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["--tagger", "gazetteer"], "--tagger"),
        (["--shots", "3", "--strategy", "zero-shot"], "--shots"),
        (["--templates", "nowhere"], "--templates"),
        (["--templates", "broken"], "template 'formats/json': cannot be filled in: ZeroDivisionE"),
        (["--strategy", "candidates"], "--strategy candidates: names nothing but hints"),
        (["--strategy", "candidates+verify"], "--strategy candidates+verify: names nothing"),
        (["--strategy", "candidates+per-label+vote"], "names nothing but hints"),
        (["--strategy", "candidates+judge", "--judge-also", "hints"], "names nothing but hints"),
        (["--strategy", "vote", "--vote-formats", ","], "--vote-formats"),
        (["--show", "-1"], "--show"),
        (["--out", "run"], "--out"),
        (["--continuations", "-1"], "--continuations"),
        (["--reasoning-tokens", "-1"], "--reasoning-tokens"),
    ],
)
def test_a_mistake_is_one_line(cli: Cli, asked: list[Prompt], flags: list[str], fault: str) -> None:
    Path("broken/formats").mkdir(parents=True)
    Path("broken/formats/json.jinja").write_text("{{ 1 / 0 }}", encoding="utf-8")
    outcome = cli("plan", *FLAGS, *flags)
    assert (outcome.code, outcome.out) == (2, "")
    assert fault in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "flags",
    [
        ["--strategy", "candidates", "--hints", "train"],
        ["--strategy", "candidates+verify", "--hints", "train"],
        ["--strategy", "candidates+judge"],
        ["--strategy", "candidates+judge+verify", "--judge-also", "phrases"],
    ],
)
def test_candidates_need_hints_or_a_judge(cli: Cli, asked: list[Prompt], flags: list[str]) -> None:
    assert cli("plan", *FLAGS, *flags).code == 0


def test_a_config_file_of_eval_does_for_plan(cli: Cli, asked: list[Prompt]) -> None:
    text = 'out = "run"\nstrategy = "zero-shot"\nbackend = "scripted"\nlimit = 1\n'
    Path("eval.toml").write_text(text, encoding="utf-8")
    plan = cli("plan", "--config", "eval.toml", "--json")
    assert (plan.code, plan.json["documents"]) == (0, 1)
    Path("eval.toml").write_text("shout = 1\n", encoding="utf-8")
    outcome = cli("plan", "--config", "eval.toml")
    assert outcome.code == 2
    assert "unknown setting 'shout'" in outcome.err
    assert json.loads(plan.out)


def save_corpus(size: int, *, train: bool = True) -> None:
    """Save documents of which every second one has an entity."""
    Path("corpus").mkdir()
    labels = (f'[[labels]]\nname = "{name}"\ndefinition = "x"\n' for name in ("sign", "other"))
    Path("labels.toml").write_text("".join(labels), encoding="utf-8")
    lines = []
    for number in range(size):
        text = f"Case {number} had {'gout' if number % 2 else 'rest'} for long."
        start = text.find("gout")
        entities = [{"start": start, "end": start + 4, "label": "sign"}] if start >= 0 else []
        lines.append(json.dumps({"id": f"d{number}", "text": text, "entities": entities}) + "\n")
    for split in ("train", "test") if train else ("test",):
        Path(f"corpus/{split}.jsonl").write_text("".join(lines), encoding="utf-8")


def perfect(prompt: Prompt) -> str:
    """Answer the first turn as train does, and judge nothing."""
    question = prompt.messages[-1].content
    if "\n1. " in question or "1:" in question:
        return ""
    return '[{"text": "gout", "label": "sign"}]' if "gout" in question else "[]"


CORPUS = ["--corpus", "corpus", "--labels", "labels.toml", "--backend", "scripted"]
BARE = [*CORPUS, "--retriever", "random", "--unit", "document", "--verify-shots", "0"]


@pytest.mark.parametrize(("strategy", "opening"), [("verify", 1), ("per-label+verify", 2)])
def test_later_turns_are_those_of_a_run_with_right_answers(
    cli: Cli, answering: Answering, strategy: str, opening: int
) -> None:
    asked = answering(perfect)
    save_corpus(10)
    plan = cli("plan", *BARE, "--strategy", strategy, "--json").json
    assert (plan["prompts"], plan["later"]["tried"], plan["later"]["prompts"]) == (
        10 * opening, 10, 5,
    )  # fmt: skip
    assert cli("eval", *BARE, "--strategy", strategy).code == 0
    assert len(asked) == plan["prompts"] + plan["later"]["prompts"]
    later = [prompt for prompt in asked if perfect(prompt) == ""]
    assert len(later) == 5
    sizes = [sum(len(text.encode()) for _, text in prompt.messages) for prompt in later]
    assert plan["later"]["prompt_tokens"] == sum(-(-size // 4) for size in sizes)
    assert plan["later"]["answer_tokens"] == sum(prompt.max_tokens or 0 for prompt in later)


def test_each_prompt_of_a_later_turn_is_one(cli: Cli, answering: Answering) -> None:
    answering(perfect)
    save_corpus(10)
    plan = cli(
        "plan", *CORPUS, "--unit", "document", "--strategy", "zero-shot+judge", "--json"
    ).json
    phrases, labels = len(["Case", "gout", "long"]), len(["sign", "other"])
    assert plan["later"]["prompts"] == 10 * phrases * labels


def test_later_turns_are_scaled_from_units_that_are_drawn_from_train(
    cli: Cli, answering: Answering
) -> None:
    answering(perfect)
    save_corpus(4 * TRIED)
    later = cli("plan", *BARE, "--strategy", "verify", "--json").json["later"]
    assert later["tried"] == TRIED
    assert later["prompts"] == pytest.approx(2 * TRIED, rel=0.3), "half of them, but for chance"
    assert later["prompts"] % 4 == 0, "four for each that was tried"


def test_all_later_turns_count(cli: Cli, asked: list[Prompt]) -> None:
    save_corpus(10)
    flags = ["--strategy", "verify+judge", "--judge-also", "hints", "--judge-shots", "0"]
    later = cli("plan", *BARE, *flags, "--json").json["later"]
    assert later["prompts"] == 5 + 5, "to verify, and to judge what is left as it was"


@pytest.mark.parametrize("inner", ["vote", "per-label+vote", "vote+per-label"])
def test_each_of_several_answers_to_a_question_is_right(
    cli: Cli, answering: Answering, inner: str
) -> None:
    answering(perfect)
    save_corpus(6)
    plan = cli("plan", *BARE, "--strategy", f"{inner}+verify", "--json").json
    assert plan["prompts"] in (6 * 5, 6 * 5 * 2)
    assert plan["later"]["prompts"] == 3


def test_where_there_are_no_later_turns_nothing_is_said(cli: Cli, asked: list[Prompt]) -> None:
    assert cli("plan", *FLAGS, "--json").json["later"] is None
    assert "later turns" not in cli("plan", *FLAGS).out
    assert cli("plan", *FLAGS, "--strategy", "per-label", "--json").json["later"] is None


def test_without_train_the_plan_says_that_it_knows_no_later_turns(
    cli: Cli, answering: Answering
) -> None:
    answering(perfect)
    save_corpus(4, train=False)
    assert cli("plan", *BARE, "--strategy", "verify", "--json").json["later"] is None
    out = cli("plan", *BARE, "--strategy", "verify").out
    assert "later turns, if there are any, are not counted: there is no train" in out


def test_later_turns_have_a_cost(cli: Cli, asked: list[Prompt], host: Host) -> None:
    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        price = GivenPrice(1e6, 1e6)
        return {"dear": Provider(refuse, "must not be made", price=lambda _: price)}

    host.register(SimpleNamespace(nerharness_backends=nerharness_backends), package="dear")
    flags = ["--backend", "dear", "--strategy", "verify", "--retriever", "random", "--limit", "9"]
    later = cli("plan", *flags, "--json").json["later"]
    assert later["cost"] == pytest.approx(later["prompt_tokens"] + later["answer_tokens"], rel=0.01)
    out = cli("plan", *flags, "--show", "0").out
    assert f"  prompts        about {later['prompts']:,}\n" in out.partition("later turns")[2]
    assert f"  cost           at most about ${later['cost']:.4f}" in out
