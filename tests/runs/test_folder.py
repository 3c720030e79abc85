"""The run folder on disk: what is written is read back, and what is damaged is never read."""

from __future__ import annotations

import errno
import json
import os
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.errors import RunError
from nerharness.journal import Writer, line_of
from nerharness.runs.folder import RunFolder, write_json
from nerharness.runs.record import Exchange, Outputs, Record
from nerharness.runs.spending import spent_before
from nerharness.types import Entity, Mention, Sampling, Span, Usage
from nerharness.whole_files import make_new_folder

DESCRIPTION = {"labels": [{"name": "sign", "definition": ""}], "spec": {"seed": 0}}

RICH = Record(
    id="n-ä",
    text="Sjögren 🧬 fièvre.\u2028Muscle weakness",
    tokens=(Span(0, 7), Span(8, 9)),
    gold=(Entity("sign", (Span(0, 7), Span(10, 16))),),
    entities=(Entity.at("sign", 10, 16), Entity.at("disease", 0, 7)),
    tiers={"exact": 1, "fuzzy": 1},
    ungrounded=(Mention("größe", "sign"),),
    outputs=Outputs(total=2, repaired=1, problems={"cut": 1}),
    transcript=(Exchange((("system", "é"), ("user", "🧬\r\n\u0085")), '["x"]', "stop"),),
    usage=Usage(7, 3),
    seconds=0.25,
    error="no\nmemory",
)
PLAIN = Record("n1", "a", (), (), ())


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "run", DESCRIPTION)


def journal(folder: RunFolder) -> Path:
    return folder.path / "journal.jsonl"


def test_a_new_folder_holds_its_description_and_no_record(tmp_path: Path) -> None:
    path = tmp_path / "some" / "where"
    folder = RunFolder.create(path, DESCRIPTION)
    assert sorted(file.name for file in path.iterdir()) == ["journal.jsonl", "run.json"]
    assert journal(folder).stat().st_size == 0
    assert RunFolder.open(path).description() == {"schema": 1, **DESCRIPTION}
    assert list(folder.records()) == []


def test_a_run_outlives_the_machine_from_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flush(file: int) -> None:
        flushed.append(os.fstat(file).st_ino)

    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flush)
    path = tmp_path / "run"
    RunFolder.create(path, DESCRIPTION)
    assert {one.stat().st_ino for one in (path / "run.json", path, tmp_path)} <= set(flushed)


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    RunFolder.create(tmp_path, DESCRIPTION)
    assert (tmp_path / "run.json").is_file()


def test_records_come_back_in_order(folder: RunFolder) -> None:
    for record in (RICH, PLAIN):
        folder.append(record)
    assert list(RunFolder.open(folder.path).records()) == [RICH, PLAIN]


def test_the_journal_is_one_line_of_json_per_record(folder: RunFolder) -> None:
    for record in (RICH, PLAIN, replace(RICH, id="another")):
        folder.append(record)
    lines = journal(folder).read_bytes().split(b"\n")
    assert lines[-1] == b""
    assert [json.loads(line)["id"] for line in lines[:-1]] == ["n-ä", "n1", "another"]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
name = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
counts = st.integers(0, 10**9)
span = st.tuples(st.integers(0, 99), st.integers(1, 9)).map(lambda p: Span(p[0], p[0] + p[1]))


@st.composite
def entities(draw: st.DrawFn) -> Entity:
    edges = draw(st.lists(st.integers(0, 200), min_size=2, max_size=6, unique=True).map(sorted))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return Entity(draw(name), tuple(Span(start, end) for start, end in pairs))


def tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


records = st.builds(
    Record,
    id=text,
    text=text,
    tokens=tuples(span),
    gold=tuples(entities()),
    entities=tuples(entities()),
    tiers=st.dictionaries(st.sampled_from(["exact", "folded", "fuzzy"]), counts),
    ungrounded=tuples(st.builds(Mention, text, name)),
    outputs=st.builds(
        Outputs, counts, counts, counts, counts, problems=st.dictionaries(name, counts, max_size=3)
    ),
    transcript=tuples(
        st.builds(
            Exchange,
            tuples(st.tuples(st.sampled_from(["system", "user", "assistant"]), text)),
            text,
            st.sampled_from(["stop", "length", "filtered", "error"]),
            sampling=st.none() | st.builds(Sampling, st.floats(0.1, 2), counts),
        )
    ),
    usage=st.builds(Usage, counts, counts),
    seconds=st.floats(0, 1e6),
    error=st.none() | text,
)


@settings(deadline=None)
@given(record=records)
def test_a_record_is_the_same_after_a_way_through_json(record: Record) -> None:
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


@settings(deadline=None, max_examples=40)
@given(written=st.lists(records, max_size=3, unique_by=lambda record: record.id))
def test_records_are_the_same_after_a_way_over_the_disk(
    tmp_path_factory: pytest.TempPathFactory, written: list[Record]
) -> None:
    folder = RunFolder.create(tmp_path_factory.mktemp("run"), DESCRIPTION)
    for record in written:
        folder.append(record)
    assert list(folder.records()) == written


def test_a_torn_last_line_is_no_record_wherever_it_is_torn(folder: RunFolder) -> None:
    folder.append(PLAIN)
    kept = journal(folder).stat().st_size
    folder.append(RICH)
    whole = journal(folder).read_bytes()
    for size in range(kept, len(whole)):
        journal(folder).write_bytes(whole[:size])
        assert list(folder.records()) == [PLAIN], size


def test_a_torn_last_line_is_mended_wherever_it_is_torn(folder: RunFolder) -> None:
    folder.append(PLAIN)
    kept = journal(folder).stat().st_size
    folder.append(RICH)
    whole = journal(folder).read_bytes()
    line = whole[kept:]
    for size in range(len(whole)):
        journal(folder).write_bytes(whole[:size])
        folder.mend()
        complete = kept if size >= kept else 0
        assert journal(folder).read_bytes() == whole[:complete], size
    journal(folder).write_bytes(whole[:-1])
    folder.mend()
    folder.append(RICH)
    assert journal(folder).read_bytes() == whole[:kept] + line


def test_mending_a_whole_or_an_empty_journal_changes_nothing(folder: RunFolder) -> None:
    folder.mend()
    assert journal(folder).read_bytes() == b""
    folder.append(RICH)
    before = journal(folder).read_bytes()
    folder.mend()
    assert journal(folder).read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"5",
        b"{}",
        b'{"id": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"\x00" * 64,
    ],
    ids=lambda damage: damage[:8].decode(errors="replace") or "blank",
)
def test_a_damaged_line_is_an_error_with_its_number(folder: RunFolder, damage: bytes) -> None:
    for record in (PLAIN, RICH, PLAIN):
        folder.append(record)
    lines = journal(folder).read_bytes().split(b"\n")
    lines[1] = damage
    journal(folder).write_bytes(b"\n".join(lines))
    with pytest.raises(RunError) as caught:
        list(folder.records())
    assert caught.value.where == f"{journal(folder)}:2"


@settings(deadline=None, max_examples=150)
@given(place=st.integers(0), byte=st.binary(min_size=1, max_size=2))
def test_a_changed_byte_is_an_error_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: bytes
) -> None:
    folder = RunFolder(tmp_path_factory.getbasetemp())
    with folder:
        folder.append(RICH)
    line = journal(folder).read_bytes()
    place %= len(line) - 1
    changed = line[:place] + byte.replace(b"\n", b" ") + line[place + 1 :]
    journal(folder).write_bytes(changed + line_of(PLAIN.to_json()))
    try:
        if changed == line:
            assert list(folder.records()) == [RICH, PLAIN]
        else:
            with pytest.raises(RunError) as error:
                list(folder.records())
            assert error.value.where == f"{journal(folder)}:1"
    finally:
        journal(folder).unlink()


def test_a_letter_in_the_middle_of_a_text_cannot_change_unnoticed(folder: RunFolder) -> None:
    for record in (PLAIN, RICH):
        folder.append(record)
    whole = journal(folder).read_text(encoding="utf-8")
    journal(folder).write_text(whole.replace("Muscle", "Mussle"), encoding="utf-8")
    with pytest.raises(RunError, match=r"damaged line: its checksum.*--resume") as error:
        list(folder.records())
    assert error.value.where == f"{journal(folder)}:2"


def test_the_checksum_is_that_of_zlib_over_the_rest_of_the_line(folder: RunFolder) -> None:
    folder.append(RICH)
    head, _, rest = journal(folder).read_bytes().partition(b", ")
    assert json.loads(head + b"}") == {"crc32": f"{zlib.crc32(rest[:-1]):08x}"}
    assert json.loads(b"{" + rest) == RICH.to_json() | {"transcript": ANY}


def test_a_journal_of_an_earlier_version_is_read_and_gone_on_with(folder: RunFolder) -> None:
    journal(folder).write_text(json.dumps(PLAIN.to_json()) + "\n", encoding="utf-8")
    folder.append(RICH)
    assert list(folder.records()) == [PLAIN, RICH]


def test_a_folder_is_written_by_one_at_a_time(folder: RunFolder) -> None:
    folder.append(PLAIN)
    other = RunFolder.open(folder.path)
    with pytest.raises(RunError, match=r"another process is writing.*--out"):
        other.claim()
    assert list(other.records()) == [PLAIN], "reading is free"
    folder.close()
    other.append(RICH)
    assert list(folder.records()) == [PLAIN, RICH]


def test_two_runs_that_begin_at_once_do_not_share_a_folder(tmp_path: Path) -> None:
    first = RunFolder.create(tmp_path, DESCRIPTION)
    (tmp_path / "run.json").unlink()  # as if the first had come no further yet
    with pytest.raises(RunError, match="another process is writing"):
        RunFolder.create(tmp_path, {"other": 1})
    first.close()
    RunFolder.create(tmp_path, {"other": 1})  # what was broken off is no run


def test_a_start_beside_another_that_puts_its_description_in_its_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was listed may be gone when it is looked at."""

    def list_late(path: Path) -> Iterator[Path]:
        files = list(files_of(path))
        (tmp_path / "run.json.part").replace(tmp_path / "run.json")
        return iter(files)

    RunFolder.create(tmp_path, DESCRIPTION).close()
    (tmp_path / "run.json").replace(tmp_path / "run.json.part")
    files_of = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", list_late)
    with pytest.raises(RunError, match="holds another run"):
        RunFolder.create(tmp_path, {"other": 1})
    assert RunFolder.open(tmp_path).description() == {"schema": 1, **DESCRIPTION}


def test_a_start_broken_off_before_its_description_stood_in_its_place_is_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(path: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    folder = RunFolder(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        folder.fill(DESCRIPTION)
    folder.close()
    assert (tmp_path / "run.json.part").is_file()
    monkeypatch.undo()
    again = RunFolder.create(tmp_path, {"other": 1})
    assert again.description() == {"schema": 1, "other": 1}
    assert not (tmp_path / "run.json.part").exists()


def test_a_run_that_ended_while_another_was_about_to_begin_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim_late(folder: RunFolder) -> None:
        monkeypatch.undo()
        RunFolder.create(tmp_path, DESCRIPTION).close()
        claim(folder)

    claim = RunFolder.claim
    monkeypatch.setattr(RunFolder, "claim", claim_late)
    with pytest.raises(RunError, match="holds another run"):
        RunFolder.create(tmp_path, {"other": 1})
    assert RunFolder.open(tmp_path).description() == {"schema": 1, **DESCRIPTION}


def test_a_folder_that_cannot_be_locked_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    with pytest.warns(UserWarning, match=r"cannot be locked \(No locks available\)"):
        folder = RunFolder.create(tmp_path, DESCRIPTION)
    folder.append(PLAIN)
    assert list(folder.records()) == [PLAIN]


@pytest.mark.parametrize("part", [0, 40])
def test_a_full_disk_leaves_what_was_written_and_can_be_gone_on_from(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    def fail(file: int, data: bytes) -> int:
        nonlocal part
        if part:
            written, part = os_write(file, data[:part]), 0
            return written
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder.append(PLAIN)
    before = journal(folder).read_bytes()
    os_write = os.write
    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(RunError, match=r"No space left on device.*--resume"):
        folder.append(RICH)
    monkeypatch.undo()
    assert journal(folder).read_bytes() == before
    folder.append(RICH)
    assert list(folder.records()) == [PLAIN, RICH]


def test_a_disk_that_takes_nothing_more_is_told_of_at_the_latest_at_the_end(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    folder.append(PLAIN)
    with pytest.raises(RunError, match="cannot be written: Input/output error"):
        folder.close()


def test_a_folder_that_is_forgotten_in_the_middle_of_a_flush_is_let_go_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the garbage collector runs in the thread that flushes."""

    def flush(file: int) -> None:
        writers.clear()
        forgotten.set()

    forgotten = threading.Event()
    monkeypatch.setattr(os, "fsync", flush)
    writers = [Writer(tmp_path / "journal.jsonl")]
    writers[0].append({"id": "x"})
    assert forgotten.wait(60)
    other = Writer(tmp_path / "journal.jsonl")
    monkeypatch.undo()
    other.close()


def test_what_is_written_is_flushed_when_the_folder_is_closed(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flush(file: int) -> None:
        sizes.append(os.fstat(file).st_size)

    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", flush)
    for number in range(50):
        folder.append(replace(PLAIN, id=str(number)))
    folder.close()
    assert sizes[-1] == journal(folder).stat().st_size
    assert len(sizes) < 50, "many lines at once"


@pytest.mark.parametrize("second", [PLAIN, replace(PLAIN, error="no memory")])
def test_a_document_that_stands_twice_is_refused(folder: RunFolder, second: Record) -> None:
    folder.append(PLAIN)
    folder.append(second)
    with pytest.raises(RunError, match="stands twice") as error:
        list(folder.records())
    assert error.value.where == f"{journal(folder)}:2"


def test_of_a_document_that_failed_the_last_record_counts(folder: RunFolder) -> None:
    again, third = replace(RICH, usage=Usage(1, 1, cost=2.0)), replace(RICH, error=None)
    for record in (RICH, PLAIN, again, third):
        folder.append(record)
    assert list(folder.records()) == [PLAIN, third]
    assert list(folder.attempts()) == [RICH, PLAIN, again, third]
    assert folder.score(("sign",), None).usage == Usage(7, 3)
    assert spent_before(folder).cost == 2, "what failed attempts cost is spent all the same"


def sitting(path: Path, *journaled: float, spent: float | None = None) -> RunFolder:
    """Have a run journal documents of these costs, and tell what it spent unless it is killed."""
    with RunFolder.open(path) as folder:
        before = len(list(folder.attempts()))
        for number, cost in enumerate(journaled, start=before):
            folder.append(replace(PLAIN, id=str(number), usage=Usage(1, 1, cost=cost)))
        if spent is not None:
            folder.observe({"spent": spent})
    return folder


def test_what_a_killed_sitting_journaled_is_spent_besides_what_the_others_tell(
    folder: RunFolder,
) -> None:
    folder.close()
    sitting(folder.path, 2.0, 4.0)
    assert spent_before(folder).cost == 6
    sitting(folder.path, 1.0, spent=7.0)
    assert spent_before(folder).cost == 13, "six are of documents that were not finished"
    sitting(folder.path, spent=2.0)
    assert spent_before(folder).cost == 15
    sitting(folder.path, 3.0)
    sitting(folder.path, 1.0, spent=1.0)
    assert spent_before(folder).cost == 19


def test_what_is_journaled_later_than_it_was_paid_is_spent_once(folder: RunFolder) -> None:
    folder.close()
    sitting(folder.path, spent=9.0)
    sitting(folder.path, 9.0, spent=0.0)
    assert spent_before(folder).cost == 9


def test_a_sitting_that_tells_nothing_of_money_tells_what_it_journaled(folder: RunFolder) -> None:
    folder.close()
    sitting(folder.path, spent=9.0)
    with RunFolder.open(folder.path) as again:
        again.append(replace(PLAIN, usage=Usage(1, 1, cost=9.0)))
        again.observe({})
    assert spent_before(folder).cost == 9


def test_what_a_killed_sitting_paid_is_spent_when_another_journals_it(folder: RunFolder) -> None:
    folder.close()
    sitting(folder.path, 9.0, spent=0.0)
    assert spent_before(folder).cost == 9


def test_sittings_of_earlier_versions_count_as_they_did(folder: RunFolder) -> None:
    folder.append(replace(PLAIN, usage=Usage(1, 1, cost=2.0)))
    write_json(
        folder.path / "run.json", {"schema": 1, "observed": [{"spent": 3.0}, {"answered": []}]}
    )
    assert spent_before(folder).cost == 3


def test_a_folder_with_another_run_is_refused(folder: RunFolder) -> None:
    before = (folder.path / "run.json").read_bytes()
    with pytest.raises(RunError, match=r"holds another run.*--resume"):
        RunFolder.create(folder.path, {"other": 1})
    assert (folder.path / "run.json").read_bytes() == before


def test_a_folder_with_anything_else_and_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(RunError, match="not an empty folder"):
            RunFolder.create(path, DESCRIPTION)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_place_where_no_folder_can_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot write the run folder"):
        RunFolder.create(tmp_path / "file" / "run", DESCRIPTION)


def test_what_is_no_run_cannot_be_opened(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "no run.json in it"), (tmp_path / "nowhere", "no such folder")):
        with pytest.raises(RunError, match=f"not a run folder: {why}; give a folder"):
            RunFolder.open(path)


@pytest.mark.parametrize("schema", [2, "1", None])
def test_a_run_of_another_schema_is_refused_with_advice(folder: RunFolder, schema: Any) -> None:
    write_json(folder.path / "run.json", {**DESCRIPTION, "schema": schema})
    with pytest.raises(RunError, match=f"schema {schema}, but this version reads 1"):
        folder.description()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"{}", b"\xff"])
def test_a_damaged_description_is_an_error_that_names_it(folder: RunFolder, content: bytes) -> None:
    (folder.path / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"run\.json: unreadable"):
        folder.description()


def test_scoring_twice_gives_the_same_bytes(folder: RunFolder) -> None:
    for record in (RICH, PLAIN, replace(RICH, id="another")):
        folder.append(record)
    scored = []
    for _ in range(2):
        folder.score(("sign", "disease"))
        scored.append((folder.path / "scores.json").read_bytes())
    assert scored[0] == scored[1]
    assert json.loads(scored[0])["documents"] == {"total": 3, "failed": 2}


def test_scores_do_not_depend_on_the_order_of_the_records(tmp_path: Path) -> None:
    scored = []
    for place, order in enumerate([(RICH, PLAIN), (PLAIN, RICH)]):
        folder = RunFolder.create(tmp_path / str(place), DESCRIPTION)
        for record in order:
            folder.append(record)
        folder.score(("sign",))
        scored.append((folder.path / "scores.json").read_bytes())
    assert scored[0] == scored[1]


def test_runs_without_a_name_of_their_own_never_share_a_folder(tmp_path: Path) -> None:
    """All are asked for before the first is made, as by processes that load their models."""
    folders = [RunFolder(tmp_path / "runs" / "now", numbered=True) for _ in range(3)]
    for folder in folders:
        folder.check_free()
    assert not (tmp_path / "runs").exists()
    for number, folder in enumerate(folders):
        folder.fill({"number": number})
    assert [folder.path.name for folder in folders] == ["now", "now-2", "now-3"]
    assert [RunFolder.open(f.path).description()["number"] for f in folders] == [0, 1, 2]
    for folder in folders:
        folder.close()


def test_processes_that_make_a_folder_at_once_get_one_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make_new_folder, [tmp_path / "a" / "now"] * 40))
    assert len(set(made)) == 40
    assert all(path.is_dir() for path in made)
