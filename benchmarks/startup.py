"""How long a command takes until it says something, as a whole process, beside its peers.

Commands that are not installed are left out. That each exits with 0 and says what it should is
asserted first.

    python -m benchmarks.startup [--rounds 10]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

COMMANDS: Final[dict[str, tuple[Sequence[str], str]]] = {
    "nerharness --help": (("-m", "nerharness", "--help"), "eval"),
    "nerharness ls backends": (("-m", "nerharness", "ls", "backends"), "hf"),
    "nerharness eval --help": (("-m", "nerharness", "eval", "--help"), "--strategy"),
    "import nerharness": (("-c", "import nerharness; print(nerharness.Aligner)"), "Aligner"),
    "lm_eval --help": (("-m", "lm_eval", "--help"), "usage"),
    "import transformers": (("-c", "import transformers as t; print(t.pipeline)"), "pipeline"),
    "import spacy": (("-c", "import spacy; print(spacy.blank('en'))"), "English"),
}  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=10)
    given = options.parse_args()
    known = {name: found for name, found in COMMANDS.items() if _works(*found)}
    taken: dict[str, list[float]] = {name: [] for name in known}
    for _ in range(given.rounds):  # in turns, so that all meet the same load
        for name, (words, _) in known.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, *words], check=True, capture_output=True)
            taken[name].append(time.perf_counter() - begun)
    print("| command | least s | median s |\n|---|---|---|")
    for name, seconds in taken.items():
        print(f"| {name} | {min(seconds):.2f} | {statistics.median(seconds):.2f} |")


def _works(words: Sequence[str], said: str) -> bool:
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    ours = "nerharness" in " ".join(words)
    assert not ours or (ran.returncode == 0 and said in ran.stdout), ran.stderr
    return ran.returncode == 0 and said in ran.stdout


if __name__ == "__main__":
    main()
