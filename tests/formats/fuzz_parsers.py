"""Feeds the parsers of all formats with answers until time is up: `make fuzz-parsers`.

With atheris (`pip install atheris`) new answers are made of those that reach new lines of the
parsers; without it they are mutated gold answers, from another seed each time.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))


def with_atheris(seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["nerharness.formats"]):
        from formats.invariants import FORMATS, TEXTS, asked_of, check, sample, whole
        from formats.mutation import mutated

    def fixed() -> random.Random:
        return random.Random(0)

    units = [whole(sample(text, fixed())) for text in TEXTS]
    forms = [*FORMATS.values()]

    def one(data: bytes) -> None:
        which, about = data[:1] or b"0", data[1:2] or b"0"
        form, unit = forms[which[0] % len(forms)], units[about[0] % len(units)]
        check(form, data[2:].decode(errors="surrogateescape"), unit, asked_of(form, fixed()))

    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(itertools.islice(mutated(time.time_ns()), 3000)):
            which = bytes([[*FORMATS].index(case[0]), number % len(units)])
            Path(folder, str(number)).write_bytes(which + case[2].encode(errors="replace"))
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={seconds}", "-max_len=2048", "-timeout=10", folder], one
        )
        atheris.Fuzz()


def with_mutations(seconds: int) -> None:
    from formats.invariants import check
    from formats.mutation import mutated

    seed, begun = time.time_ns(), time.monotonic()
    for number, (name, form, answer, unit, labels) in enumerate(mutated(seed)):
        if time.monotonic() - begun > seconds:
            print(f"{number} answers in {seconds} s, seed {seed}: nothing found")
            return
        try:
            check(form, answer, unit, labels)
        except Exception:
            print(f"{name} fails on {answer!r}\nabout {unit.text!r} and {labels.names}")
            raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--without-atheris", action="store_true")
    given = parser.parse_args()
    if given.without_atheris or importlib.util.find_spec("atheris") is None:
        with_mutations(given.seconds)
    else:
        with_atheris(given.seconds)


if __name__ == "__main__":
    main()
