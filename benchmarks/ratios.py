"""Judge how fast nerharness is beside a peer in the same run, against ratios measured before.

    python -m benchmarks.ratios FILE [--update]

FILE is the JSON of `benchmarks/check_ratios.py`. A ratio is the median over the turns of the peer's
time divided by ours. One that has lost 30 % against `ratios.toml` fails (exit status 1);
`--update` writes the file anew.
"""

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

STORED: Final = Path(__file__).with_name("ratios.toml")
LOSS: Final = 0.30
HEADER: Final = "# How many times faster than the peer; written by `make bench-check UPDATE=1`.\n"


def main() -> None:
    """Print every ratio; exit with 1 if one has lost too much or was not measured."""
    parser = argparse.ArgumentParser(description="Compare measured ratios with the stored ones.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--update", action="store_true", help="store the measured ratios")
    given = parser.parse_args()
    measured = ratios(json.loads(given.file.read_text(encoding="utf-8"))["benchmarks"])
    if given.update:
        lines = [f'"{pair}" = {ratio:.3g}\n' for pair, ratio in measured.items()]
        STORED.write_text(HEADER + "".join(lines), encoding="utf-8")
        return
    losses = judge(measured, tomllib.loads(STORED.read_text(encoding="utf-8")))
    if losses:
        raise SystemExit("\n".join(losses))


def ratios(results: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """For each pair the median over the turns of the peer's time divided by ours."""
    times: dict[str, dict[int, dict[str, float]]] = {}
    for result in results:
        facts = result["extra_info"]
        turns = times.setdefault(facts["pair"], {})
        turns.setdefault(facts["turn"], {})[facts["side"]] = result["stats"]["min"]
    return {
        pair: median(turn["peer"] / turn["ours"] for turn in turns.values())
        for pair, turns in times.items()
    }


def judge(measured: Mapping[str, float], stored: Mapping[str, float]) -> list[str]:
    """Print a line for each pair; the answer says what is wrong, a line for each."""
    wrong = [f"{pair}: stored, but not measured" for pair in stored if pair not in measured]
    for pair, ratio in measured.items():
        if pair not in stored:
            wrong.append(f"{pair}: not in {STORED.name}; run with --update")
            continue
        change = ratio / stored[pair] - 1
        print(f"{pair}: {ratio:.3g} times as fast, was {stored[pair]:.3g} ({change:+.0%})")
        if change <= -LOSS:
            wrong.append(
                f"{pair}: slower by {-change:.0%} beside the peer, {LOSS:.0%} is too much; "
                "find out why, or store the new ratio with --update and say why"
            )
    return wrong


if __name__ == "__main__":
    main()
