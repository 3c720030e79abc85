"""Whatever happens to a run, no finished document is lost, and none is there twice."""

from __future__ import annotations

import os
import random
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nerharness.cli import eval as eval_command
from nerharness.cli.main import main
from nerharness.plugin.host import Host
from nerharness.runs.evaluation import Evaluation, prepare
from nerharness.runs.folder import RunFolder
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.runs.spec import Spec
from nerharness.types import Completion, Prompt

KILLS = 100

Scripted = Callable[[Callable[[Prompt], Completion | str]], Any]


def first_word(prompt: Prompt) -> str:
    """Name the first word of the text as a sign."""
    word = prompt.messages[-1].content.split()[1]
    return f'[{{"text": "{word}", "label": "sign"}}]'


class Bell:
    """A pipe on which a process tells the one that began it that it was asked something."""

    def __init__(self) -> None:
        self.ends: tuple[int, int] | None = None
        self.gate: int | None = None
        """What has to be readable before a process goes on from its first prompt, or 30 seconds."""

    def ring(self) -> None:
        if self.ends is not None:
            os.write(self.ends[1], b".")
        if self.gate is not None:
            select.select([self.gate], [], [], 30)
            self.gate = None

    def child(self, action: Callable[[], object]) -> int:
        """Begin a process that can ring."""
        self.ends = os.pipe()
        child = in_child(action)
        os.close(self.ends[1])
        return child

    def wait(self) -> None:
        """Wait until it rings, or ends without."""
        assert self.ends is not None
        os.read(self.ends[0], 1)

    def hang_up(self) -> None:
        assert self.ends is not None
        os.close(self.ends[0])
        self.ends = None


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def evaluation(host: Host, scripted: Scripted, bell: Bell) -> Evaluation:
    """An evaluation of the sample corpus, ready to run; a prompt takes half a millisecond."""

    def answer(prompt: Prompt) -> str:
        bell.ring()
        time.sleep(0.0005)
        return first_word(prompt)

    scripted(answer)
    spec = Spec(backend="scripted", strategy="zero-shot", retriever="random", unit="document")
    return prepare(spec, host)


def work(evaluation: Evaluation, path: Path) -> None:
    """Begin the run of this folder, or go on with it, as `eval` does."""
    with RunFolder(path) as folder:
        if (path / "run.json").is_file():
            folder.claim()
            folder.mend()
        else:
            folder.fill(evaluation.description)
        eval_command._run(evaluation, folder, Console(quiet=True))


def in_child(action: Callable[[], object]) -> int:
    """Do it in a process of its own; returns its id. Exits with 0, or the code of `SystemExit`."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        action()
        code = 0
    except SystemExit as end:
        code = int(str(end.code))
    except BaseException:
        traceback.print_exc()  # else the code 99 is all that is known of it
    finally:
        os._exit(code)


def end_of(child: int) -> int:
    """Wait for the process; returns its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def plain(records: Iterator[Record]) -> list[Record]:
    return [replace(record, seconds=0.0) for record in records]


def test_a_run_that_is_killed_at_a_hundred_instants_is_the_same_run(
    evaluation: Evaluation, tmp_path: Path, bell: Bell
) -> None:
    """Half of the instants are counted from the very start, half from the first prompt."""
    began = time.monotonic()
    child = bell.child(lambda: work(evaluation, tmp_path / "whole"))
    bell.wait()
    asked = time.monotonic()
    assert end_of(child) == 0
    bell.hang_up()
    lengths = (time.monotonic() - began, time.monotonic() - asked)
    whole, scores = result(tmp_path / "whole", evaluation)
    chance, killed, stopped_at = random.Random(2026), 0, set[int]()
    run = tmp_path / "run"
    while killed < KILLS:
        before = list(RunFolder(run).records())
        child = bell.child(lambda: work(evaluation, run))
        if killed % 2:
            bell.wait()
        time.sleep(chance.uniform(0, lengths[killed % 2]))
        os.kill(child, signal.SIGKILL)
        killed += (code := end_of(child)) == -signal.SIGKILL
        bell.hang_up()
        assert code in (0, -signal.SIGKILL)
        after = list(RunFolder(run).records())
        assert after[: len(before)] == before, "what is finished stays"
        stopped_at.add(len(after))
        if len(after) == len(whole):
            assert end_of(in_child(lambda: work(evaluation, run))) == 0
            assert result(run, evaluation) == (whole, scores)
            shutil.rmtree(run)
    assert len(stopped_at) > 5, "it was killed at many places"
    assert end_of(in_child(lambda: work(evaluation, run))) == 0
    assert result(run, evaluation) == (whole, scores)


def result(path: Path, evaluation: Evaluation) -> tuple[list[Record], Scores]:
    """Return a run's records and scores, but for the time that they took."""
    folder = RunFolder.open(path)
    scores = folder.score(evaluation.labels, None)
    return plain(folder.records()), replace(scores, seconds=0.0)


def test_of_two_runs_into_one_folder_at_once_one_is_refused(
    evaluation: Evaluation, tmp_path: Path, bell: Bell
) -> None:
    """The one that is not refused goes on when the other one is."""
    from nerharness.errors import RunError

    bell.gate, refused = os.pipe()

    def try_to() -> None:
        try:
            work(evaluation, tmp_path / "run")
        except RunError:
            os.write(refused, b".")
            sys.exit(2)

    for _ in range(5):
        children = [in_child(try_to) for _ in range(2)]
        assert sorted(end_of(child) for child in children) == [0, 2]
        ids = [record.id for record in RunFolder.open(tmp_path / "run").records()]
        assert len(ids) == len(evaluation.inputs.selection.examples)
        shutil.rmtree(tmp_path / "run")
        os.read(bell.gate, 1)
    os.close(bell.gate)
    os.close(refused)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder that anyone may look into."""
    monkeypatch.setenv("COLUMNS", "300")
    folder = tmp_path / "here"
    folder.mkdir()
    folder.chmod(0o755)
    monkeypatch.chdir(folder)
    return folder


EVAL = ["eval", "--backend", "scripted", "--strategy", "zero-shot", "--unit", "document"]

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(here: Path, host: Host, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line in a process of its own, after `first`; returns code and stderr."""
    scripted(first_word)
    monkeypatch.setattr(eval_command, "load_host", lambda: host)

    def call(*arguments: str, first: Callable[[], object] = lambda: None) -> tuple[int, str]:
        file = here / "err"

        def run() -> None:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            sys.stdout = sys.stderr = os.fdopen(descriptor, "w", buffering=1)
            first()
            main([*EVAL, *arguments])

        return end_of(in_child(run)), file.read_text(encoding="utf-8")

    return call


def test_a_full_disk_ends_a_run_that_can_be_gone_on_with(call: Call) -> None:
    def fill_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    code, said = call("--out", "run", first=fill_up)
    assert code == 2
    assert "nerharness: run/journal.jsonl: cannot be written: File too large" in said
    assert "--resume" in said
    assert "Traceback" not in said
    assert Path("run/journal.jsonl").stat().st_size <= 40_000
    done = list(RunFolder.open(Path("run")).records())
    assert done
    code, said = call("--resume", "run")
    assert code == 0, said
    records = list(RunFolder.open(Path("run")).records())
    assert records[: len(done)] == done
    assert len({record.id for record in records}) == len(records) > len(done)


def test_a_disk_that_was_full_from_the_start_leaves_room_for_another_try(call: Call) -> None:
    def fill_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    code, said = call("--out", "run", first=fill_up)
    assert code == 2
    assert "run.json: cannot be written: File too large" in said
    assert "Traceback" not in said
    code, said = call("--out", "run", "--limit", "2")
    assert code == 0, said


def test_a_read_only_folder_is_one_clear_error(call: Call, tmp_path: Path) -> None:
    def become_someone() -> None:
        if os.geteuid() == 0:
            with suppress(SystemExit):  # Python may lie where only root can import from
                main([*EVAL, "--limit", "1", "--out", str(tmp_path / "before")])
            os.setuid(65_534)

    assert call("--limit", "4", "--out", "run")[0] == 0
    kept = Path("run/journal.jsonl").read_bytes()
    for file in Path("run").iterdir():
        file.chmod(0o444)
    Path("run").chmod(0o555)
    Path.cwd().chmod(0o555)
    code, said = call("--limit", "4", "--resume", "run", first=become_someone)
    assert code == 2
    assert "run/journal.jsonl: cannot be written: Permission denied" in said
    code, said = call("--limit", "4", "--out", "another", first=become_someone)
    assert code == 2
    assert "cannot write the run folder" in said
    assert "Permission denied" in said
    assert "Traceback" not in said
    assert Path("run/journal.jsonl").read_bytes() == kept


def test_time_that_goes_backwards_changes_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("--limit", "9", "--out", "steady")[0] == 0

    def jump() -> None:
        hours = iter(range(10**9, 0, -3600))
        monkeypatch.setattr("time.time", lambda: float(next(hours)))

    code, said = call("--limit", "9", "--out", "run", "--cache", "on", first=jump)
    assert code == 0, said
    code, said = call("--limit", "9", "--out", "cached", "--cache", "on", first=jump)
    assert code == 0, said
    steady = plain(RunFolder(Path("steady")).records())
    for name in ("run", "cached"):
        records = list(RunFolder(Path(name)).records())
        assert all(0 <= record.seconds < 60 for record in records)
        assert [replace(one, seconds=0.0, usage=steady[0].usage) for one in records] == steady


class Odd:
    """Answers, but not as a backend should, each time it is asked several prompts."""

    def __init__(self, way: str) -> None:
        self.way = way

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[Any, Any]]:
        told: list[tuple[Any, Any]] = [
            (index, Completion(first_word(prompt), "stop")) for index, prompt in enumerate(prompts)
        ]
        if len(prompts) == 1:
            yield from told
            return
        yield from {
            "fewer": told[:-2],
            "none": [],
            "more": [*told, (len(told), told[0][1])],
            "twice": [*told[:3], told[1], *told[3:]],
            "reversed": told[::-1],
            "nothing": [(0, None), *told[1:]],
        }[self.way]


@pytest.mark.parametrize("way", ["fewer", "none", "more", "twice", "reversed", "nothing"])
@pytest.mark.parametrize("cache", ["off", "on"])
@pytest.mark.filterwarnings("ignore:the backend breaks its contract")
def test_a_backend_that_answers_oddly_costs_no_document(
    host: Host, scripted: Scripted, way: str, cache: Any
) -> None:
    backend = scripted(first_word)
    spec = Spec(backend="scripted", strategy="zero-shot", retriever="random", limit=12)
    right = plain(prepare(spec, host).records())
    backend.generate = Odd(way).generate
    found = plain(prepare(spec, host, cache=cache).records())
    by_id = {record.id: replace(record, usage=right[0].usage) for record in found}
    assert len(by_id) == len(found) == 12
    assert by_id == {record.id: replace(record, usage=right[0].usage) for record in right}
