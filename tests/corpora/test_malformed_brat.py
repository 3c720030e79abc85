"""Malformed brat."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora.formats import place

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus, open_reader


def test_brat_events_that_refer_to_themselves_are_an_error(tmp_path: Path, host: Host) -> None:
    (tmp_path / "n.txt").write_text("no rash")
    (tmp_path / "n.ann").write_text("T1\tSign 3 7\trash\nE1\tX:T1 Of:E2\nE2\tX:T1 Of:E1\n")
    with pytest.raises(CorpusError, match=r"n\.ann:2: E1 refers to itself"):
        read_corpus(open_reader(host, str(tmp_path))[0], tmp_path, None)


def test_a_long_chain_of_events_is_no_circle_and_takes_little_time(
    tmp_path: Path, host: Host
) -> None:
    chain = "".join(f"E{n}\tX:E{n + 1}\n" for n in range(20_000))
    content = f"T1\tS 11 15\trash\n{chain}E20000\tX:T1\n"
    wanted, _ = place(tmp_path / "in", "brat", content.encode())
    assert load_corpus(host, wanted, None)
