"""Protected texts: nothing remote is used, whatever it is, and nothing connects anywhere."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from backends.server import Server, said
from backends.talking import KEY

from nerharness.plugin import Provider, hookimpl
from nerharness.plugin.host import Host
from nerharness.runs.protection import is_protected
from nerharness.runs.spec import Spec

EVAL = ["eval", "--strategy", "zero-shot", "--unit", "document", "--limit", "2", "--out", "run"]
OPENAI = [*EVAL, "--backend", "openai"]
TAGGER = ["eval", "--tagger", "gazetteer", "--limit", "2", "--out", "run"]


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Fail, and note, every attempt to connect or to look a name up."""
    tried: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> Any:
        tried.append(arguments)
        raise AssertionError(f"an attempt to connect: {arguments}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    return tried


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the settings back that protection makes."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    for name in ("HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.mark.parametrize(
    "address",
    [
        [],
        ["--base-url", "https://example.org/v1"],
        ["--base-url", "http://127.0.0.1:9/v1"],
        ["--base-url", "http://localhost:9/v1"],
    ],
)
def test_a_remote_backend_is_refused_before_anything_is_sent(
    cli: Any, attempts: list[Any], address: list[str]
) -> None:
    outcome = cli(*OPENAI, "--protected", *address)
    assert outcome.code == 2
    assert "the texts are protected, and backend 'openai' sends them" in outcome.err
    assert not attempts
    assert not Path("run").exists()


def test_the_mark_of_a_corpus_is_enough(cli: Any, attempts: list[Any], marked: str) -> None:
    for corpus in (marked, f"{marked}/test.jsonl", f"{marked}:jsonl"):
        outcome = cli(*OPENAI, "--corpus", corpus)
        assert outcome.code == 2
        assert "the texts are protected" in outcome.err
    assert not attempts


def test_only_a_loopback_address_can_be_stated_to_be_local(cli: Any, attempts: list[Any]) -> None:
    for host in ("example.org", "10.0.0.1", "127.0.0.1.example.org", "0.0.0.0"):
        outcome = cli(*OPENAI, "--protected", "--local-server", "--base-url", f"http://{host}/v1")
        assert outcome.code == 2
        assert f"--local-server: {host} is not a loopback address" in outcome.err
    assert not attempts


def test_a_local_server_is_asked_without_proxy_and_redirects_are_not_followed(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai")
    from backends.server import Reply

    with Server(lambda _: said("[]")) as elsewhere, Server(lambda _: said("[]")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, elsewhere.url.removesuffix("/v1"))
        flags = [*OPENAI, "--protected", "--local-server", "--base-url", server.url]
        assert cli(*flags).code == 0
        assert json.loads(Path("run/run.json").read_text())["spec"]["protected"] is True
        there = f"{elsewhere.url}/chat/completions"
        server.script = lambda _: Reply("", 307, {"location": there})
        outcome = cli(*["other" if flag == "run" else flag for flag in flags])
        assert outcome.code == 2, "a server that is elsewhere answers nobody"
        assert not elsewhere.asked
        assert elsewhere.connections == 0


def test_what_does_not_declare_itself_local_is_refused(
    cli: Any, host: Host, monkeypatch: pytest.MonkeyPatch, attempts: list[Any]
) -> None:
    made: list[str] = []

    def provider(name: str, **rest: Any) -> Provider:
        return Provider(lambda **_: made.append(name), "a stranger's", **rest)

    plugin = SimpleNamespace(
        nerharness_backends=hookimpl(lambda: {"silent": provider("silent")}),
        nerharness_retrievers=hookimpl(lambda: {"sends": provider("sends", remote=True)}),
        nerharness_strategies=hookimpl(
            lambda: {"judges": provider("judges", wraps=True, remote=True)}
        ),
        nerharness_formats=hookimpl(lambda: {"asks": provider("asks", remote=True)}),
        nerharness_taggers=hookimpl(lambda: {"calls": provider("calls")}),
    )
    for hook in vars(plugin):
        getattr(plugin, hook).__name__ = hook
    host.register(plugin, package="strangers")
    monkeypatch.setattr("nerharness.cli.eval.load_host", lambda: host)
    for flags, fault in [
        (["--backend", "silent"], "backend 'silent' does not declare that it is local"),
        (["--retriever", "sends"], "retriever 'sends' sends them to another machine"),
        (["--strategy", "few-shot+judges"], "strategy 'few-shot+judges' sends them"),
        (["--read-as", "asks"], "--read-as: the texts are protected, and format 'asks' sends"),
        (["--tagger", "calls"], "tagger 'calls' does not declare"),
    ]:
        outcome = cli("eval", *flags, "--protected", "--out", "run")
        assert outcome.code == 2
        assert fault in outcome.err
    assert (made, attempts) == ([], [])


def test_a_format_that_a_strategy_takes_besides_is_refused(
    cli: Any, host: Host, monkeypatch: pytest.MonkeyPatch, attempts: list[Any]
) -> None:
    made: list[str] = []

    def provider(name: str, remote: bool | None) -> Provider:
        return Provider(lambda: made.append(name), "a stranger's", remote=remote)

    @hookimpl
    def nerharness_formats() -> dict[str, Provider]:
        return {"asks": provider("asks", True), "silent": provider("silent", None)}

    host.register(SimpleNamespace(nerharness_formats=nerharness_formats), package="strangers")
    monkeypatch.setattr("nerharness.cli.plan.load_host", lambda: host)
    for name, fault in [("asks", "sends them to another"), ("silent", "does not declare")]:
        flags = ["--strategy", "zero-shot+vote", "--vote-formats", f"json,{name}"]
        outcome = cli("plan", "--backend", "hf", *flags, "--protected")
        assert outcome.code == 2
        said = f"--vote-formats: the texts are protected, and format {name!r} {fault}"
        assert said in outcome.err
    assert (made, attempts) == ([], [])


def test_every_built_in_that_reads_texts_declares_itself(host: Host) -> None:
    for kind in ("backends", "strategies", "formats", "retrievers", "taggers"):
        for name, offer in host.offers(kind).items():  # type: ignore[arg-type]
            assert offer.provider.remote is not None, (kind, name)


def test_a_protected_run_works_and_the_mark_stays(
    cli: Any, attempts: list[Any], marked: str, answering: Callable[..., list[Any]]
) -> None:
    assert cli(*TAGGER, "--corpus", marked).code == 0
    assert json.loads(Path("run/run.json").read_text())["spec"]["protected"] is True
    toml = Path("corpus/corpus.toml")
    toml.write_text(toml.read_text().removeprefix("protected = true\n"))
    assert cli("eval", "--resume", "run").code == 0, "the run keeps the mark that its corpus lost"
    assert json.loads(Path("run/run.json").read_text())["spec"]["protected"] is True
    flags = ["--tagger", "gazetteer", "--limit", "2", "--corpus", marked]
    assert cli("eval", *flags, "--resume", "run").code == 0, "nor do flags without it take it off"
    assert not attempts


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('protected = "yes"', "must be true or false, got 'yes'"),
        ('[[labels]]\nname = "a"\nprotected = true', "stands in a table"),
        ("[privacy]\nprotected = true", "stands in a table"),
        ("protected = ", "unreadable"),
    ],
)
def test_a_mark_that_cannot_be_read_is_no_licence(
    cli: Any, attempts: list[Any], marked: str, text: str, fault: str
) -> None:
    Path("corpus/corpus.toml").write_text(text)
    outcome = cli(*OPENAI, "--corpus", marked)
    assert outcome.code == 2
    assert fault in outcome.err
    assert not attempts


def test_a_mark_above_the_corpus_or_alone_in_its_file_protects(
    cli: Any, attempts: list[Any], marked: str
) -> None:
    Path("corpus/corpus.toml").unlink()
    Path("corpus.toml").write_text("protected = true\n")
    assert "the texts are protected" in cli(*OPENAI, "--corpus", marked).err
    Path("corpus/corpus.toml").write_text("protected = true\n")
    assert cli(*TAGGER, "--corpus", marked).code == 0, "its labels are those that occur"
    assert not attempts


def test_a_mark_in_the_file_of_labels_protects(cli: Any, attempts: list[Any]) -> None:
    labels = Path("labels.toml")
    labels.write_text('protected = true\n[[labels]]\nname = "disease"\n')
    for command in ([*OPENAI], ["plan", "--backend", "openai", "--strategy", "zero-shot"]):
        outcome = cli(*command, "--labels", "labels.toml")
        assert outcome.code == 2
        assert "the texts are protected, and backend 'openai' sends them" in outcome.err
    labels.write_text('[[labels]]\nname = "disease"\nprotected = true\n')
    outcome = cli(*OPENAI, "--labels", "labels.toml")
    assert (outcome.code, outcome.err.count("stands in a table")) == (2, 1)
    assert not attempts


@pytest.mark.parametrize(
    "flags",
    [
        ["--knowledge", "own/passages:text"],
        ["--guidelines", "own/guidelines.md"],
        ["--templates", "own/templates"],
        ["--labels", "own/labels.toml"],
        ["--corpus", "own/run.jsonl"],
    ],
)
@pytest.mark.parametrize("mark", ["corpus.toml", "run.json"])
def test_a_mark_beside_anything_that_prompts_are_made_of_protects(
    cli: Any, attempts: list[Any], flags: list[str], mark: str
) -> None:
    for folder in ("own/passages", "own/templates"):
        Path(folder).mkdir(parents=True)
    Path("own/passages/a.txt").write_text("The proband has a rash.")
    Path("own/guidelines.md").write_text("The proband has a rash.")
    Path("own/templates/question.jinja").write_text("The proband has a rash. {{ text }}")
    Path("own/labels.toml").write_text('[[labels]]\nname = "disease"\n')
    Path("own/run.jsonl").write_text('{"text": "The proband has a rash."}\n')
    spec = {"corpus.toml": "protected = {}", "run.json": '{{"spec": {{"protected": {}}}}}'}[mark]
    Path(f"own/{mark}").write_text(spec.format("true"))
    outcome = cli("plan", "--backend", "openai", "--strategy", "zero-shot", *flags)
    assert (outcome.code, outcome.out) == (2, "")
    assert "the texts are protected, and backend 'openai' sends them" in outcome.err
    Path(f"own/{mark}").write_text(spec.format("false"))
    outcome = cli("plan", "--backend", "openai", "--strategy", "zero-shot", *flags)
    assert "the texts are protected" not in outcome.err
    assert not attempts


@pytest.mark.parametrize("tagger", [None, "encoder"])
def test_a_mark_above_the_training_of_a_model_protects(
    host: Host, tmp_path: Path, tagger: str | None
) -> None:
    spec = Spec(tagger=tagger, training=tmp_path / "own/adapter/training.json")
    assert not is_protected(spec, host)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/corpus.toml").write_text("protected = true")
    assert is_protected(spec, host)


def test_what_a_tagger_does_not_read_does_not_protect(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("own").mkdir()
    Path("own/corpus.toml").write_text("protected = true")
    monkeypatch.setenv("NERHARNESS_KNOWLEDGE", "own")
    monkeypatch.setenv("NERHARNESS_GUIDELINES", "own/guidelines.md")
    assert cli(*TAGGER).code == 0
    assert json.loads(Path("run/run.json").read_text())["spec"]["protected"] is False


@pytest.mark.parametrize(
    "corpora",
    [
        ["--corpus", "corpus"],
        ["--mix", "corpus"],
        ["--labels", "corpus/corpus.toml"],
        ["--guidelines", "corpus/guidelines.md"],
        ["--knowledge", "corpus:text"],
    ],
)
def test_training_reports_nothing_elsewhere(
    cli: Any, attempts: list[Any], marked: str, corpora: list[str]
) -> None:
    flags = ["--method", "lora", "--report-to", "wandb", "--out", "model", *corpora]
    outcome = cli("train", *flags)
    assert outcome.code == 2
    assert "the texts are protected, and 'wandb' may report" in outcome.err
    assert not attempts


def test_the_plan_refuses_what_the_run_would(cli: Any, attempts: list[Any]) -> None:
    outcome = cli("plan", "--backend", "openai", "--strategy", "zero-shot", "--protected")
    assert (outcome.code, outcome.out) == (2, "")
    assert not attempts


OFFLINE = """
import os, sys
from nerharness.plugin.host import load_host
from nerharness.runs.evaluation import prepare
from nerharness.runs.spec import Spec
prepare(Spec(tagger="gazetteer", protected=True), load_host())
assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
assert "huggingface_hub" not in sys.modules
"""
TOO_LATE = OFFLINE.replace("import os, sys", "import os, sys, huggingface_hub.constants")


@pytest.fixture
def online() -> Iterator[dict[str, str]]:
    yield {k: v for k, v in os.environ.items() if "OFFLINE" not in k}


def test_hub_libraries_are_offline_before_they_are_imported(online: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", OFFLINE], env=online, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_hub_libraries_that_are_online_already_are_refused(online: dict[str, str]) -> None:
    pytest.importorskip("huggingface_hub")
    done = subprocess.run([sys.executable, "-c", TOO_LATE], env=online, capture_output=True)
    assert done.returncode == 1
    assert b"the hub's library is in use already" in done.stderr
