"""`--backend replay`: recorded answers read, aligned and scored again, without a model."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness.types import Completion, Prompt, Token, Usage

Cli = Callable[..., Any]
Answering = Callable[[Callable[[Prompt], Completion | str]], list[Prompt]]


def answer(prompt: Prompt) -> Completion:
    """Name the longest word of the text, changed a little, as a sign; weigh it if asked."""
    word = max(prompt.messages[-1].content.split(), key=len).strip(".,;:()")
    text = json.dumps([{"text": f"{word}x", "label": "sign"}])
    tokens = tuple(Token(letter, -0.01 * place) for place, letter in enumerate(text))
    return Completion(text, "stop", Usage(7, 3), tokens=tokens if prompt.logprobs else None)


def replay(*flags: object) -> list[object]:
    return ["eval", "--backend", "replay", "--recorded", "run", *flags, "--json"]


ZERO = ("--strategy", "zero-shot", "--unit", "document", "--limit", "8")


@pytest.fixture
def recorded(cli: Cli, answering: Answering, scripted_eval: list[str]) -> dict[str, Any]:
    """The scores of a run in `run/` over the sample corpus."""
    answering(answer)
    outcome = cli(*scripted_eval, "--limit", "8", "--out", "run", "--json")
    assert outcome.code == 0
    return outcome.json  # type: ignore[no-any-return]


def without_costs(scores: dict[str, Any]) -> dict[str, Any]:
    return {**scores, "usage": None, "seconds": None}


def test_a_replayed_run_scores_as_the_recorded_one_and_costs_nothing(
    cli: Cli, recorded: dict[str, Any]
) -> None:
    outcome = cli(*replay(*ZERO, "--out", "again"))
    assert outcome.code == 0, outcome.err
    assert without_costs(outcome.json) == without_costs(recorded)
    answers = recorded["outputs"]["total"]
    usage = outcome.json["usage"]
    assert (usage["cached"], usage["cost"]) == (answers, None)
    assert not any(number for name, number in usage.items() if name not in ("cached", "cost"))
    model = json.loads(Path("again/run.json").read_text())["model"]
    assert model["model"] == "scripted"
    assert len(model["replayed_sha256"]) == 64


def test_a_threshold_can_be_changed_and_changed_back(cli: Cli, recorded: dict[str, Any]) -> None:
    assert recorded["mentions"]["fuzzy"] > 3
    strict = cli(*replay(*ZERO, "--threshold", "1", "--out", "strict")).json
    assert strict["mentions"]["fuzzy"] == 0
    assert strict["mentions"]["ungrounded"] > recorded["mentions"]["ungrounded"]
    back = cli("eval", "--backend", "replay", "--recorded", "strict", *ZERO, "--json").json
    assert without_costs(back) == without_costs(recorded)


def test_other_prompts_fail_and_say_what_the_run_was_made_with(
    cli: Cli, recorded: dict[str, Any]
) -> None:
    outcome = cli(*replay(*ZERO, "--format", "lines", "--limit", "3"))
    assert outcome.code == 1
    assert outcome.json["documents"] == {"total": 3, "failed": 3}
    assert "this prompt is not in run" in outcome.err
    assert "--strategy zero-shot --format json" in outcome.err
    assert "--unit document" in outcome.err


def test_recorded_answers_are_read_in_another_format(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(lambda _: 'sign: xyzzy\n[{"text": "plugh", "label": "disease"}]')
    assert cli(*scripted_eval, "--limit", "3", "--out", "run").code == 0
    assert cli(*replay(*ZERO, "--limit", "3", "--read-as", "lines", "--out", "other")).json
    assert invented("run") == {("plugh", "disease")}
    assert invented("other") == {("xyzzy", "sign")}
    spec = json.loads(Path("other/run.json").read_text())["spec"]
    assert (spec["plugins"]["formats"]["name"], spec["read_as"]) == ("json", "lines")
    outcome = cli("eval", "--resume", "other", "--read-as", "json")
    assert outcome.code == 2
    assert "spec.read_as was 'lines', is 'json'" in outcome.err


def test_reasoning_is_recorded_told_and_not_read(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(lambda _: '<think>sign: xyzzy?</think>\n[{"text": "plugh", "label": "disease"}]')
    outcome = cli(*scripted_eval, "--limit", "3", "--out", "run")
    assert "reasoning  3 answers begin with it; it is not read" in outcome.out
    assert "repaired 0 (0.0%)" in outcome.out
    again = cli(*replay(*ZERO, "--limit", "3", "--read-as", "lines", "--out", "other")).json
    assert again["outputs"]["reasoning"] == 3
    assert (invented("run"), invented("other")) == ({("plugh", "disease")}, set())


def test_a_format_that_asks_for_one_label_at_a_time_reads_no_run_of_another(
    cli: Cli, recorded: dict[str, Any]
) -> None:
    outcome = cli(*replay(*ZERO, "--limit", "3", "--read-as", "markers"))
    assert outcome.json["documents"] == {"total": 3, "failed": 3}
    assert "in markers, which asks for one label at a time, only if the run asked so" in outcome.err


def invented(run: str) -> set[tuple[str, str]]:
    """The mentions of a run that are not in the text, with their labels."""
    lines = Path(run, "journal.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return {(text, label) for record in records for text, label in record["ungrounded"]}


def test_a_format_to_read_as_that_is_not_there_is_an_error(cli: Cli) -> None:
    outcome = cli("eval", "--read-as", "jason")
    assert outcome.code == 2
    assert "unknown format 'jason'; did you mean 'json'?" in outcome.err


def test_documents_that_were_not_recorded_fail_alone(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(answer)
    cli(*scripted_eval, "--limit", "3", "--out", "run")
    outcome = cli(*replay(*ZERO, "--limit", "5"))
    assert outcome.code == 1
    assert outcome.json["documents"] == {"total": 5, "failed": 2}


def test_a_recorded_failure_stays_one(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answers = iter(["[]", Completion("", "error", error="no luck"), "[]"])
    answering(lambda prompt: next(answers))
    cli(*scripted_eval, "--limit", "3", "--out", "run")
    outcome = cli(*replay(*ZERO, "--limit", "3"))
    assert outcome.json["documents"] == {"total": 3, "failed": 1}
    assert "it was an error when it was recorded" in outcome.err


WORDS = ["Patient", "had", "gout", "and", "ataxia", "with", "fever"]


TWINS = ["--corpus", "twins"]


def write_twins() -> None:
    """Write a corpus of six documents with one text."""
    Path("twins").mkdir()
    lines = [json.dumps({"id": f"d{number}", "text": " ".join(WORDS)}) for number in range(6)]
    Path("twins/test.jsonl").write_text("\n".join(lines), encoding="utf-8")
    Path("twins/corpus.toml").write_text('labels = [{name = "sign"}]', encoding="utf-8")


def found(run: str) -> dict[str, list[Any]]:
    """The entities of each document of a run, in the order of its journal."""
    lines = Path(run, "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["id"]: record["entities"] for record in map(json.loads, lines)}


@pytest.fixture
def twins(cli: Cli, answering: Answering, scripted_eval: list[str]) -> list[str]:
    """The flags of a run in `run/` about documents with one text, each answered in another way."""
    write_twins()
    words = iter(WORDS)
    answering(lambda prompt: json.dumps([{"text": next(words), "label": "sign"}]))
    flags = [*TWINS, "--strategy", "zero-shot", "--unit", "document"]
    assert cli(*scripted_eval, *flags, "--out", "run").code == 0
    assert len(set(map(str, found("run").values()))) == 6
    return flags


def test_each_document_has_its_own_answer_whatever_the_order_of_the_journal(
    cli: Cli, twins: list[str]
) -> None:
    recorded, journal = found("run"), Path("run/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[place] for place in (3, 0, 5, 1, 4, 2)))
    assert cli(*replay(*twins, "--out", "again")).code == 0
    assert found("again") == recorded


def test_a_document_that_was_asked_again_has_its_last_answer(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answers = iter(["[]", Completion("", "error", error="no luck"), "[]", answer])
    answering(lambda prompt: said(prompt) if callable(said := next(answers)) else said)
    cli(*scripted_eval, "--limit", "3", "--out", "run")
    last = cli("eval", "--resume", "run", "--retry-failed", "--json").json
    again = cli(*replay(*ZERO, "--limit", "3"))
    assert without_costs(again.json) == without_costs(last)


def test_documents_of_other_names_have_the_answers_in_the_order_of_the_journal(
    cli: Cli, twins: list[str]
) -> None:
    recorded, corpus = found("run"), Path("twins/test.jsonl")
    corpus.write_text(corpus.read_text(encoding="utf-8").replace('"d', '"other'), encoding="utf-8")
    assert cli(*replay(*twins, "--out", "again")).code == 0
    assert list(found("again").values()) == list(recorded.values())


@pytest.mark.parametrize("finished", [(0, 1, 2), (1, 4), (5,)])
@pytest.mark.parametrize("name", ["d", "other"])
def test_a_replay_that_was_broken_off_goes_on_to_the_same_answers(
    cli: Cli, twins: list[str], name: str, finished: tuple[int, ...]
) -> None:
    corpus = Path("twins/test.jsonl")
    corpus.write_text(corpus.read_text(encoding="utf-8").replace('"d', f'"{name}'))
    assert cli(*replay(*twins, "--out", "again")).code == 0
    whole, journal = found("again"), Path("again/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    if name == "other":  # nothing but their order says which answer is theirs
        finished = tuple(range(len(finished)))
    journal.write_bytes(b"".join(lines[place] for place in finished))
    assert cli("eval", "--resume", "again").code == 0
    assert found("again") == whole


@pytest.mark.parametrize("finished", [(0, 1, 2), (1, 4), (5,)])
@pytest.mark.parametrize("strategy", ["zero-shot", "zero-shot+vote"])
def test_a_run_from_the_cache_that_was_broken_off_goes_on_to_the_same_answers(
    cli: Cli, able: Register, scripted_eval: list[str], strategy: str, finished: tuple[int, ...]
) -> None:
    write_twins()
    words = itertools.cycle(WORDS)
    able(lambda prompt: json.dumps([{"text": next(words), "label": "sign"}]), "sampling")
    flags = [*TWINS, "--strategy", strategy, "--cache", "on"]
    flags += ["--samples", "3", "--agreement", "0.1"] if "vote" in strategy else []
    assert cli(*scripted_eval, *flags, "--out", "run").code == 0
    whole, journal = found("run"), Path("run/journal.jsonl")
    assert len(set(map(str, whole.values()))) == 6
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[place] for place in finished))
    outcome = cli("eval", "--resume", "run", "--cache", "on", "--json")
    assert outcome.code == 0
    assert found("run") == whole
    assert json.loads(Path("run/run.json").read_bytes())["observed"][-1]["cache"]["asked"] == 0


Register = Callable[..., Any]


@pytest.fixture
def able(
    host: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Prompt], Completion | str], str], None]:
    """Give `eval` a backend `scripted` that can do more than messages."""

    def able(answer: Callable[[Prompt], Completion | str], ability: str) -> None:
        scripted(answer).abilities = frozenset({ability})
        monkeypatch.setattr("nerharness.cli.eval.load_host", lambda: host)

    return able


def test_draws_come_back_in_their_order(cli: Cli, able: Register, scripted_eval: list[str]) -> None:
    """Each of three draws names another word, with the same messages."""

    def draw(prompt: Prompt) -> str:
        assert prompt.sampling is not None
        words = prompt.messages[-1].content.split()
        named = [words[prompt.sampling.seed % len(words)], words[-1]]
        return json.dumps([{"text": word, "label": "sign"} for word in named])

    able(draw, "sampling")
    flags = ("--strategy", "zero-shot+vote", "--samples", "3", "--agreement", "0.6")
    first = cli(*scripted_eval, *flags, "--limit", "8", "--out", "run", "--json")
    assert first.code == 0, first.err
    for other in ([], ["--seed", "7"]):
        again = cli(*replay(*ZERO, *flags, *other))
        assert again.code == 0, again.err
        assert again.json["protocols"] == first.json["protocols"]
    assert without_costs(again.json) == without_costs(first.json)


def test_log_probabilities_are_recorded_and_weigh_again(
    cli: Cli, able: Register, scripted_eval: list[str]
) -> None:
    able(answer, "logprobs")
    first = cli(*scripted_eval, "--confidence", "--limit", "8", "--out", "run", "--json")
    assert first.code == 0, first.err
    assert first.json["calibration"]["bins"]
    again = cli(*replay(*ZERO, "--confidence"))
    assert again.code == 0, again.err
    assert without_costs(again.json) == without_costs(first.json)


def test_what_was_not_recorded_cannot_be_asked_for(cli: Cli, recorded: dict[str, Any]) -> None:
    for flags in (["--confidence"], ["--decode", "schema"]):
        outcome = cli(*replay(*ZERO, *flags))
        assert outcome.code == 2
        assert "backend 'replay' cannot do what this needs" in outcome.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "--recorded: replay needs a run"),
        (["--recorded", "nowhere"], "not a run folder"),
        (["--recorded", "tagged"], "not of a run that asked a model"),
        (["--recorded", "empty"], "has recorded no answer"),
    ],
)
def test_what_cannot_be_replayed_is_one_clear_error(
    cli: Cli, tagger_eval: list[str], recorded: dict[str, Any], given: list[str], said: str
) -> None:
    cli(*tagger_eval, "--limit", "2", "--out", "tagged")
    Path("empty").mkdir()
    Path("empty/run.json").write_bytes(Path("run/run.json").read_bytes())
    outcome = cli("eval", "--backend", "replay", *given, *ZERO)
    assert outcome.code == 2
    assert said in outcome.err
    assert not Path("runs").exists()


def test_a_damaged_journal_is_not_replayed(cli: Cli, recorded: dict[str, Any]) -> None:
    journal = Path("run/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"sign", b"sigh", 1)
    journal.write_bytes(b"".join(lines))
    outcome = cli(*replay(*ZERO))
    assert outcome.code == 2
    assert "journal.jsonl:3: a damaged line" in outcome.err
