"""Print the results of `pytest benchmarks --benchmark-json FILE` as Markdown tables.

    python -m benchmarks.table FILE

Speeds are those of the fastest round: what other processes take is the least there.
"""

import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.contestants import NAMES
from benchmarks.notes import SHARES
from benchmarks.peers import PEERS, PeerMissingError, load
from benchmarks.real import CORPORA

Group: TypeAlias = dict[str, dict[str, Any]]  # results by the contestant's name

DRAWING: Final = "10,000 draws of 2,000 rows"
ENGINE: Final = "10,000 units through the engine, instant backend"
SIZES: Final = ("200", "2000", "20000")
PACKAGES: Final = (
    "nerharness",
    "rapidfuzz",
    "edlib",
    "sassy-rs",
    "spaczz",
    "spacy",
    "langextract",
    "llm-ie",
    "seqeval",
    "numpy",
    "torch",
    "transformers",
    "sentence-transformers",
    "faiss-cpu",
    "bm25s",
)


def main(path: Path) -> None:
    """Print all tables of one JSON file."""
    results = json.loads(path.read_text(encoding="utf-8"))
    groups: dict[str, Group] = {}
    for result in results["benchmarks"]:
        group = groups.setdefault(result["group"], {})
        group[result["extra_info"]["name"]] = {**result["extra_info"], **result["stats"]}
    print(f"Measured {results['datetime'][:10]} on {_machine(results['machine_info'])}.\n")
    real = (_real(groups.get(corpus, {}), corpus) for corpus in CORPORA)
    titles = {"tags": "tags and tokens", "resampling": DRAWING, "engine": ENGINE}
    titles["retrieval"] = "retrieval with all-MiniLM-L6-v2"
    timed = (_times(groups, group, title) for group, title in titles.items())
    for block in (_speeds(groups), _kinds(groups), *real, _threads(groups), *timed):
        print(*block, "", sep="\n")
    for line in _missing(groups):
        print(line)


def _speeds(groups: Mapping[str, Group]) -> Iterator[str]:
    yield from _head(
        "synthetic notes",
        "mentions/s 200 / 2k / 20k",
        "right offsets % (2k)",
        "right occurrence % (2k)",
        "false on invented % 2k / 20k",
    )
    for name in NAMES:
        rows = [groups.get(size, {}).get(name) for size in SIZES]
        speeds = " / ".join(_rate(row, "mentions") for row in rows)
        shares = [_share(rows[1], key) for key in ("offsets", "occurrence")]
        yield _line(
            name, speeds, *shares, f"{_share(rows[1], 'false')} / {_share(rows[2], 'false')}"
        )


def _kinds(groups: Mapping[str, Group]) -> Iterator[str]:
    kinds = [kind for kind in SHARES if kind != "invented"]
    yield from _head("2k: right offsets / occurrence %", *kinds)
    for name in NAMES:
        row = groups.get("2000", {}).get(name, {})
        parts = [row.get(f"{measure} by kind", {}) for measure in ("offsets", "occurrence")]
        yield _line(name, *(" / ".join(_share(part, kind) for part in parts) for kind in kinds))


def _real(group: Group, corpus: str) -> Iterator[str]:
    measures = ("mentions/s", "right offsets %", "right occurrence %", "false on invented %")
    yield from _head(corpus, *measures)
    for name in NAMES if group else ():
        row = group.get(name)
        shares = (_share(row, key) for key in ("offsets", "occurrence", "false"))
        yield _line(name, _rate(row, "mentions"), *shares)
    if not group:
        yield "\nNot measured: NERHARNESS_DATA names no folder with this corpus."


def _threads(groups: Mapping[str, Group]) -> Iterator[str]:
    group = groups.get("threads", {})
    yield from _head("align_batch, 2k notes: threads", "mentions/s", "speed-up")
    for threads, row in group.items():
        yield _line(threads, _rate(row, "mentions"), f"{group['1']['min'] / row['min']:.2f}")


def _times(groups: Mapping[str, Group], group: str, title: str) -> Iterator[str]:
    yield from _head(title, "milliseconds", "per second")
    for name, row in groups.get(group, {}).items():
        yield _line(name, f"{1000 * row['min']:,.1f}", _rate(row, "items"))


def _missing(groups: Mapping[str, Group]) -> Iterator[str]:
    for name in PEERS:
        if not any(name in group for group in groups.values()):
            try:
                load(name)
            except PeerMissingError as error:
                yield f"Not installed: {error}."
            else:
                yield f"Not measured: {name}."


def _rate(row: Mapping[str, Any] | None, items: str) -> str:
    if row is None:
        return "–"
    rate = row[items] / row["min"]
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if rate >= 0.995 * unit:
            return f"{rate / unit:.{0 if rate >= 9.95 * unit else 1}f}{letter}"
    return f"{rate:.0f}"


def _share(row: Mapping[str, Any] | None, key: str) -> str:
    return f"{row[key]:.0f}" if row and key in row else "–"


def _head(*names: str) -> Iterator[str]:
    yield _line(*names)
    yield f"|{'---|' * len(names)}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _machine(info: Mapping[str, Any]) -> str:
    cpu = info.get("cpu", {})
    name = cpu.get("brand_raw") or info.get("processor") or platform.machine()
    return (
        f"{cpu.get('count', '?')} cores of {name}, {info['system']}; "
        f"Python {info['python_version']}; {', '.join(_versions(PACKAGES))}"
    )


def _versions(packages: Iterable[str]) -> Iterator[str]:
    for package in packages:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"{package} not installed"


def _arguments(given: Sequence[str]) -> Path:
    if len(given) != 1:
        raise SystemExit("usage: python -m benchmarks.table FILE")
    return Path(given[0])


if __name__ == "__main__":
    main(_arguments(sys.argv[1:]))
