"""Trains in processes that are killed at many instants, and sees that resuming changes nothing.

    python killing.py FOLDER encoder|lora

The encoder's dev is cut from train. Every kill comes just before some file of the training's folder
is opened, renamed or removed; each training is then gone on with in a process of its own. Forked,
since importing torch takes longer than all else here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")
TRIES = {"encoder": 7, "lora": 4}


def main() -> None:
    place, method = Path(sys.argv[1]), sys.argv[2]
    spec, host = prepare(place, method)
    events = child(spec, host, place / "whole", None)
    assert events > 20, events
    expected = result(place / "whole")
    tries = TRIES[method]
    for number in range(tries):
        after = 1 + number * (events - 1) // (tries - 1)
        out = place / f"killed-{after}"
        assert child(spec, host, out, after) == -signal.SIGKILL, after
        if out.exists():  # a kill before the folder was made leaves nothing to go on with
            child(spec, host, out, None, resume=True)
        else:
            child(spec, host, out, None)
        assert result(out) == expected, f"killed before the event {after} of {events}"
        assert not (out / "checkpoints").exists(), after
    print(f"{tries} kills among {events} events")


def prepare(place: Path, method: str) -> Any:
    """Return the spec of a training that stops early, and the host."""
    import datasets  # noqa: F401 - imported once, here
    import transformers  # noqa: F401
    import trl  # noqa: F401
    from backends import tiny
    from training.tiny_bert import save_bert, save_corpus
    from training.tiny_prompts import prompting

    from nerharness.plugin.host import Host, builtin_modules
    from nerharness.runs.train_data import TrainSpec
    from nerharness.training.settings import Settings

    (place / "corpus").mkdir()
    save_corpus(place / "corpus")
    settings: dict[str, Any] = {"learning_rate": 5e-3, "batch_size": 8, "patience": 2}
    host = Host(builtin_modules())
    if method == "encoder":
        save_bert(place / "base")
        (place / "corpus" / "dev.jsonl").unlink()
        more: dict[str, Any] = {"settings": Settings(**settings, epochs=8), "dev_share": 0.25}
    else:
        tiny.save_letters(place / "base")
        adapters = Settings(**settings, epochs=4, rank=4, alpha=8, dropout=0.1)
        more = {"settings": adapters, "dev_limit": 2, "prompting": prompting(), "limit": 24}
    return TrainSpec(str(place / "base"), f"{place / 'corpus'}:jsonl", method, **more), host


def child(spec: Any, host: Any, out: Path, after: int | None, *, resume: bool = False) -> int:
    """Train in a fork; returns how many events there were, or minus the signal that killed it."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            os.write(writing, str(training(spec, host, out, after, resume)).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    _, status = os.waitpid(pid, 0)
    with os.fdopen(reading) as told:
        said = told.read()
    if os.WIFSIGNALED(status):
        return -os.WTERMSIG(status)
    assert os.waitstatus_to_exitcode(status) == 0
    return int(said)


def training(spec: Any, host: Any, out: Path, after: int | None, resume: bool) -> int:
    from nerharness.errors import RunError
    from nerharness.runs.training import train

    events = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal events
        if event in EVENTS and str(arguments[0]).startswith(str(out)):
            events += 1
            if events == after:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    try:
        train(spec, host, out, resume=resume)
    except RunError as error:
        if "is finished" not in str(error):
            raise
    return events


def result(out: Path) -> Any:
    """Return the weights, and what is written of the training, but the time it took."""
    from safetensors.numpy import load_file

    (file,) = out.glob("*.safetensors")
    described = json.loads((out / "training.json").read_text(encoding="utf-8"))
    assert described.pop("seconds") > 0
    card = (out / "README.md").is_file() and (out / "training.html").is_file()
    assert card
    weights = {name: one.tobytes() for name, one in load_file(file).items()}
    return weights, described


if __name__ == "__main__":
    main()
