"""Judge how fast nerharness is beside a peer in the same run, against ratios measured before.

    python -m benchmarks.ratios FILE [--update]

FILE is the JSON of `benchmarks/check_ratios.py`. A ratio is the median over the turns of the peer's
time divided by ours. One that has lost 30 % against `ratios.toml` fails (exit status 1);
`--update` stores what was measured. The core has a path for each width of vectors and the peers
have not, so that ratios differ between processors by their widest: each has a table of its own.
"""

import argparse
import json
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

STORED: Final = Path(__file__).with_name("ratios.toml")
LOSS: Final = 0.30
WIDEST: Final = {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vbmi2"}
HEADER: Final = "# How many times faster than the peer; written by `make bench-check UPDATE=1`.\n"


def main() -> None:
    """Print every ratio; exit with 1 if one has lost too much or was not measured."""
    parser = argparse.ArgumentParser(description="Compare measured ratios with the stored ones.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--update", action="store_true", help="store the measured ratios")
    given = parser.parse_args()
    found = json.loads(given.file.read_text(encoding="utf-8"))
    measured = ratios(found["benchmarks"])
    path = vectors(found["machine_info"]["cpu"].get("flags", ()))
    stored = tomllib.loads(STORED.read_text(encoding="utf-8"))
    if given.update:
        STORED.write_text(written({**stored, path: measured}), encoding="utf-8")
        return
    print(f"vectors: {path}")
    if path not in stored:
        print(f"no ratios are stored for such a processor: {measured}")
        return
    losses = judge(measured, stored[path])
    if losses:
        raise SystemExit("\n".join(losses))


def vectors(flags: Collection[str]) -> str:
    """Return the widest vectors for which the core has a path, by the processor's flags."""
    if set(flags) >= WIDEST:
        return "avx512"
    return "avx2" if "avx2" in flags else "other"


def written(tables: Mapping[str, Mapping[str, float]]) -> str:
    """Return the text of the file with these ratios, a table for each path."""
    return HEADER + "".join(
        f"\n[{path}]\n" + "".join(f'"{pair}" = {ratio:.3g}\n' for pair, ratio in table.items())
        for path, table in tables.items()
    )


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
