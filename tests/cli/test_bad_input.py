"""A user's mistake is one line on stderr and exit code 2: no traceback, and nothing written."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., tuple[int, str, str]]


def complaint(cli: Cli, *arguments: object) -> str:
    """Return the one line, having seen that nothing else happened."""
    before = sorted(Path().rglob("*"))
    code, out, err = cli(*arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("nerharness: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(Path().rglob("*")) == before
    return err


def put(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--backend", "hg"], "unknown backend 'hg'; did you mean 'hf'?"),
        (["--strategy", "zeroshot"], "unknown strategy 'zeroshot'; did you mean 'zero-shot'?"),
        (["--format", "jsn"], "unknown format 'jsn'; did you mean 'json'?"),
        (["--retriever", "dens"], "unknown retriever 'dens'; did you mean 'dense'?"),
        (["--tagger", "gazeteer"], "unknown tagger 'gazeteer'; did you mean 'gazetteer'?"),
        (["--backend", "qqqq"], "unknown backend 'qqqq'; known: hf"),
    ],
)
def test_an_unknown_plugin(cli: Cli, flags: list[str], message: str) -> None:
    assert message in complaint(cli, "eval", *flags)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--corpus", "nowhere"], "--corpus nowhere: no such file or folder"),
        (["--corpus", "sampel"], "'sample'"),
        (["--corpus", "nowhere.txt:brat"], "--corpus nowhere.txt: no such file or folder"),
        (["--corpus", "nowhere:brt"], "unknown corpus 'brt'; did you mean 'brat'?"),
        (["--corpus", "~nobody-of-this-name/x"], "no such file or folder"),
        (["--split", "tset"], "--split: corpus 'sample' has no split 'tset'"),
        (["--labels", "nowhere.toml"], "nowhere.toml: no readable label set: No such file"),
        (["--limit", "0"], "--limit: must be at least 1, got 0"),
        (["--limit", "-3"], "--limit: must be at least 1, got -3"),
        (["--limit", "few"], "'few' is not a valid integer"),
        (["--limit", "1.5"], "'1.5' is not a valid integer"),
        (["--seed", "x"], "'x' is not a valid integer"),
        (["--show", "x"], "'x' is not a valid integer"),
        (["--show", "-1"], "--show"),
        (["--unit", "paragraph"], "'paragraph' is no unit; choose sentence, document, window:N"),
        (["--threshold", "high"], "'high' is not a valid float"),
        (["--shots", "3"], "--shots: not an option of this run (tagger gazetteer)"),
        (["--model", "x"], "--model: not an option of this run (tagger gazetteer)"),
        (["--backend", "hf"], "--backend: not used with --tagger gazetteer; drop one of them"),
        (["--strategy", "rag"], "--strategy: not used with --tagger"),
        (["--decode", "schema"], "--decode: not used with --tagger"),
        (["--confidence"], "--confidence: not used with --tagger"),
        (["--read-as", "bio"], "--read-as: not used with --tagger"),
        (["--unit", "document"], "--unit: not used with --tagger"),
        (["--threshold", "0.8"], "--threshold: not used with --tagger"),
        (["--knowledge", "glossary"], "--knowledge: not used with --tagger"),
        (["--cache", "on"], "--cache: not used with --tagger"),
        (["--out", "a", "--resume", "b"], "--out and --resume exclude each other"),
        (["--resume", "nowhere"], "nowhere: not a run folder"),
        (["--resume", "."], "not a run folder"),
        (["--nonsense"], "No such option"),
        (["--limt", "3"], "--limit"),
        (["--limit"], "requires an argument"),
        (["extra"], "unexpected extra argument"),
        (["--config", "nowhere.toml"], "--config nowhere.toml: cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_flag_that_cannot_be_used(
    cli: Cli, tagger_eval: list[str], flags: list[str], message: str
) -> None:
    assert message in complaint(cli, *tagger_eval, *flags)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--strategy", "zero-shot", "--shots", "3"], "--shots: not an option of this run"),
        (["--strategy", "few-shot", "--passages", "3"], "--passages: not an option of this run"),
        (["--strategy", "few-shot", "--shots", "0"], "--shots: few-shot needs at least 1, got 0"),
        (["--strategy", "few-shot", "--shots", "x"], "--shots: 'x' is not a whole number"),
        (["--strategy", "rag", "--shots", "-1"], "--shots: -1 is negative"),
        (["--strategy", "rag", "--passages", "0"], "--passages: rag needs at least 1, got 0"),
        (["--strategy", "zero-shot", "--dtype", "int3"], "--dtype"),
        (["--strategy", "zero-shot", "--batch-size", "x"], "--batch-size"),
        (["--strategy", "zero-shot", "--knowledge", "k.jsonl"], "no such file or folder"),
        (
            ["--strategy", "zero-shot", "--threshold", "0"],
            "--threshold: must be above 0 and at most 1, got 0.0",
        ),
        (
            ["--strategy", "zero-shot", "--threshold", "1.01"],
            "--threshold: must be above 0 and at most 1, got 1.01",
        ),
        (
            ["--strategy", "zero-shot", "--threshold", "-0.5"],
            "--threshold: must be above 0 and at most 1, got -0.5",
        ),
        (
            ["--strategy", "zero-shot", "--threshold", "nan"],
            "--threshold: must be above 0 and at most 1, got nan",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_of_a_plugin_that_cannot_be_used(
    cli: Cli, flags: list[str], message: str
) -> None:
    assert message in complaint(cli, "eval", *flags)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("n.conll", "no\tO\nrash\tB-Sign\n\nfever\n", "n.conll:4: one column ('fever')"),
        ("n.conll", "no\tO\nrash\tB-Sign\nfever\tSign\n", "n.conll:3: 'Sign' is not a tag"),
        ("n.conll", "no\tO\n\u00a0\tO\n", "n.conll:2: "),
        ("n.conll", b"no\tO\nfi\xe8vre\tO\n", "n.conll:2: byte 0xe8 is not UTF-8"),
        ("n.jsonl", '{"text": "a"\n', "n.jsonl:1: not JSON"),
        ("n.jsonl", '{"id": "x"}\n', "n.jsonl:1: no field 'text'"),
        (
            "n.jsonl",
            '{"text": "fever", "entities": [{"label": "sign", "start": 0, "end": 9}]}',
            "n.jsonl:1: offsets 0 9 lie outside the text of 5 characters; nerharness validate",
        ),
        ("n.conll", "", "n.conll: "),
        ("n.jsonl", "", "n.jsonl: the corpus is empty: no document in it; give another path, or"),
        ("n.csv", "", "n.csv: the file is empty: no corpus in it; give another path"),
        ("n.csv", "a,b\n", "n.csv: no reader recognises this corpus"),
    ],
)
def test_a_malformed_corpus_file(
    cli: Cli, tagger_eval: list[str], name: str, content: str | bytes, message: str
) -> None:
    assert message in complaint(cli, *tagger_eval, "--corpus", put(name, content))


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("T1\tSign 0 50\tfever\n", "n.ann:1: offsets 0 50 lie outside the text of 5 characters"),
        ("T1\tSign 1 5\tfever\n", "n.ann:1: the text at 1 5 is 'ever'"),
        ("T1\tSign\n", "n.ann:1: not a text-bound annotation"),
    ],
)
def test_a_malformed_brat_folder(
    cli: Cli, tagger_eval: list[str], annotation: str, message: str
) -> None:
    put("b/n.txt", "fever")
    put("b/n.ann", annotation)
    assert message in complaint(cli, *tagger_eval, "--corpus", "b")


def test_a_label_outside_the_label_set(cli: Cli, tagger_eval: list[str]) -> None:
    put("c/test.tsv", "no\tO\nfever\tB-Sing\n")
    put("c/corpus.toml", '[[labels]]\nname = "Sign"\n')
    said = complaint(cli, *tagger_eval, "--corpus", "c")
    assert "c/test.tsv:2: label 'Sing' is not in the label set; did you mean 'Sign'?" in said
    put("labels.toml", '[[labels]]\nname = "Drug"\n')
    put("d.tsv", "no\tO\nfever\tB-Sign\n")
    said = complaint(cli, *tagger_eval, "--corpus", "d.tsv", "--labels", "labels.toml")
    assert "d.tsv:2: label 'Sign' is not in the label set; it has: Drug; declare it there" in said


def test_an_empty_folder_is_said_to_be_empty(cli: Cli, tagger_eval: list[str]) -> None:
    Path("void").mkdir()
    said = complaint(cli, *tagger_eval, "--corpus", "void")
    assert "void: the folder is empty: no corpus in it; give another path" in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("labels = 5", "no [[labels]] tables"),
        ("[[labels", "unreadable"),
        ("[[labels]]\nnam = 'a'", "no [[labels]] tables"),
        (b"\xff", "unreadable"),
    ],
)
def test_a_malformed_label_set(
    cli: Cli, tagger_eval: list[str], content: str | bytes, fault: str
) -> None:
    file = put("labels.toml", content)
    assert f"labels.toml: {fault}" in complaint(cli, *tagger_eval, "--labels", file)


def test_a_mark_of_byte_order_in_a_label_set_is_none_of_it(
    cli: Cli, tagger_eval: list[str]
) -> None:
    file = put("labels.toml", "\ufeff[[labels]]\nname = 'sign'\ndefinition = 'x'\n")
    code, _, err = cli(*tagger_eval, "--labels", file)
    assert (code, "label" in err) == (2, True), "the corpus has other labels, and that is all"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["convert", "sample", "out"], "Missing option '--to': format to write; nerharness ls"),
        (["guidelines", "nowhere"], "CORPUS nowhere: no such file or folder"),
        (["train", "--epochs", "two"], "'two' is not a valid number"),
        (["train", "--dev-limit", "two"], "'two' is not a valid integer"),
    ],
)
def test_what_other_commands_are_not_told(cli: Cli, arguments: list[str], message: str) -> None:
    assert message in complaint(cli, *arguments)


def test_a_baseline_without_anything_to_learn_from(cli: Cli, tagger_eval: list[str]) -> None:
    file = put("notes.tsv", "no\tO\nfever\tB-Sign\n")
    said = complaint(cli, *tagger_eval, "--corpus", file)
    assert "learns from a train split" in said


def test_demonstrations_without_anything_to_take_them_from(cli: Cli) -> None:
    file = put("notes.tsv", "no\tO\nfever\tB-Sign\n")
    flags = ["--strategy", "few-shot", "--retriever", "random"]
    said = complaint(cli, "eval", *flags, "--corpus", file)
    assert "no train split" in said


@pytest.mark.parametrize(
    "content",
    [b'{"name": "a"}\n', b"{\n", b"[1]\n", b"", b'{"name": "caf\xe9", "definition": "x"}\n'],
)
def test_malformed_knowledge(cli: Cli, content: bytes) -> None:
    file = put("k.jsonl", content)
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--knowledge", file)
    assert "k.jsonl" in said


def test_knowledge_that_is_no_text_is_not_shown(cli: Cli) -> None:
    file = put("k.jsonl", b'{"name": "a", "definition": "b"}\n' + bytes(range(256)) * 9)
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--knowledge", file)
    assert said == "nerharness: k.jsonl:3: byte 0x80 is not UTF-8; convert the file to UTF-8\n"


needs_model = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None,
    reason="needs torch and transformers: pip install 'nerharness[hf]'",
)


@needs_model
@pytest.mark.parametrize(
    "model", ["./nowhere", "nowhere.gguf", "unheard-of", "~nobody-of-this-name/model"]
)
def test_a_model_that_is_not_there(cli: Cli, model: str) -> None:
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--model", model)
    assert f"--model: no file, folder or known model {model!r}" in said
    assert "a server's model needs --backend openai" in said


@needs_model
def test_a_model_that_cannot_be_had_without_a_network(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The variable of conftest.py has no effect once something else has imported the library.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--model", "nobody/nothing")
    assert "model 'nobody/nothing' is neither on this machine nor to be had from the hub" in said
    assert "(HF_HUB_OFFLINE is set)" in said
    assert "give a local folder or .gguf file, or fetch it before, in a run that may" in said
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--model", "nobody/nothing")
    assert "give a local folder or .gguf file, or connect to the network once" in said


@needs_model
def test_a_folder_that_holds_no_model(cli: Cli) -> None:
    Path("empty").mkdir()
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--model", "empty")
    assert "'empty' cannot be loaded: there is no config.json in it; give a .gguf file" in said
    put("empty/config.json", '{"model_type": "llama"}')
    said = complaint(cli, "eval", "--strategy", "zero-shot", "--model", "empty")
    assert "'empty' cannot be loaded: there is no tokenizer in it; give a .gguf file" in said


@needs_model
@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--adapter", "nowhere is no folder; give the folder that nerharness train"),
        ("--templates", "--templates nowhere: no such folder"),
        ("--resume", "nowhere: not a run folder: no such folder; give a folder"),
    ],
)
def test_a_folder_that_is_not_there(cli: Cli, flag: str, message: str) -> None:
    assert message in complaint(cli, "eval", "--strategy", "zero-shot", flag, "nowhere")


def test_a_folder_without_templates_replaces_nothing(cli: Cli) -> None:
    put("mine/zero-shot.txt", "A template by another name.")
    said = complaint(cli, "plan", "--strategy", "zero-shot", "--templates", "mine")
    assert "--templates mine: no template in it; known: " in said
    assert ".jinja" in said


@needs_model
def test_a_training_that_could_not_begin_leaves_its_folder_to_another_try(cli: Cli) -> None:
    put("bare/config.json", '{"model_type": "bert"}')
    for _ in range(2):
        code, _, err = cli("train", "--model", "bare", "--out", "model")
        assert (code, err.count("\n")) == (2, 1)
        assert "there is no tokenizer in it" in err
        assert not [*Path("model").iterdir()]


def test_a_corpus_without_train_is_nothing_to_train_on(cli: Cli) -> None:
    put("c.jsonl", '{"text": "Fever.", "entities": []}')
    Path("labels.toml").write_text('[[labels]]\nname = "sign"\n')
    said = complaint(cli, "train", "--corpus", "c.jsonl", "--labels", "labels.toml", "--out", "m")
    assert "corpus 'c' has no train split; give a folder with a file" in said


@needs_model
@pytest.mark.parametrize("flag", ["--batch-size", "--max-tokens"])
def test_a_size_below_one(cli: Cli, flag: str) -> None:
    said = complaint(cli, "eval", "--strategy", "zero-shot", flag, "0")
    assert f"{flag}: must be at least 1, got 0" in said


def test_an_output_folder_that_holds_another_run(cli: Cli, tagger_eval: list[str]) -> None:
    assert cli(*tagger_eval, "--limit", "1", "--out", "run")[0] == 0
    before = {file: file.read_bytes() for file in Path("run").iterdir()}
    said = complaint(cli, *tagger_eval, "--limit", "1", "--out", "run")
    assert "run: the folder holds another run; choose another --out" in said
    assert {file: file.read_bytes() for file in Path("run").iterdir()} == before


def test_an_output_folder_that_holds_anything_else(cli: Cli, tagger_eval: list[str]) -> None:
    put("notes/a.txt", "mine")
    assert "not an empty folder" in complaint(cli, *tagger_eval, "--out", "notes")
    assert "not an empty folder" in complaint(cli, *tagger_eval, "--out", "notes/a.txt")
    said = complaint(cli, *tagger_eval, "--out", "notes/a.txt/run")
    assert "cannot write the run folder" in said


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--limit", "3"], "spec.limit was 2, is 3"),
        (["--limit", "2", "--split", "dev"], "spec.split was 'test', is 'dev'"),
        (["--limit", "2", "--seed", "1"], "spec.seed was 0, is 1"),
    ],
)
def test_resuming_with_other_flags(
    cli: Cli, tagger_eval: list[str], change: list[str], message: str
) -> None:
    assert cli(*tagger_eval, "--limit", "2", "--out", "run")[0] == 0
    before = Path("run/journal.jsonl").read_bytes()
    said = complaint(cli, *tagger_eval, *change, "--resume", "run")
    assert message in said
    assert Path("run/journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("limti = 3", "unknown setting 'limti'; did you mean 'limit'?"),
        ("zzz = 3", "unknown setting 'zzz'"),
        ("config = 'other.toml'", "unknown setting 'config'"),
        ("[eval]\nlimit = 3", "unknown setting 'eval'"),
        ("limit = ", "cannot be read"),
        (b"limit = 3 # caf\xe9", "cannot be read"),
        ("limit = 'few'", "few"),
        ("limit = [1]", "limit"),
        ("limit = {a = 1}", "limit"),
        ("limit = 1.5", "limit"),
        ("limit = true", "limit"),
        ("threshold = 'high'", "high"),
        ("threshold = 1979-05-27", "threshold"),
        ("labels = []", "labels"),
        ("json = 5", "json"),
        ("json = 'maybe'", "maybe"),
        ("json = [true]", "json"),
        ("corpus = ['a', 'b']", "corpus"),
        ("unit = 'paragraph'", "paragraph"),
        ("tagger = true", "tagger"),
        ("shots = 3", "--shots: not an option of this run"),
    ],
)
def test_a_config_file_that_cannot_be_used(cli: Cli, content: str | bytes, message: str) -> None:
    put("c.toml", content)
    flags = [] if b"tagger" in Path("c.toml").read_bytes() else ["--tagger", "gazetteer"]
    assert message in complaint(cli, "eval", *flags, "--config", "c.toml")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LIMIT", "few", "'few' is not a valid integer"),
        ("UNIT", "paragraph", "'paragraph' is no unit"),
        ("TAGGER", "gazeteer", "did you mean 'gazetteer'?"),
        ("JSON", "maybe", "maybe"),
        ("SHOTS", "3", "--shots: not an option of this run"),
        ("PLUGINS", "nowhere", "NERHARNESS_PLUGINS: no installed plugin 'nowhere'"),
    ],
)
def test_an_environment_variable_that_cannot_be_used(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv("NERHARNESS_TAGGER", "gazetteer")
    monkeypatch.setenv(f"NERHARNESS_{name}", value)
    assert message in complaint(cli, "eval")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate"], "No such command 'evaluate'"),
        (["score"], "Missing argument 'GOLD|RUN'"),
        (["score", "nowhere"], "nowhere: not a run folder"),
        (["score", "."], "not a run folder"),
        (["ls"], "Missing argument"),
        (["ls", "backend"], "'backend' is not one of 'backends'"),
        (["plugins", "extra"], "No such command 'extra'"),
        (["--nonsense"], "No such option"),
    ],
)
def test_a_command_that_cannot_be_called_so(cli: Cli, arguments: list[str], message: str) -> None:
    assert message in complaint(cli, *arguments)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", '{"schema": 2, "labels": []}'),
        ("run.json", '{"schema": 1}'),
        ("run.json", '{"schema": 1, "labels": [{}]}'),
        ("run.json", "{"),
        ("journal.jsonl", "{}\n"),
        ("journal.jsonl", b"\xff\n"),
        ("journal.jsonl", json.dumps({"id": "a"}) + "\n"),
    ],
)
def test_a_damaged_run_folder(
    cli: Cli, tagger_eval: list[str], name: str, content: str | bytes
) -> None:
    assert cli(*tagger_eval, "--limit", "1", "--out", "run")[0] == 0
    put(f"run/{name}", content)
    assert f"run/{name}" in complaint(cli, "score", "run")
    assert "run" in complaint(cli, *tagger_eval, "--limit", "1", "--resume", "run")
